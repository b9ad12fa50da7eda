"""Grids as Datasets: the program's numbers, its store, its files."""
import contextlib
import filecmp
import pathlib
import sqlite3

import numpy as np
import pandas
import pytest

import reprise as rp
from test_manners import Interrupter

PROBLEM = rp.Problem("z1 + He2(z1)", rp.Student("relu", second_layer=[1.0, -1.0], output_scale="inverse_sqrt"))
DESCENT = rp.GradientDescent(1.0, samples_per_dimension=2, steps=3)
ONE = rp.Experiment(PROBLEM, DESCENT, {"theory": rp.DMFT(points=256, scrambles=4)})
OVER = {"learning_rate": np.geomspace(0.05, 2, 4), "samples_per_dimension": [1, 4]}
ASKED = {"observable": ["max_overlap", "generalisation_error"], "boundary": {"along": "learning_rate", "level": 0.4}}


def stored(path):
    """What a store has of each point, and how long it took."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT point, wall_time_s, record FROM points ORDER BY point").fetchall()


def test_points_are_the_experiments_at_them():
    grid = rp.sweep(ONE, OVER, **ASKED)
    assert grid.max_overlap.dims == ("learning_rate", "samples_per_dimension")
    assert grid.learning_rate.attrs == {"key": "training.learning_rate", "scale": "log"}
    assert grid.learning_rate.values == pytest.approx(OVER["learning_rate"])
    assert (grid.max_overlap_outcome == "measured").all() and (grid.max_overlap_se > 0).all()
    point = grid.sel(samples_per_dimension=4).isel(learning_rate=2)
    alone = rp.solve(PROBLEM, DESCENT.replace(learning_rate=float(point.learning_rate), samples_per_dimension=4),
                     rp.DMFT(points=256, scrambles=4), seed=5)
    assert float(point.max_overlap) == pytest.approx(alone.max_overlap[-1], abs=0.05)
    assert grid.boundary.dims == ("samples_per_dimension",)
    assert 0.05 < float(grid.boundary.sel(samples_per_dimension=4)) < 2
    assert grid.attrs["failures"] == "" and "boundary" in grid.attrs["report"]


def test_threads_change_no_bit():
    assert rp.sweep(ONE, OVER, threads=1, **ASKED).identical(rp.sweep(ONE, OVER, threads=3, **ASKED))


def test_the_numbers_and_files_of_the_program(program, tmp_path):
    small = ["curve.theory.points=256", "training.steps=2"]
    program("sweep", "examples/sweep", "--out", tmp_path / "program", "--quiet", "--figure", "none",
            *[x for o in small for x in ("--set", o)])
    grid = rp.sweep("examples/sweep", overrides=small, folder=tmp_path / "python")
    for file in ("sweep.csv", "sweep.npz", "boundary.csv"):
        assert filecmp.cmp(tmp_path / "program" / file, tmp_path / "python" / file, shallow=False), file
    table = pandas.read_csv(tmp_path / "program" / "sweep.csv", float_precision="round_trip")
    assert np.array_equal(np.sort(table["value"]), np.sort(grid.max_overlap.values.ravel()))


def test_a_sweep_of_the_program_is_gone_on_from(program, tmp_path):
    text = (pathlib.Path(rp.data_folder()) / "examples" / "sweep.toml").read_text()
    path = tmp_path / "mine.toml"
    path.write_text(text)
    small = ["curve.theory.points=256", "training.steps=2"]
    program("sweep", path, "--out", tmp_path / "out", "--quiet", "--figure", "none", "--shard", "1/2",
            *[x for o in small for x in ("--set", o)])
    (tmp_path / "out" / "shard-1-of-2.db").rename(tmp_path / "out" / "sweep.db")
    seen = []
    grid = rp.sweep(path, overrides=small, folder=tmp_path / "out", progress=lambda what, fraction: seen.append(what))
    assert grid.attrs["n_missing"] == 0
    before = stored(tmp_path / "out" / "sweep.db")
    again = rp.sweep(path, overrides=small, folder=tmp_path / "out")
    assert again.identical(grid)
    program("sweep", path, "--out", tmp_path / "out", "--quiet", "--figure", "none",
            *[x for o in small for x in ("--set", o)])
    assert stored(tmp_path / "out" / "sweep.db") == before and len(before) == 144  # nobody computed anything again


def test_another_sweep_in_the_folder_is_refused_updated_or_restarted(tmp_path):
    first = rp.sweep(ONE, OVER, folder=tmp_path / "out", **ASKED)
    more = {**OVER, "samples_per_dimension": [1, 2, 4]}
    with pytest.raises(rp.InputError, match="--update"):
        rp.sweep(ONE, more, folder=tmp_path / "out", **ASKED)
    grown = rp.sweep(ONE, more, folder=tmp_path / "out", on_change="update", **ASKED)
    assert np.array_equal(grown.max_overlap.sel(samples_per_dimension=[1, 4]), first.max_overlap)


def test_interrupts_keep_the_points_that_are_done(tmp_path):
    slow = rp.Experiment(PROBLEM, DESCENT.replace(steps=8), {"theory": rp.DMFT(points=16384)})
    over = {"learning_rate": np.geomspace(0.01, 2, 40)}
    interrupter = Interrupter(lambda what, fraction: not what.startswith("0 of"))
    with pytest.raises(KeyboardInterrupt) as raised:
        rp.sweep(slow, over, folder=tmp_path / "out", observable="max_overlap", threads=2, progress=interrupter)
    partial = raised.value.partial
    done = int((partial.max_overlap_outcome == "measured").sum())
    assert 0 < done < 40 and partial.attrs["n_missing"] == 40 - done


def test_several_curves_are_a_dimension():
    both = rp.Experiment(PROBLEM, DESCENT, {"theory": rp.DMFT(points=256), "d = 100": rp.Simulation(dimension=100, runs=4)})
    grid = rp.sweep(both, {"learning_rate": [0.1, 0.5, 1.0]}, observable="max_overlap", keep="curves")
    assert grid.max_overlap.dims == ("learning_rate", "curve")
    assert grid.M_curve.dims == ("learning_rate", "curve", "time", "neuron", "direction")
    assert grid.max_overlap.sel(curve="theory").values == pytest.approx(
        grid.max_overlap_curve.sel(curve="theory").isel(time=-1).values)


def test_power_laws_are_fitted():
    grid = rp.sweep(ONE, {"learning_rate": [0.01, 0.02, 0.04]}, observable="generalisation_error",
                    fit={"along": "learning_rate"})
    assert grid.exponent.dims == () and -1 < float(grid.exponent) < 0 and int(grid.fit_points) == 3


def test_passages_that_do_not_arrive_are_censored():
    grid = rp.sweep(ONE, {"learning_rate": [0.001, 1.5]}, observable="steps to max_overlap >= 0.3")
    name = "steps to max_overlap >= 0.3"
    assert list(grid[f"{name}_outcome"].values) == ["censored", "measured"]


def test_axes_of_words_and_of_functions():
    grid = rp.sweep(ONE, {"schedule": ["reuse", "fresh"]}, observable="max_overlap")
    assert list(grid.schedule.values) == ["reuse", "fresh"]
    swish = rp.Activation(lambda h: h / (1 + np.exp(-h)), lambda h: (1 + np.exp(-h) * (1 + h)) / (1 + np.exp(-h)) ** 2,
                          name="swish")
    grid = rp.sweep(ONE, {"activation": ["relu", swish]}, observable="max_overlap")
    assert grid.max_overlap.shape == (2,) and np.isfinite(grid.max_overlap).all()


def test_stored_sweeps_take_functions_with_a_name(tmp_path):
    def target(z1):
        return z1 + z1**2 - 1

    def of(target):
        return rp.Experiment(PROBLEM.replace(target=target), DESCENT, {"theory": rp.DMFT(points=256)})

    over = {"learning_rate": [0.1, 1.0]}
    with pytest.raises(rp.InputError, match="function with a name"):
        rp.sweep(of(rp.Target(target)), over, folder=tmp_path / "out", observable="max_overlap")
    named = of(rp.Target(target, name="second"))
    grid = rp.sweep(named, over, folder=tmp_path / "out", observable="max_overlap")
    assert rp.sweep(named, over, folder=tmp_path / "out", observable="max_overlap").identical(grid)
    assert np.allclose(rp.sweep(of(rp.Target(target)), over, observable="max_overlap").max_overlap,
                       rp.sweep(of("z1 + z1^2 - 1"), over, observable="max_overlap").max_overlap, atol=0.05)


def test_exceptions_of_functions_end_a_sweep():
    def breaks(z1):
        if len(z1) > 200:
            raise LookupError("of the target")
        return z1

    with pytest.raises(LookupError, match="of the target"):
        rp.sweep(rp.Experiment(PROBLEM.replace(target=rp.Target(breaks)), DESCENT, rp.DMFT(points=256)),
                 {"learning_rate": [0.1, 1.0]}, observable="max_overlap")


def test_keys_are_found_or_named():
    with pytest.raises(rp.InputError, match="over must have keys"):
        rp.sweep(ONE, {"learning_rates": [1, 2]}, observable="max_overlap")
    assert rp.sweep(ONE, {"points": [256, 512]}, observable="max_overlap").points.attrs["key"] == "curve.theory.points"
    with pytest.raises(rp.InputError, match="observable"):
        rp.sweep(ONE, {"learning_rate": [1, 2]}, observable="nothing")
    with pytest.raises(rp.InputError, match="shard"):
        rp.sweep(ONE, {"learning_rate": [1, 2]}, observable="max_overlap", shard=(1, 2))


def test_shards_of_python_are_merged_by_the_program(program, tmp_path):
    text = rp.experiment(ONE).to_toml() + '\n[sweep]\n"training.learning_rate" = [0.1, 0.2, 0.4]\nobservable = "max_overlap"\n'
    path = tmp_path / "mine.toml"
    path.write_text(text)
    for index in (1, 2):
        rp.sweep(path, folder=tmp_path / "out", shard=(index, 2))
    program("sweep", path, "--out", tmp_path / "out", "--merge", "--quiet", "--figure", "none")
    whole = rp.sweep(path)
    table = pandas.read_csv(tmp_path / "out" / "sweep.csv", float_precision="round_trip")
    assert np.array_equal(table["value"], whole.max_overlap.values)
