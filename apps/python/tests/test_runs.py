"""Experiments as the program runs them: the same bytes, and results in every form."""
import filecmp
import pathlib
import pickle

import numpy as np
import pandas
import pytest

import reprise as rp

ROOT = pathlib.Path(__file__).resolve().parents[3]
FIRST = ["curve.theory.points=1024", "training.steps=3"]

# Batch reuse, one pass, a gradient flow in two time-scales, another system, an end by divergence, a recursion.
SHIPPED = [
    ("examples/first", FIRST),
    ("examples/one_pass", []),
    ("berthier2023/time_scales", []),
    ("lou2024/prox_linear", ["curve.d = 200.runs=20"]),
    ("examples/diverging", []),
    ("saad1995/committee", ["training.duration=5"]),
]


def names():
    return {row.name for row in rp.catalogue().itertuples() if not row.is_sweep}


@pytest.mark.filterwarnings("ignore::reprise.RepriseWarning")
@pytest.mark.parametrize("name, overrides", SHIPPED)
def test_the_same_bytes_as_the_program(name, overrides, program, tmp_path):
    arguments = [x for o in overrides for x in ("--set", o)]
    try:
        program("run", name, "--out", tmp_path / "program", "--quiet", "--figure", "none", *arguments)
    except Exception as error:
        if getattr(error, "returncode", None) != 3:  # a curve that diverges, as one of them is to
            raise
    results = rp.Experiment.from_file(name, overrides).run(threads=2)
    results.save(tmp_path / "python")
    for file in ("curves.csv", "curves.npz"):
        assert filecmp.cmp(tmp_path / "program" / file, tmp_path / "python" / file, shallow=False), file
    table = pandas.read_csv(tmp_path / "program" / "curves.csv", float_precision="round_trip")
    ours = results.to_pandas()
    assert list(table.columns) == list(ours.columns)
    assert len(table) == len(ours)
    assert np.array_equal(table["value"], ours["value"])
    assert np.array_equal(table["standard_error"], ours["standard_error"], equal_nan=True)
    assert (table["quantity"] == ours["quantity"]).all() and (table["curve"] == ours["curve"]).all()
    for index in "ij":
        assert table[index].astype("Int64").equals(ours[index].astype("Int64"))
    loaded, again = rp.load(tmp_path / "python"), rp.run(tmp_path / "python" / "summary.json")
    for curve in results:
        assert np.array_equal(loaded[curve].t, results[curve].t) and again[curve] == results[curve]
        data = results.to_xarray().sel(curve=curve)
        for quantity in results[curve].quantities:
            assert np.array_equal(np.sort(data[quantity].values[np.isfinite(data[quantity].values)]),
                                  np.sort(results[curve][quantity][np.isfinite(results[curve][quantity])])), quantity
    assert "<table>" in results._repr_html_() and results.plot() is not None


@pytest.fixture(scope="module")
def results():
    return rp.run(rp.Experiment.from_file("examples/first", FIRST), keep_runs=True)


def test_objects_dict_text_and_path_are_one_experiment(tmp_path):
    one = rp.Experiment.from_file("examples/first", FIRST)
    expected = rp.run(one)
    path = tmp_path / "mine.toml"
    path.write_text(one.to_toml())
    for other in (one.to_dict(), one.to_toml(), path, str(path)):
        again = rp.run(other)
        assert all(again[name] == expected[name] for name in expected)
    built = rp.Experiment(one.problem, one.algorithm, one.curves, seed=one.seed)
    assert all(rp.run(built)[name] == expected[name] for name in expected)


def test_solve_is_a_curve_of_run(results):
    one = results.experiment
    name = next(iter(one.curves))
    assert rp.solve(one.problem, one.algorithm, one.curves[name], seed=one.seed) == results[name]


def test_threads_change_no_bit(results):
    alone = rp.run(results.experiment, threads=1)
    assert all(alone[name] == results[name] for name in results)


def test_arrays_have_their_shapes(results):
    for name, curve in results.items():
        n_times, p, k = curve.M.shape
        assert n_times == len(curve.t) == len(curve.step) == 4
        assert curve.Q.shape == (n_times, p, p)
        assert curve.generalisation_error.shape == (n_times,)
        assert curve.se.M.shape == curve.M.shape
        assert curve.runs.M.shape == (curve.cost["replicas"], n_times, p, k)
        assert np.allclose(curve.runs.M.mean(axis=0), curve.M, atol=1e-12) or curve.role == "theory"
        assert curve.project(np.eye(k)) == pytest.approx(curve.M)
        assert not curve.M.flags.writeable
        assert curve["M"] is curve.M and "M" in curve and "M" in dir(curve)
        assert curve.training_loss.shape == (n_times,) and np.isfinite(curve.training_loss[:-1]).all()
        with pytest.raises(AttributeError, match="there are M"):
            curve.N


def test_kernels_come_when_asked_for():
    one = rp.Experiment.from_file("examples/first", FIRST)
    theory = rp.solve(one.problem, one.algorithm, rp.DMFT(points=256), output={"kernels": True})
    p = theory.M.shape[1]
    assert theory.kernels.C.shape[2:] == (p, p)
    assert np.allclose(theory.kernels.C, theory.kernels.C.transpose(1, 0, 3, 2))


def test_xarray_names_its_dimensions(results, tmp_path):
    data = results.to_xarray()
    assert data.M.dims == ("curve", "time", "neuron", "direction")
    assert data.Q.dims == ("curve", "time", "neuron", "other_neuron")
    name = next(iter(results))
    assert data.M.sel(curve=name).values == pytest.approx(results[name].M)
    assert data.M_se.sel(curve=name, neuron=1, direction=1).values == pytest.approx(results[name].se.M[:, 0, 0])
    one = results[name].to_xarray()
    assert one.M.dims == ("time", "neuron", "direction") and one.time.attrs["clock"] == "step"


def test_what_output_asks_for_is_there():
    one = rp.Experiment.from_file("examples/first", FIRST).replace(
        output={"statistics": ["median"], "directions": [[1.0]], "runs": True})
    curve = one.run()["simulation"]
    assert np.array_equal(np.median(curve.runs.M, axis=0), curve["M:median"])
    assert np.array_equal(curve.projection, curve.M)
    data = curve.to_xarray()
    assert data["M:median"].dims == ("time", "neuron", "direction") and data.projection.dims == ("time", "neuron", "along")


def test_results_go_through_files_and_pickles(results, tmp_path):
    results.save(tmp_path / "saved")
    loaded = rp.load(tmp_path / "saved")
    assert all(np.array_equal(loaded[name].M, results[name].M) for name in results)
    assert [str(c) for c in loaded.comparisons] == [str(c) for c in results.comparisons]
    again = pickle.loads(pickle.dumps(results))
    assert all(again[name] == results[name] for name in results)
    assert again["theory"].runs.M.shape == results["theory"].runs.M.shape
    assert again.report() == results.report()
    assert pickle.loads(pickle.dumps(results["theory"])) == results["theory"]


def test_a_damaged_folder_is_refused(results, tmp_path):
    results.save(tmp_path / "saved")
    (tmp_path / "saved" / "curves.csv").write_text("nothing\n")
    with pytest.raises(rp.InputError, match="curves.csv"):
        rp.load(tmp_path / "saved")


def test_theory_and_simulation_are_compared(results):
    pair, = results.comparisons
    assert pair and pair.verdict == results.verdict == "agree"
    assert pair.n_values > 10 and pair.largest_z < pair.allowed_z
    assert "standard errors" in str(pair)
    assert rp.compare(results["theory"], results[pair.simulation]).verdict == "agree"
    assert rp.validate(results.experiment).verdict == "agree"
    with pytest.raises(rp.InputError, match="theory and of a simulation"):
        rp.validate(rp.Experiment(results.experiment.problem, results.experiment.algorithm, rp.DMFT()))


def test_other_theory_disagrees(results):
    one = results.experiment
    other = rp.solve(one.problem, one.algorithm.replace(learning_rate=0.01), rp.DMFT(points=1024))
    simulation = next(curve for curve in results.values() if curve.role == "simulation")
    assert rp.compare(other, simulation).verdict == "disagree"


def test_divergence_is_an_ending():
    problem = rp.Problem("He3(z1)", rp.Student("He3", second_layer=[1.0]))
    curve = rp.solve(problem, rp.GradientDescent(50.0, samples_per_dimension=2, steps=30), rp.DMFT(points=256))
    assert curve.ended == "diverged" and not curve.ok
    assert np.isfinite(curve.M).all() and len(curve.t) < 31
    assert "diverged after step" in curve.message
    with pytest.raises(rp.NumericalError, match="diverged"):
        curve.require_completed()


def test_warnings_are_pythons():
    problem = rp.Problem("exp(z1^2/4)", rp.Student("tanh", second_layer=[1.0]))
    with pytest.warns(rp.RepriseWarning, match="infinite variance"):
        rp.solve(problem, rp.GradientDescent(0.1, samples_per_dimension=1, steps=1), rp.DMFT(points=256))


def test_curves_may_have_settings_of_their_own():
    one = rp.Experiment.from_file("examples/first", FIRST)
    both = rp.Experiment(one.problem, one.algorithm, {
        "reuse": rp.DMFT(points=256), "fresh": rp.Curve(rp.DMFT(points=256), set={"training.schedule": "fresh"})})
    results = both.run()
    assert not np.array_equal(results["reuse"].M, results["fresh"].M)
    assert both.curves["fresh"].set == {"training.schedule": "fresh"}
    assert eval(repr(both), vars(rp)) == both


def test_times_are_chosen():
    problem = rp.Problem("erf(z1/sqrt(2))", rp.Student("erf", second_layer=[1.0]))
    curve = rp.solve(problem, rp.SGD(0.5, duration=10.0), rp.ODE(), times=np.linspace(0, 10, 5))
    assert curve.t == pytest.approx([0, 2.5, 5, 7.5, 10]) and curve.clock == "samples / d"


def test_everything_has_a_picture(results, tmp_path):
    import matplotlib.pyplot as plt

    axes = results.plot()
    assert len(axes) == 2 and axes[0].get_xlabel() == "step"
    fig, ax = plt.subplots()
    assert results["theory"].plot(ax=ax, quantities="generalisation_error", color="black") is ax
    assert rp.plot_curves({"a": results["theory"]}, quantities="M", entries=[(1, 1)]).get_legend() is not None
    with pytest.raises(rp.InputError, match="quantities must be of M"):
        results.plot(quantities="nothing")
    with plt.rc_context(rp.style("single")):
        results.plot(quantities="M").figure.savefig(tmp_path / "figure.pdf")
    plt.close("all")


def test_everything_has_a_page_in_notebooks(results):
    assert "<table>" in results._repr_html_() and "<table>" in results["theory"]._repr_html_()
    assert "agree" in results.comparisons[0]._repr_html_()
    assert "[target]" in results.experiment._repr_html_()
    assert "Results" in repr(results) and "Solution" in repr(results["theory"])


def test_exponents_of_texts_targets_and_functions():
    by_text = rp.exponents("He3(z1) + z1*z2")
    assert (by_text.leap, by_text.generative_leap, by_text.alpha_c) == (2, 1, 0)
    assert by_text.to_dict()["leap"] == by_text.leap and "leap" in str(by_text)
    as_target = rp.exponents(rp.Target("z1*z2", noise_variance=0.5), activation="relu")
    assert as_target.student["activation"] == "relu"
    function = rp.TargetFunction(lambda z1: z1**3 - 3 * z1, polynomial="He3(z1)")
    assert rp.exponents(function).leap == rp.exponents("He3(z1)").leap == 3
    assert rp.exponents(lambda z1: np.sign(z1)).leap == 1
    assert "<table>" in by_text._repr_html_()
    with pytest.raises(rp.InputError, match="noise_variance|Delta|noise"):
        rp.exponents("z1", noise_variance=-1)
    with pytest.raises(rp.InputError, match="effort"):
        rp.exponents("z1", effort=9)


def test_the_catalogue_is_the_programs(program):
    assert {"dandi2024/benchmark_a", "examples/first"} <= names()
    assert "Dandi" in rp.cite("dandi2024") and "@software" in rp.cite()
    assert rp.cite("dandi2024") == program("cite", "dandi2024")
    with pytest.raises(rp.InputError, match="examples/first"):
        rp.experiment("examples/frist")
