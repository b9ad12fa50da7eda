"""Experiments: a problem, an algorithm and the curves to compute, from objects, dictionaries, TOML or files."""
from __future__ import annotations

import html
import operator
import os
import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import _reprise
from ._callables import _Named, lent, refuse_unnamed, unnamed
from ._data import find
from ._errors import InputError
from ._manners import interrupt, progress_of, warn
from ._objects import (Algorithm, Method, SystemProblem, algorithm_of, default_method, frozen, method_of, problem_of,
                       thawed)
from ._results import Results, Solution


class Curve:
    """A method with settings of its own: this curve with other values of any keys.

    method  a Method
    set     {"training.schedule": "fresh"}; unset  keys of the experiment that it leaves out
    """

    def __init__(self, method: Method, set: Mapping[str, Any] | None = None, unset: str | Sequence[str] | None = None):
        if not isinstance(method, Method):
            raise InputError(f"Curve: method must be one, as DMFT() is, got {method!r}")
        self.method = method
        self.set = dict(frozen(set or {}))
        self.unset = tuple([unset] if isinstance(unset, str) else unset or ())

    def __eq__(self, other):
        return isinstance(other, Curve) and (self.method, self.set, self.unset) == (other.method, other.set, other.unset)

    def __hash__(self):
        return hash((self.method, self.unset))

    def __repr__(self):
        return f"Curve({self.method!r}" + (f", set={self.set!r}" if self.set else "") + (
            f", unset={list(self.unset)!r}" if self.unset else "") + ")"


def _plain(value):
    """Without arrays and tuples, functions left in place: what an experiment keeps."""
    if isinstance(value, _Named):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items() if item is not None}
    value = frozen(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def curve_names(methods):
    """Names for methods without: that of the method, and its dimension where it has one; numbered where equal."""
    names = []
    for method in methods:
        bare = method.method if isinstance(method, Curve) else method
        name = bare._rows[0].facts["method"]
        dimension = bare._given.get("dimension")
        if dimension is not None and bare._row().role == "simulation":
            name = f"d = {dimension:g}" if isinstance(dimension, float) else f"d = {dimension}"
        names.append(name)
    seen = {}
    for i, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            names[i] = f"{name} ({seen[name]})"
    return names


def document_of(problem, algorithm, curves, *, seed=None, title=None, times=None, output=None, figure=None):
    """The experiment file's content that objects say."""
    if not isinstance(problem, SystemProblem):
        raise InputError(f"Experiment: problem must be a Problem or that of another system, got {problem!r}")
    if not isinstance(algorithm, Algorithm):
        raise InputError(f"Experiment: algorithm must be one, as GradientDescent(..) is, got {algorithm!r}")
    if curves is None:
        curves = [default_method(algorithm)]
    if isinstance(curves, (Method, Curve)):
        curves = [curves]
    if not isinstance(curves, dict):
        curves = dict(zip(curve_names(curves), curves))
    document = {"format": 1}
    if title is not None:
        document["title"] = title
    if seed is not None:
        document["seed"] = seed
    problem._write(document)
    algorithm._write(document)
    document["curve"] = []
    for name, curve in curves.items():
        own = curve if isinstance(curve, Curve) else None
        method = curve.method if own else curve
        if not isinstance(method, Method):
            raise InputError(f"Experiment: curve {name!r} must be a method, as DMFT() is, got {method!r}")
        keys, elsewhere = method._curve()
        for section, values in elsewhere.items():
            for key, value in values.items():
                if document.get(section, {}).get(key, value) != value:
                    raise InputError(f"Experiment: {section}.{key} must be the same for every curve, got another one "
                                     f"with curve {name!r}")
                document.setdefault(section, {})[key] = value
        if own and own.set:
            keys["set"] = thawed(own.set)
        if own and own.unset:
            keys["unset"] = list(own.unset)
        document["curve"].append({"name": name, **keys})
    output = dict(output or {})
    if times is not None:
        output["times"] = times
    if output:
        document["output"] = output
    if figure:
        document["figure"] = figure
    return _plain(document)


class Experiment:
    """A problem, an algorithm and the curves to compute: the content of an experiment file, checked.

    problem     Problem, MatrixSensing, ..
    algorithm   GradientDescent, SGD, GradientFlow, ..
    curves      {"theory": DMFT(), "d = 5000": Simulation(dimension=5000, runs=32)}, a list of methods, or one; None: the
                first method that fits the algorithm. `Curve(method, set=..)` has settings of its own
    seed        one for all: the same experiment and seed give the same numbers on any number of threads
    title       of figures
    times       output times: "all", "log 20", "linear 50" or increasing numbers, steps or units of time
    output      other keys of [output]: {"kernels": True, "runs": True, "align": True, "directions": [[..]], ..}
    figure      keys of [figure], for `Results.save(figure=True)`

    Two experiments are equal where they resolve to the same. Raises InputError for the first thing, or all things, that
    are wrong.

    >>> problem = Problem("-He3(z1)/sqrt(6)", Student("tanh", second_layer=[1.0]))
    >>> e = Experiment(problem, GradientDescent(0.2, samples_per_dimension=3, steps=2), DMFT(points=1024))
    >>> round(float(e.run()["dmft"].generalisation_error[-1]), 2)
    0.67
    """

    def __init__(self, problem: SystemProblem, algorithm: Algorithm,
                 curves: Mapping[str, Method | Curve] | Sequence[Method | Curve] | Method | Curve | None = None, *,
                 seed: int | None = None, title: str | None = None, times: Any = None,
                 output: Mapping[str, Any] | None = None, figure: Mapping[str, Any] | None = None):
        self._set(document_of(problem, algorithm, curves, seed=seed, title=title, times=times, output=output,
                              figure=figure), "experiment")

    def _set(self, document, source):
        plain, functions = lent(document)
        handle = _reprise.read(plain, source, functions)
        object.__setattr__(self, "_document", document)
        object.__setattr__(self, "_source", source)
        object.__setattr__(self, "_handle", handle)

    def __setattr__(self, name, value):
        raise AttributeError("Experiment does not change; .replace(..) makes a copy")

    # -- from elsewhere

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], source: str = "experiment") -> Experiment:
        """From sections as nested dictionaries, the keys of the file format; functions may stand in place of texts."""
        self = cls.__new__(cls)
        self._set(_plain(dict(document)), source)
        return self

    @classmethod
    def from_toml(cls, text: str, source: str = "experiment.toml", overrides: Sequence[str] = ()) -> Experiment:
        """From the text of an experiment file, or of a summary.json; errors name its lines.

        overrides  ["training.steps=20", "curve.theory.points=1024"], as the program's --set
        """
        handle = _reprise.parse(text, source, list(overrides), {"targets": [], "activations": [], "losses": []})
        if text.startswith("{"):
            document = _reprise.parse_json(text, source)["experiment"]
        else:
            document = _reprise.parse_toml(text, source)
        for override in overrides:
            document = _reprise.with_override(document, override)
        self = cls.__new__(cls)
        object.__setattr__(self, "_document", document)
        object.__setattr__(self, "_source", source)
        object.__setattr__(self, "_handle", handle)
        return self

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], overrides: Sequence[str] = ()) -> Experiment:
        """From a file, or a shipped experiment by its name: "dandi2024/benchmark_a"."""
        file = find(os.fspath(path))
        return cls.from_toml(_reprise.read_text_file(file), file, overrides)

    # -- what it is

    problem = property(lambda self: problem_of(self._document), doc="What is learned, and by whom.")
    algorithm = property(lambda self: algorithm_of(self._document), doc="How.")

    @property
    def curves(self) -> dict[str, Method | Curve]:
        """{name: Method, or Curve where it has settings of its own}."""
        result = {}
        for curve in self._document["curve"]:
            method = method_of(curve, self._document)
            own = curve.get("set"), curve.get("unset")
            result[curve["name"]] = Curve(method, *own) if any(own) else method
        return result

    seed = property(lambda self: self._handle.seed)
    title = property(lambda self: self._handle.title)
    warnings = property(lambda self: list(self._handle.warnings), doc="Legal but likely not meant.")

    def to_dict(self) -> dict[str, Any]:
        """Sections as nested dictionaries; functions stand in them as they were given."""
        return (_plain(self._document))

    def to_toml(self) -> str:
        """The experiment file. Raises InputError for a function without a name; one with a name stands in it as
        callable "name", which the program refuses to run and this process runs from objects."""
        refuse_unnamed(self._document, "to_toml")
        return _reprise.toml_text(lent(self._document)[0])

    def resolved(self) -> dict[str, Any]:
        """The same with every default filled in."""
        return self._handle.resolved()

    def replace(self, changes: Mapping[str, Any] | None = None, **sections: Any) -> Experiment:
        """A copy with other values: of dotted keys, or of whole sections.

        >>> e = Experiment.from_file("examples/first")
        >>> e.replace({"training.steps": 3, "curve.theory.points": 1024}).algorithm.steps
        3
        """
        plain, _ = lent(self._document)
        for path, value in (changes or {}).items():
            plain = _reprise.with_value(plain, path, lent({"value": _plain(value)})[0]["value"])
        document = _with_functions(plain, self._document)
        for path, value in (changes or {}).items():
            if isinstance(value, _Named):
                section, _, key = path.rpartition(".")
                document[section][key] = value
        document.update(_plain(sections))
        return type(self).from_dict(document, self._source)

    def run(self, *, threads: int = 0, progress: bool | Callable[[str, float], None] = False,
            keep_runs: bool = False) -> Results:
        """Computes every curve; see `run`."""
        return run(self, threads=threads, progress=progress, keep_runs=keep_runs)

    def __eq__(self, other):
        return isinstance(other, Experiment) and self.resolved() == other.resolved()

    def __hash__(self):
        return hash(repr(self.resolved()))

    def __reduce__(self):
        return Experiment.from_dict, (self._document, self._source)

    def __repr__(self):
        if "sweep" in self._document:
            return f"Experiment.from_dict({self._document!r})"
        parts = [repr(self.problem), repr(self.algorithm), repr(self.curves)]
        for key in ("seed", "title", "output", "figure"):
            if key in self._document:
                parts.append(f"{key}={self._document[key]!r}")
        return f"Experiment({', '.join(parts)})"

    def _repr_html_(self):
        text = _reprise.toml_text(lent(self._document)[0])
        return f"<b>{html.escape(self.title)}</b><pre>{html.escape(text)}</pre>"


def _with_functions(plain, document):
    """The plain document with the functions of another one in place of their texts."""
    functions = {}

    def collect(value):
        if isinstance(value, _Named):
            functions[value._text()] = value
        elif isinstance(value, dict):
            for item in value.values():
                collect(item)
        elif isinstance(value, list):
            for item in value:
                collect(item)

    def put(value):
        if isinstance(value, str):
            return functions.get(value, value)
        if isinstance(value, dict):
            return {key: put(item) for key, item in value.items()}
        if isinstance(value, list):
            return [put(item) for item in value]
        return value

    collect(document)
    return put(plain)


def experiment(what: Experiment | Mapping[str, Any] | str | pathlib.PurePath) -> Experiment:
    """The Experiment that something says: one itself, a dictionary, the text of a TOML file (of several lines), a path,
    or the name of a shipped experiment."""
    if isinstance(what, Experiment):
        return what
    if isinstance(what, dict):
        return Experiment.from_dict(what)
    if isinstance(what, pathlib.PurePath):
        return Experiment.from_file(what)
    if isinstance(what, str):
        return Experiment.from_toml(what) if "\n" in what else Experiment.from_file(what)
    raise InputError(f"run: experiment must be an Experiment, a dictionary, TOML or a path, got {what!r}")


def _threads(threads):
    try:
        count = -1 if isinstance(threads, bool) else operator.index(threads)
    except TypeError:
        count = -1
    if count < 0:
        raise InputError(f"run: threads must be an integer of at least 0, got {threads!r}")
    return count or len(os.sched_getaffinity(0))


def run(what: Experiment | Mapping[str, Any] | str | pathlib.PurePath, *, threads: int = 0,
        progress: bool | Callable[[str, float], None] = False, keep_runs: bool = False) -> Results:
    """Computes every curve of an experiment and compares each theory with each simulation.

    what       anything that `experiment` takes
    threads    0: all cores that this process may use; the numbers do not depend on it
    progress   True: a bar; a function is called with (curve, fraction) from this thread
    keep_runs  every run, scramble and start by itself, in `Solution.runs`

    Returns Results. A curve that diverges keeps its finite part and says so in `ended`. The interpreter is free while
    it computes. Ctrl-C stops it within a second, and raises KeyboardInterrupt with the curves that are finished in its
    `.partial`; `interrupted()` has them as well.
    """
    chosen = experiment(what)
    warn(chosen.warnings)
    with progress_of(progress) as bar:
        handle, interruption = _reprise.run(chosen._handle, _threads(threads), bool(keep_runs), bar)
    results = Results(handle, chosen)
    if interruption is not None:
        interrupt(interruption, results)
    return results


def validate(what: Experiment | Mapping[str, Any] | str | pathlib.PurePath, *, threads: int = 0,
             progress: bool | Callable[[str, float], None] = False) -> Results:
    """Runs an experiment and says whether theory and simulation agree.

    Returns the Results; `results.verdict` is "agree", "disagree" or "undecided" and `results.comparisons` has the pairs.
    Raises InputError where there is no pair to compare.
    """
    chosen = experiment(what)
    if {curve["role"] for curve in chosen._handle.curves} != {"theory", "simulation"}:
        raise InputError("validate: curves must be of a theory and of a simulation, got those of "
                         + " and ".join(sorted({curve["role"] for curve in chosen._handle.curves})))
    return run(chosen, threads=threads, progress=progress, keep_runs=True)


def solve(problem: SystemProblem, algorithm: Algorithm, method: Method | Curve | None = None, *, times: Any = None,
          seed: int | None = None, threads: int = 0, keep_runs: bool = False,
          progress: bool | Callable[[str, float], None] = False, output: Mapping[str, Any] | None = None) -> Solution:
    """One curve: the answer of a method to a problem.

    problem    Problem, or that of another system
    algorithm  GradientDescent(..), SGD(..), GradientFlow(..), ..
    method     DMFT(), ODE(), Recursion(..), Simulation(dimension=..), ..; None: the first that fits the algorithm
    times, seed, output  as of `Experiment`; threads, keep_runs, progress  as of `run`

    Returns a Solution. Divergence is an ending, `solution.ended`, not an exception.

    >>> problem = Problem("z1*z2", Student("He2", neurons=2, second_layer="ones"))
    >>> s = solve(problem, SGD(0.1, duration=2.0), ODE(), times=[0, 1, 2])
    >>> s.M.shape
    (3, 2, 2)
    """
    one = Experiment(problem, algorithm, method if method is None else [method], seed=seed, times=times, output=output)
    results = run(one, threads=threads, progress=progress, keep_runs=keep_runs)
    return next(iter(results.values()))
