"""Grids of experiments, as xarray Datasets over their axes."""
from __future__ import annotations

import io
import os
import pathlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _reprise
from ._callables import lent, refuse_unnamed
from ._data import find
from ._errors import InputError
from ._experiment import Experiment, _plain, _threads, experiment
from ._manners import interrupt, progress_of
from ._results import dims_of, _row_of

if TYPE_CHECKING:
    import xarray


def _key_of(name, document, chosen):
    """The dotted key that a bare name means in this experiment."""
    if "." in name or name == "seed":
        return name
    found = []
    objects = [chosen.algorithm]
    problem = chosen.problem
    objects += [part for part in problem._given.values() if hasattr(part, "_rows")] + [problem]
    for one in objects:
        for row in one._rows:
            if name in row.fields:
                found.append(row.path(name))
    if name == "loss":
        found.append("training.loss")
    for curve, method in chosen.curves.items():
        method = getattr(method, "method", method)
        if any(name in row.fields for row in method._rows):
            found.append(f"curve.{curve}.{name}")
    found = list(dict.fromkeys(found))
    if len(found) == 1:
        return found[0]
    if not found:
        raise InputError(f"sweep: over must have keys of the experiment, dotted where they are ambiguous, got {name!r}")
    raise InputError(f"sweep: over must say which of {', '.join(found)} it means, got {name!r}")


def _document(what, over, asked):
    """(text, source, functions, document) of a sweep."""
    if isinstance(what, (str, pathlib.PurePath)) and "\n" not in str(what):
        source = find(os.fspath(what))
        text = _reprise.read_text_file(source)
        if over is None and not asked:
            return text, source, lent({})[1], None
        document = _reprise.parse_toml(text, source)
    elif isinstance(what, str):
        document, source = _reprise.parse_toml(what, "sweep.toml"), "sweep.toml"
        if over is None and not asked:
            return what, source, lent({})[1], None
    elif isinstance(what, dict):
        document, source = _plain(what), "sweep"
    else:
        chosen = experiment(what)
        document, source = chosen.to_dict(), chosen._source
    document = dict(document)
    table = dict(document.get("sweep", {}))
    if over is not None:
        alone = {key: value for key, value in document.items() if key != "sweep"}
        chosen = Experiment.from_dict(alone, source)
        for name, values in over.items():
            table[_key_of(name, document, chosen)] = _plain(values)
    table.update(_plain(asked))
    if table:
        document["sweep"] = table
    plain, functions = lent(document)
    return _reprise.toml_text(plain), source, functions, document


def sweep(what, over: Mapping[str, Any] | None = None, *, folder: str | pathlib.PurePath | None = None, threads: int = 0,
          progress: bool | Callable[[str, float], None] = False, on_change: str = "refuse",
          shard: tuple[int, int] | None = None, overrides: Sequence[str] = (), **asked: Any) -> xarray.Dataset:
    """Runs an experiment over a grid of its keys.

    what        anything that `experiment` takes, also a file with a [sweep]
    over        {"learning_rate": values, "training.samples_per_dimension": [1, 2, 4], ..}: one to three axes, by key;
                values are a list or array of numbers, texts or functions, or {"from", "to", "count", "scale"}. Three
                or more numbers of a common ratio lie on a log scale, which interpolation and refinement then use
    asked       the other keys of [sweep]: observable="max_overlap" or a list, curves, seeds, boundary={"along": ..,
                "level": ..}, refine, maximum_over, fit={"along": ..}, zip, keep="curves", set, variables, ..; the
                axes in them may be named as in `over`
    folder      where `reprise sweep --out` would write: its sweep.db is gone on from, by either of the two, and the
                files of the program are written when nothing is missing. None: nothing is kept on disk
    on_change   what to do with a folder whose sweep was another: "refuse", "update" or "restart"
    shard       (i, n): the i-th of n parts, from 1; needs a folder, whose shards the program's --merge joins
    overrides   ["training.steps=20"], as the program's --set
    threads, progress  as of `run`

    Returns an xarray Dataset over the axes (named by the last part of their keys): for each observable its value, with
    _se its standard error and with _outcome "measured", "censored" or "missing"; values that are not there are NaN, of
    a passage that did not arrive the last time. With `boundary`, `maximum_over` and `fit` the variables boundary,
    maximum and exponent (with _se and more) over the axes that are left. Of several curves there is a dimension curve.
    With keep="curves" every quantity's curves are there as <quantity>_curve over time. Attributes: report, failures,
    as_expected, plan (TOML), version.

    Ctrl-C raises KeyboardInterrupt with the Dataset of the finished points in `.partial`; the same call with a folder
    goes on from there. Functions must have a name where there is a folder, and be the same under it.

    >>> problem = Problem("z1 + He2(z1)", Student("relu", second_layer=[1.0, -1.0]))
    >>> grid = sweep(Experiment(problem, GradientDescent(1.0, samples_per_dimension=2, steps=2), DMFT(points=256)),
    ...              over={"learning_rate": [0.1, 0.5], "samples_per_dimension": [1, 4]}, observable="max_overlap")
    >>> grid.max_overlap.dims
    ('learning_rate', 'samples_per_dimension')
    """
    if on_change not in ("refuse", "update", "restart"):
        raise InputError(f'sweep: on_change must be one of "refuse", "update", "restart", got {on_change!r}')
    if shard is not None and folder is None:
        raise InputError("sweep: folder must be given with a shard, whose points it is to keep, got None")
    asked = _with_keys(asked, what, over)
    text, source, functions, document = _document(what, over, asked)
    if folder is not None and document is not None:
        refuse_unnamed(document, "sweep")
    index, count = shard or (1, 1)
    if not 1 <= index <= count:
        raise InputError(f"sweep: shard must be (i, n) with 1 <= i <= n, got {shard!r}")
    with tempfile.TemporaryDirectory() as scratch:
        place = pathlib.Path(folder if folder is not None else scratch)
        place.mkdir(parents=True, exist_ok=True)
        store = place / ("sweep.db" if count == 1 else f"shard-{index}-of-{count}.db")
        with progress_of(progress) as bar:
            data, interruption = _reprise.run_sweep(text, source, list(overrides), functions, str(store),
                                                    str(folder) if folder is not None else "", on_change, (index, count),
                                                    _threads(threads), bar)
    result = dataset_of(data) if data is not None else None
    if interruption is not None:
        interrupt(interruption, result)
    return result


def _with_keys(asked, what, over):
    """Axes in boundary, fit, refine.resolution and maximum_over as the file names them."""
    if over is None or not asked:
        return asked
    chosen = None

    def key(name):
        nonlocal chosen
        if not isinstance(name, str) or "." in name or name not in over:
            return name
        if chosen is None:
            bare = what
            if isinstance(what, dict):
                bare = {k: v for k, v in what.items() if k != "sweep"}
            chosen = experiment(bare)
        return _key_of(name, None, chosen)

    asked = dict(asked)
    for rule in ("boundary", "fit"):
        if isinstance(asked.get(rule), dict) and "along" in asked[rule]:
            asked[rule] = {**asked[rule], "along": key(asked[rule]["along"])}
    if "maximum_over" in asked:
        asked["maximum_over"] = key(asked["maximum_over"])
    if isinstance(asked.get("zip"), (list, tuple)):
        asked["zip"] = [key(z) if isinstance(z, str) else [key(n) for n in z] for z in asked["zip"]]
    if isinstance(asked.get("refine"), dict) and isinstance(asked["refine"].get("resolution"), dict):
        resolution = {key(name): value for name, value in asked["refine"]["resolution"].items()}
        asked["refine"] = {**asked["refine"], "resolution": resolution}
    return asked


def _short_names(keys):
    """Last parts of dotted keys, where these are different."""
    last = [key.rpartition(".")[2] for key in keys]
    return [name if last.count(name) == 1 else key for name, key in zip(last, keys)]


def dataset_of(data):
    """The Dataset of what the library returns."""
    import xarray

    axes = data["axes"]
    names = _short_names([axis["keys"][0]["key"] for axis in axes])
    coords = {}
    for name, axis in zip(names, axes):
        first, *zipped = axis["keys"]
        coords[name] = (name, np.array(first["values"]), {"key": first["key"], "scale": first["scale"]})
        for other in zipped:
            coords[other["key"]] = (name, np.array(other["values"]))
    places = [{site: n for n, site in enumerate(axis["sites"])} for axis in axes]
    shape = tuple(len(axis["sites"]) for axis in axes)
    curves = data["curves"]
    has_curves = len(curves) > 1
    dims = (*names, "curve") if has_curves else tuple(names)
    if has_curves:
        coords["curve"] = ("curve", np.array(curves))
    variables = {}
    for o, observable in enumerate(data["observables"]):
        value = np.full((*shape, len(curves)), np.nan)
        error, above = value.copy(), np.full((*shape, len(curves)), np.nan)
        outcome = np.full((*shape, len(curves)), "missing", dtype="<U8")
        for sites, measured in data["points"]:
            at = tuple(place[site] for place, site in zip(places, sites))
            for c, row in enumerate(measured):
                outcome[(*at, c)], value[(*at, c)], error[(*at, c)], is_above = row[o]
                above[(*at, c)] = np.nan if is_above is None else is_above
        pick = (lambda a: a) if has_curves else (lambda a: a[..., 0])
        variables[observable] = (dims, pick(value))
        variables[f"{observable}_se"] = (dims, pick(error))
        variables[f"{observable}_outcome"] = (dims, pick(outcome))
        if not np.all(np.isnan(above)):
            variables[f"{observable}_above_noise"] = (dims, pick(above))
    several = len(data["observables"]) > 1

    def reduced(rows, used, columns):
        """Variables over the axes that are left."""
        left = [n for n in range(len(axes)) if n not in used]
        size = tuple(shape[n] for n in left)
        for row in rows:
            suffix = ""
            if several and len({r["observable"] for r in rows}) > 1:
                suffix = f" of {row['observable']}"
            at = tuple(places[n].get(row["sites"][n], 0) for n in left)
            c = curves.index(row["curve"])
            only_one_curve = len({r["curve"] for r in rows}) == 1
            for name, number in columns(row).items():
                own = (*(names[n] for n in left), *(() if only_one_curve else ("curve",)))
                fill = "" if isinstance(number, str) else np.nan
                kind = "<U8" if isinstance(number, str) else float
                full = size if only_one_curve else (*size, len(curves))
                variable = variables.setdefault(name + suffix, (own, np.full(full, fill, dtype=kind)))
                variable[1][at if only_one_curve else (*at, c)] = np.nan if number is None else number

    reduced(data["boundary"], {data["boundary_axis"]},
            lambda row: {"boundary": row["measured"][1], "boundary_se": row["measured"][2],
                         "boundary_outcome": row["measured"][0]})
    reduced(data["maxima"], {data["maximum_axis"]},
            lambda row: {"maximum": row["measured"][1], "maximum_se": row["measured"][2], "maximum_at": row["where"]})
    reduced(data["fits"], set(data["fit_used"]),
            lambda row: {"exponent": row["exponent"], "exponent_se": row["error"], "prefactor": row["prefactor"],
                         "fit_points": row["n_points"], "fit_p_value": row["p_value"]})
    result = xarray.Dataset(variables, coords)
    if data["curves_csv"]:
        result = _with_curves(result, data["curves_csv"], names, [axis["keys"][0]["key"] for axis in axes])
    result.attrs.update(
        title=data["title"], report=data["report"], plan=data["plan"], version=_reprise.version(),
        as_expected=int(data["is_as_expected"]), n_missing=data["n_missing"],
        failures="\n".join(f"{where}: {why}" for _, where, why in data["failures"]))
    return result


def _with_curves(result, csv, names, keys):
    import pandas

    frame = pandas.read_csv(io.StringIO(csv), float_precision="round_trip")
    frame = frame.rename(columns=dict(zip(keys, names)))
    has_repeats = frame["repeat"].nunique() > 1
    has_curves = "curve" in result.dims
    for quantity, rows in frame.groupby("quantity", sort=False):
        row = _row_of(quantity)
        n_indices = 0 if row is None or not row["rows"] else 1 + bool(row["cols"])
        dims = dims_of(quantity, n_indices)
        rows = rows.rename(columns=dict(zip("ij", dims)))
        index = [*names, *(["repeat"] if has_repeats else []), *(["curve"] if has_curves else []), "time", *dims]
        table = rows.set_index(index)[["value", "standard_error"]].to_xarray()
        aligned = {name: result[name].values for name in names}
        table = table.reindex(aligned)
        result[f"{quantity}_curve"] = table["value"]
        result[f"{quantity}_curve_se"] = table["standard_error"]
    return result
