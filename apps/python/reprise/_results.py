"""What a run gives: curves as arrays, and whether theory and simulation agree."""
from __future__ import annotations

import html
import json
import pathlib

import numpy as np

from . import _reprise
from ._callables import refuse_unnamed
from ._errors import InputError, NumericalError
from ._objects import TABLE

_ROWS = {row["name"]: row for row in TABLE["quantities"]}
_DIMS = {"p": ("neuron", "other_neuron"), "directions": ("along", "other_along"), "k": ("direction", "other_direction"), "degrees": ("degree", "other_degree"),
         "factors": ("factor", "other_factor")}


def _row_of(quantity):
    return _ROWS.get(quantity.split(":")[0])


def dims_of(quantity, ndim):
    """Names of the dimensions of a quantity behind time."""
    row = _row_of(quantity)
    sizes = [] if row is None else [size for size in (row["rows"], row["cols"]) if size]
    if len(sizes) != ndim:
        sizes = ["i", "j"][:ndim]
    dims = []
    for size in sizes:
        own, other = _DIMS.get(size, (size, f"other_{size}"))
        dims.append(other if own in dims else own)
    return dims


class Arrays:
    """Quantities by name, as attributes or keys."""

    def __init__(self, arrays, what):
        self._arrays = arrays
        self._what = what

    def __getitem__(self, quantity):
        try:
            return self._arrays[quantity]
        except KeyError:
            raise KeyError(f"no {quantity!r} in {self._what}; there are {', '.join(self._arrays) or 'none'}") from None

    def __getattr__(self, quantity):
        if quantity.startswith("__") or quantity == "_arrays":
            raise AttributeError(quantity)
        try:
            return self._arrays[quantity]
        except KeyError:
            raise AttributeError(f"no {quantity!r} in {self._what}; there are {', '.join(self._arrays) or 'none'}") from None

    def __iter__(self):
        return iter(self._arrays)

    def __len__(self):
        return len(self._arrays)

    def __contains__(self, quantity):
        return quantity in self._arrays

    def __dir__(self):
        return sorted(set(object.__dir__(self)) | set(self._arrays))

    def keys(self):
        return self._arrays.keys()

    def items(self):
        return self._arrays.items()

    def __repr__(self):
        return f"<{self._what}: " + ", ".join(f"{k} {v.shape}" for k, v in self._arrays.items()) + ">"


def _frozen(array):
    array.flags.writeable = False
    return array


def _padded(array, n_times):
    """NaN at the last times, where a quantity has no value."""
    if len(array) == n_times:
        return array
    longer = np.full((n_times, *array.shape[1:]), np.nan)
    longer[: len(array)] = array
    return longer


class Solution:
    """A curve: quantities against time with their standard errors, and how it ended.

    t          (T,) times, in units of `clock`: "step", "samples / d" or "t" (learning rate times samples / d)
    step       (T,) integers, steps of the algorithm; of flows the output times are counted
    M          (T, p, k) overlaps of the p neurons with the k directions of the target, and so on: every quantity that
               the method records is an attribute and a key, `quantities` has their names. Q (T, p, p), a (T, p),
               generalisation_error and training_loss (T,), ... all dimensionless; NaN where a quantity has no value
    se         the same quantities' standard errors, of the same shapes; `se.M` is missing where a method is deterministic
    runs       (R, T, ..) of every run, scramble or start by itself, with keep_runs=True: `runs.M`
    kernels    by name, (T, T, p, p), where `output={"kernels": True}` asks for them; kernels_se
    ended      "completed", "diverged", "step_underflow", "max_steps" or "not_converged"; `ok` is whether the first.
               Divergence is an ending, not an exception: what is finite is here, `message` says what happened
    events     [(name, time, run), ..] between output times
    cost       {"wall_time_s", "replicas", "samples_per_replica"}
    warnings   sentences that a reader of the curve must know
    """

    def __init__(self, data, name="", role="theory"):
        self.name = name
        self.role = role
        self._data = data
        self.method = data["method"]
        self.step = _frozen(data["step"])
        self.t = _frozen(data["time"])
        self.clock = data["clock"]
        self.ended = data["ended"]
        self.events = [tuple(event) for event in data["events"]]
        self.moments = data["moments"]
        self.warnings = list(data["warnings"])
        self.cost = {"wall_time_s": data["wall_time_s"], "replicas": data["n_replicas"],
                     "samples_per_replica": data["samples_per_replica"]}
        n = len(self.t)
        self._lengths = {series["quantity"]: len(series["value"]) for series in data["series"]}
        self._values = Arrays({s["quantity"]: _frozen(_padded(s["value"], n)) for s in data["series"]}, "curve")
        self.se = Arrays({s["quantity"]: _frozen(_padded(s["se"], n)) for s in data["series"] if s["se"] is not None},
                         "standard errors")
        self.runs = Arrays(self._runs(), "runs (keep_runs=True keeps them)")
        self.kernels = Arrays({k["name"]: self._kernel(k["value"], k["n_neurons"]) for k in data["kernels"]}, "kernels")
        self.kernels_se = Arrays({k["name"]: self._kernel(k["se"], k["n_neurons"]) for k in data["kernels"]},
                                 "errors of kernels")

    def _runs(self):
        replicas = self._data["replicas"]
        if not replicas:
            return {}
        stacked = np.stack(replicas)  # (R, T, entries)
        runs, first = {}, 0
        for series in self._data["series"]:
            shape = series["value"].shape[1:]
            count = int(np.prod(shape, dtype=int))
            if first + count > stacked.shape[2]:
                break  # statistics of runs have none
            runs[series["quantity"]] = _frozen(stacked[:, :, first:first + count].reshape(*stacked.shape[:2], *shape).copy())
            first += count
        return runs

    @staticmethod
    def _kernel(matrix, p):
        n, m = matrix.shape[0] // p, matrix.shape[1] // p
        return _frozen(matrix.reshape(n, p, m, p).transpose(0, 2, 1, 3).copy())

    # -- quantities

    @property
    def quantities(self) -> list[str]:
        """Their names, in the order of curves.csv."""
        return list(self._values)

    @property
    def time(self):
        """The same as `t`."""
        return self.t

    def __getitem__(self, quantity: str) -> np.ndarray:
        return self._values[quantity]

    def __contains__(self, quantity):
        return quantity in self._values

    def __getattr__(self, quantity: str) -> np.ndarray:
        if quantity.startswith("_"):
            raise AttributeError(quantity)
        return getattr(self._values, quantity)

    def __dir__(self):
        return sorted(set(object.__dir__(self)) | set(self._values))

    def project(self, directions) -> np.ndarray:
        """Overlaps along combinations of the target's directions: rows v of (m, k) give M v; returns (T, p, m)."""
        directions = np.atleast_2d(np.asarray(directions, dtype=float))
        if directions.shape[1] != self.M.shape[2]:
            raise InputError(f"project: directions must be of shape (m, {self.M.shape[2]}), got {directions.shape}")
        return self.M @ directions.T

    # -- the end

    @property
    def ok(self) -> bool:
        """Whether every output time was reached."""
        return self.ended == "completed"

    @property
    def message(self) -> str:
        """How it ended, and what to try."""
        if self.ok:
            return self._data["advice"]
        return f"{self.ended} after step {self._data['ended_step']}: {self._data['ended_detail']}. {self._data['advice']}"

    def require_completed(self) -> Solution:
        """Itself. Raises NumericalError with the message where it did not reach its end."""
        if not self.ok:
            raise NumericalError(self.message)
        return self

    # -- other forms

    def to_pandas(self):
        """A tidy DataFrame, a number a row, with the columns and the order of curves.csv:
        curve, step, time, quantity, i, j, value, standard_error; i and j count as there and are NA where a quantity has
        none, standard_error is NaN where the method is deterministic."""
        import pandas

        parts = []
        for quantity, length in self._lengths.items():
            value = self._values[quantity][:length]
            row = _row_of(quantity)
            first = row["first"] if row else 1
            shape = value.shape[1:]
            count = int(np.prod(shape, dtype=int))
            n = length * count
            index = np.indices(shape).reshape(len(shape), count)
            columns = {"time_index": np.repeat(np.arange(length), count), "curve": self.name, "step": np.repeat(self.step[:length], count),
                       "time": np.repeat(self.t[:length], count), "quantity": quantity}
            for axis, name in enumerate("ij"):
                if axis < len(shape):
                    columns[name] = pandas.array(np.tile(index[axis] + (first if axis == 0 else 1), length), dtype="Int64")
                else:
                    columns[name] = pandas.array([pandas.NA] * n, dtype="Int64")
            columns["value"] = value.reshape(n)
            has_error = quantity in self.se
            columns["standard_error"] = self.se[quantity][:length].reshape(n) if has_error else np.full(n, np.nan)
            parts.append(pandas.DataFrame(columns, index=range(n)))
        if not parts:
            return pandas.DataFrame(columns=["curve", "step", "time", "quantity", "i", "j", "value", "standard_error"])
        rows = pandas.concat(parts, ignore_index=True)  # by quantity; files have them by time
        rows = rows.iloc[np.argsort(rows["time_index"].to_numpy(), kind="stable")]
        return rows.drop(columns="time_index").reset_index(drop=True)

    def to_xarray(self):
        """A Dataset over time, neuron, direction, ..: each quantity, and with _se behind its name its standard error;
        indices count from 1 as in files."""
        import xarray

        coords = {"time": ("time", self.t, {"clock": self.clock}), "step": ("time", self.step)}
        variables = {}
        for quantity in self._values:
            value = self._values[quantity]
            dims = ("time", *dims_of(quantity, value.ndim - 1))
            row = _row_of(quantity)
            for axis, (dim, size) in enumerate(zip(dims[1:], value.shape[1:])):
                coords[dim] = np.arange(size) + (row["first"] if row and axis == 0 else 1)
            variables[quantity] = (dims, value)
            if quantity in self.se:
                variables[f"{quantity}_se"] = (dims, self.se[quantity])
        return xarray.Dataset(variables, coords, {"curve": self.name, "method": self.method, "ended": self.ended,
                                                  "clock": self.clock, "version": _reprise.version()})

    def plot(self, ax=None, quantities=None, entries=None, **style):
        """Draws quantities against time; see `reprise.plot_curves`. Returns the Axes, or an array of them."""
        from ._plot import plot_curves

        return plot_curves([self], ax=ax, quantities=quantities, entries=entries, **style)

    def __eq__(self, other):
        """Whether all numbers are the same bits."""
        return (isinstance(other, Solution) and self.quantities == other.quantities
                and np.array_equal(self.t, other.t) and self.ended == other.ended
                and all(np.array_equal(self[q], other[q], equal_nan=True) for q in self.quantities)
                and list(self.se) == list(other.se)
                and all(np.array_equal(self.se[q], other.se[q], equal_nan=True) for q in self.se))

    __hash__ = None

    def __reduce__(self):
        return Solution, (self._data, self.name, self.role)

    def __repr__(self):
        last = f"{self.clock} {self.t[-1]:g}" if len(self.t) else "nothing"
        shapes = ", ".join(f"{q} {self._values[q].shape}" for q in self.quantities)
        name = f" {self.name!r}" if self.name else ""
        return f"<Solution{name}: {self.method}, {self.ended} at {last}; {shapes}>"

    def _repr_html_(self):
        rows = []
        for quantity in self.quantities:
            value = self._values[quantity]
            length = self._lengths[quantity]
            last = _number_text(value[length - 1], self.se[quantity][length - 1] if quantity in self.se else None) \
                if length else ""
            rows.append(f"<tr><td>{html.escape(quantity)}</td><td>{value.shape}</td><td>{last}</td></tr>")
        head = html.escape(f"{self.name + ': ' if self.name else ''}{self.method}, {self.ended}"
                           + (f" at {self.clock} {self.t[-1]:g}" if len(self.t) else ""))
        notes = "".join(f"<p>{html.escape(w)}</p>" for w in ([] if self.ok else [self.message]) + self.warnings)
        return (f"<b>{head}</b><table><thead><tr><th>quantity</th><th>shape</th><th>last value</th></tr></thead>"
                f"<tbody>{''.join(rows)}</tbody></table>{notes}")


def _number_text(value, error):
    if value.size > 6:
        return f"{value.size} numbers"
    flat = np.ravel(value)
    if error is None:
        return ", ".join(f"{v:.4g}" for v in flat)
    return ", ".join(f"{v:.4g} &plusmn; {e:.1g}" for v, e in zip(flat, np.ravel(error)))


class Comparison:
    """Theory against simulation: whether two curves agree within their standard errors.

    verdict    "agree", "disagree" or "undecided"; true in an `assert` where it is the first
    largest_z  the largest difference, in combined standard errors; allowed_z is what chance allows
    quantity, i, j, step, moment   where it is; i and j from 1, 0 where there is none
    n_values   how many numbers were compared
    notes      what was compared and why, sentences
    """

    def __init__(self, data):
        self._data = data
        self.theory = data.get("theory", "")
        self.simulation = data.get("simulation", "")
        for key in ("verdict", "largest_z", "allowed_z", "quantity", "i", "j", "step", "moment", "n_values", "notes"):
            setattr(self, key, data[key])

    def __bool__(self):
        return self.verdict == "agree"

    def __str__(self):
        pair = f"{self.theory} against {self.simulation}: " if self.theory else ""
        return pair + self._data["report"]

    def __repr__(self):
        return f"<Comparison: {self}>"

    def _repr_html_(self):
        return f"<pre>{html.escape(str(self))}</pre>"

    def __reduce__(self):
        return Comparison, (self._data,)


def compare(theory: Solution, simulation: Solution) -> Comparison:
    """Compares two solutions as `reprise validate` does curves, without what an experiment knows besides: symmetries of
    the problem that runs break at random. `Results.comparisons` has those that do.

    theory, simulation  Solution; simulations with keep_runs=True are compared run by run
    Returns a Comparison, true where they agree.
    """
    return Comparison(_reprise.compare(theory._data, simulation._data))


class Results:
    """The curves of an experiment by name, in their order, and the comparisons between them.

    results["theory"]          a Solution
    results.comparisons        a Comparison for each theory and simulation of the same settings
    results.is_stopped         whether it was interrupted before all curves were finished
    results.save(folder)       the files of `reprise run`: curves.csv, curves.npz, summary.json
    """

    def __init__(self, handle, experiment=None):
        self._handle = handle
        self.experiment = experiment
        self._curves = {c["name"]: Solution(c["solution"], c["name"], c["role"]) for c in handle.curves}
        self.comparisons = [Comparison(c) for c in handle.comparisons]

    title = property(lambda self: self._handle.title, doc="Of the experiment.")
    version = property(lambda self: self._handle.version, doc="Of the library that computed it.")
    is_stopped = property(lambda self: self._handle.is_stopped)
    wall_time_s = property(lambda self: self._handle.wall_time_s)
    peak_memory_bytes = property(lambda self: self._handle.peak_memory_bytes, doc="Of this process.")
    has_log_times = property(lambda self: self._handle.has_log_times)

    @property
    def resolved(self):
        """The experiment with every default filled in, as a dictionary."""
        return json.loads(self._handle.resolved_experiment)

    @property
    def verdict(self) -> str:
        """"agree" where every pair that could be decided does, "disagree" where one does not, else "undecided"."""
        verdicts = {c.verdict for c in self.comparisons}
        return next((v for v in ("disagree", "agree") if v in verdicts), "undecided")

    @property
    def ok(self) -> bool:
        """Whether every curve reached its end."""
        return not self.is_stopped and all(curve.ok for curve in self.values())

    def __getitem__(self, curve: str) -> Solution:
        try:
            return self._curves[curve]
        except KeyError:
            raise KeyError(f"no curve {curve!r}; there are {', '.join(map(repr, self._curves)) or 'none'}") from None

    def __iter__(self):
        return iter(self._curves)

    def __len__(self):
        return len(self._curves)

    def __contains__(self, curve):
        return curve in self._curves

    def keys(self):
        return self._curves.keys()

    def values(self):
        return self._curves.values()

    def items(self):
        return self._curves.items()

    def report(self) -> str:
        """What `reprise run` prints: a line a curve, a line a comparison, what went wrong."""
        return self._handle.report()

    def save(self, folder: str | pathlib.PurePath, figure: bool = False) -> pathlib.Path:
        """Writes the files of `reprise run` into a folder, with the same bytes: curves.csv, curves.npz, summary.json.

        figure  also the program's figure, which needs gnuplot
        Raises InputError where the experiment has a function without a name, Error where a file cannot be written.
        """
        if self.experiment is not None:
            refuse_unnamed(self.experiment._document, "save")
        self._handle.save(str(folder))
        if figure and self._handle.draw(str(folder)) == "no gnuplot":
            raise InputError("save: figure must be False where gnuplot is not installed, got True")
        return pathlib.Path(folder)

    def to_pandas(self):
        """The rows of curves.csv: `Solution.to_pandas` of every curve, one below the other."""
        import pandas

        return pandas.concat([curve.to_pandas() for curve in self.values()], ignore_index=True)

    def to_xarray(self):
        """A Dataset over curve, time, neuron, direction, ..: NaN where a curve has no value. Attributes have the
        resolved experiment as JSON and the version; `.to_netcdf()` keeps it all."""
        import xarray

        parts = [curve.to_xarray().assign_coords(curve=name) for name, curve in self.items()]
        for part in parts:
            del part.attrs["curve"], part.attrs["method"], part.attrs["ended"]
        merged = xarray.concat([p.reset_coords("step", drop=True) for p in parts], dim="curve", join="outer",
                               combine_attrs="drop_conflicts")
        merged.attrs.update(title=self.title, version=self.version, experiment=self._handle.resolved_experiment)
        return merged

    def plot(self, ax=None, quantities=None, entries=None, **style):
        """All curves, theories as lines and simulations as points with bars; see `reprise.plot_curves`."""
        from ._plot import plot_curves

        return plot_curves(list(self.values()), ax=ax, quantities=quantities, entries=entries, **style)

    def __reduce__(self):
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            self._handle.save(folder)
            files = {path.name: path.read_bytes() for path in pathlib.Path(folder).iterdir()}
        return _unpickled, (files, self.experiment, self._curves)

    def __repr__(self):
        curves = ", ".join(f"{name!r} ({curve.ended})" for name, curve in self.items())
        return f"<Results of {self.title!r}: {curves or 'no curve'}; {self.verdict}>"

    def _repr_html_(self):
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{html.escape(curve.method)}</td><td>{curve.ended}</td>"
            f"<td>{len(curve.t)}</td><td>{curve.cost['wall_time_s']:.2f} s</td></tr>" for name, curve in self.items())
        pairs = "".join(f"<p>{html.escape(str(c).splitlines()[0])}</p>" for c in self.comparisons)
        return (f"<b>{html.escape(self.title)}</b><table><thead><tr><th>curve</th><th>method</th><th>ended</th>"
                f"<th>times</th><th>took</th></tr></thead><tbody>{rows}</tbody></table>{pairs}")


def _unpickled(files, experiment, curves):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (pathlib.Path(folder) / name).write_bytes(content)
        results = Results(_reprise.load(folder), experiment)
    results._curves = curves  # with runs, which files keep on request only
    return results


def load(folder: str | pathlib.PurePath) -> Results:
    """The Results that `reprise run` or `Results.save` has left in a folder.

    Raises InputError where a file is missing, damaged or of another run.
    """
    return Results(_reprise.load(str(folder)))
