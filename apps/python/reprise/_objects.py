"""Problems, algorithms and methods: a class for each row of the library's tables.

Nothing here knows a key: the classes, their arguments, defaults, ranges and docstrings come from the statements of the
C++ structs, so that a new method or system is here as soon as the library has it.
"""
import inspect
import textwrap

import numpy as np

from . import _reprise
from ._callables import Activation, Loss, TargetFunction, _Named, evaluate_target, lent
from ._errors import InputError

TABLE = _reprise.table()
_ACRONYMS = {"sgd": "SGD", "dmft": "DMFT", "ode": "ODE"}
_SECTION_NAMES = {"initial": "Start"}


def _class_name(name):
    return _ACRONYMS.get(name) or "".join(word.capitalize() for word in name.split("_"))


def frozen(value):
    """Lists and arrays as tuples, numbers as Python's: what is compared, hashed and printed."""
    if isinstance(value, np.ndarray) or isinstance(value, np.generic):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return tuple(frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: frozen(item) for key, item in value.items() if item is not None}
    return value


def thawed(value):
    """The same as lists: what is written."""
    if isinstance(value, tuple):
        return [thawed(item) for item in value]
    if isinstance(value, dict):
        return {key: thawed(item) for key, item in value.items()}
    return value


def _text(value):
    if isinstance(value, tuple):
        return "[" + ", ".join(_text(item) for item in value) + "]"
    return repr(value)


class _Row:
    """One struct of the library: what it is called there, and how its keys are called here."""

    def __init__(self, kind, row, section, keys, **facts):
        self.kind, self.row, self.section = kind, row, section
        self.keys = keys
        self.facts = facts
        names = [field["key"].split(".")[-1] for field in keys["fields"]]
        self.fields = {}
        for field, name in zip(keys["fields"], names):
            if names.count(name) > 1:
                name = field["key"].replace(".", "_")
            self.fields[name] = field

    def check(self, given, origin):
        raw = {self.fields[name]["key"]: value for name, value in given.items() if name in self.fields}
        checked = _reprise.check_keys(self.kind, self.row, self.section, raw, origin)
        return {name: frozen(checked[self.fields[name]["key"]]) for name in given if name in self.fields}

    def path(self, name):
        key = self.fields[name]["key"]
        return key if "." in key else f"{self.keys['section']}.{key}"


class Described:
    """Base of all: values by keyword, checked when it is made, frozen, equal where all values are equal.

    A keyword that is left out, or None, has its default. `replace` makes a copy with changes, `to_dict` has what was
    given. Arrays become nested tuples.
    """

    _rows = ()  # the structs that it may be, in the order in which they are tried
    _fields = {}  # name -> field of the first row that has it
    __slots__ = ("_given",)

    def __init__(self, *values, **given):
        cls = type(self)
        places = cls._places()
        if len(values) > len(places):
            raise TypeError(f"{cls.__name__} takes {' and '.join(places)} by position; the others by keyword")
        for name, value in reversed(list(zip(places, values))):
            if name in given:
                raise TypeError(f"{cls.__name__} got {name} twice")
            given = {name: value, **given}
        given = {cls._known(name): value for name, value in given.items()}
        given = {name: value for name, value in given.items() if value is not None}
        object.__setattr__(self, "_given", self._check(self._prepare(given)))

    @classmethod
    def _places(cls):
        """The keys that may stand without their names: the first that is required, else the first."""
        return (next((name for name, field in cls._fields.items() if field["is_required"]), next(iter(cls._fields))),)

    # -- what classes may do otherwise

    def _prepare(self, given):
        return given

    @classmethod
    def _candidates(cls, given):
        """The rows that may be meant."""
        return cls._rows

    # -- checks

    @classmethod
    def _known(cls, name):
        if name in cls._fields:
            return name
        for known, field in cls._fields.items():
            if name in field["aliases"].split():
                return known
        import difflib

        near = difflib.get_close_matches(name, cls._fields, 1)
        hint = f"; did you mean {near[0]}?" if near else "; it has " + ", ".join(cls._fields)
        raise InputError(f'{cls.__name__}: unknown key "{name}"{hint}')

    def _check(self, given):
        functions = {name: value for name, value in given.items() if isinstance(value, _Named)}
        plain = {name: value._text() if name in functions else value for name, value in given.items()}
        failure = None
        for row in self._candidates(given):
            others = [name for name in given if name not in row.fields]
            try:
                if others:
                    raise InputError(f"{type(self).__name__}: {others[0]} must be left out with "
                                     f"{self._row_text(row)}, got {_text(frozen(given[others[0]]))}")
                checked = row.check(plain, type(self).__name__)
            except InputError as error:
                failure = failure or error
                continue
            return {name: functions.get(name, checked[name]) for name in given}
        raise failure

    @staticmethod
    def _row_text(row):
        return ", ".join(f'{key} = "{value}"' for key, value in row.facts.items() if value)

    # -- manners

    def __setattr__(self, name, value):
        raise AttributeError(f"{type(self).__name__} does not change; .replace({name}=..) makes a copy")

    __delattr__ = __setattr__

    def _values(self):
        return {name: getattr(self, name) for name in type(self)._fields}

    def __eq__(self, other):
        return type(self) is type(other) and self._values() == other._values()

    def __hash__(self):
        return hash((type(self), repr(self._values())))

    def __repr__(self):
        bare = []
        for name in type(self)._places():
            if name not in self._given:
                break
            bare.append(name)
        parts = [_text(self._given[name]) for name in bare]
        parts += [f"{name}={_text(value)}" for name, value in self._given.items() if name not in bare]
        return f"{type(self).__name__}({', '.join(parts)})"

    def __dir__(self):
        return sorted(set(object.__dir__(self)) | set(type(self)._fields))

    def __reduce__(self):
        return _made, (type(self), self._given)

    def replace(self, **changes):
        """A copy with these values; None: the default.

        >>> GradientDescent(0.2, samples_per_dimension=3, steps=7).replace(steps=9).steps
        9
        """
        changes = {type(self)._known(name): value for name, value in changes.items()}
        return type(self)(**{**self._given, **changes})

    def to_dict(self):
        """What was given, as a dictionary that makes the same object again."""
        return {name: thawed(value) for name, value in self._given.items()}

    def _write(self, document):
        """Puts the values where files have them."""
        row = self._row()
        for name, value in self._given.items():
            section, _, key = row.path(name).rpartition(".")
            document.setdefault(section, {})[key] = thawed(value)

    def _row(self):
        return next(row for row in self._candidates(self._given) if all(name in row.fields for name in self._given))


def _made(cls, given):
    return cls(**given)


def _default(field):
    return frozen(field["default"])


def _property(name, field):
    def get(self):
        return self._given.get(name, _default(field))

    return property(get, doc=_meaning(field))


def _meaning(field):
    text = field["meaning"]
    if field["symbol"]:
        text = f"{field['symbol']}: {text}"
    if field["unit"]:
        text += f", in {field['unit']}"
    return text


def _default_text(field):
    if field["is_required"]:
        return "required"
    if field["otherwise"]:
        return f"default: {field['otherwise']}"
    return "left out" if field["default"] is None else f"default: {_text(frozen(field['default']))}"


def _docstring(summary, fields, tail=""):
    lines = [summary[0].upper() + summary[1:] + ".", ""]
    for name, field in fields.items():
        head = f"{name}  {_meaning(field)}. {field['values'][0].upper() + field['values'][1:]}; {_default_text(field)}."
        lines += textwrap.wrap(head, 116, subsequent_indent="    ", break_long_words=False)
    lines += ["", "Raises InputError for a value out of its range, a missing or an unknown key."]
    return "\n".join(lines + ([tail] if tail else []))


def _make_class(name, rows, base, summary, **members):
    fields = {}
    for row in rows:
        for key, field in row.fields.items():
            fields.setdefault(key, field)
    for key, field in fields.items():
        having = [row for row in rows if key in row.fields]
        if field["is_required"] and len(having) < len(rows):
            where = " or ".join(dict.fromkeys(row.facts.get("algorithm", "") for row in having))
            fields[key] = {**field, "is_required": False, "default": None, "otherwise": f"required with {where}, else left out"}
    properties = {key: _property(key, field) for key, field in fields.items() if key not in members}
    namespace = {"__slots__": (), "__doc__": _docstring(summary, fields), "__module__": "reprise", "_rows": tuple(rows),
                 "_fields": fields, **properties, **members}
    cls = type(name, (base,), namespace)
    cls.__signature__ = _signature(cls)
    return cls


def _signature(cls):
    places = cls._places()
    parameters = []
    for name, field in sorted(cls._fields.items(), key=lambda item: item[0] not in places):
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD if name in places else inspect.Parameter.KEYWORD_ONLY
        default = inspect.Parameter.empty if field["is_required"] else thawed(_default(field))
        parameters.append(inspect.Parameter(name, kind, default=default))
    return inspect.Signature(parameters)


# -- sections of problems -------------------------------------------------------------------------------------------


def _parsed(key, rule, text, parse):
    try:
        parse(text)
    except InputError as error:
        reason, *picture = str(error).partition(": ")[2].split("\n")
        if " must be " in reason:  # "loss must be .., got .."
            reason = "it must be " + reason.partition(" must be ")[2].rpartition(", got ")[0]
        shown = "\n".join(["", *picture]) if picture else ""
        raise InputError(f'{key} must be {rule}: {reason}, got "{text}"{shown}') from None


class _TargetBase(Described):
    __slots__ = ()

    def __init__(self, expression=None, *, k=None, name=None, polynomial=None, **others):
        if callable(expression) and not isinstance(expression, TargetFunction) or hasattr(expression, "address"):
            expression = TargetFunction(expression, k=k, name=name, polynomial=polynomial)
        elif k is not None or name is not None or polynomial is not None:
            raise InputError("Target: k must be left out unless expression is a function, got one")
        super().__init__(expression=expression, **others)

    def _prepare(self, given):
        if isinstance(given.get("expression"), str):
            _parsed("target.expression", "a formula of z1, z2, ..", given["expression"], _reprise.n_variables)
        return given

    @property
    def k(self):
        """Number of variables of the expression."""
        if isinstance(self.expression, str):
            return _reprise.n_variables(self.expression)
        return self.expression.k

    def __call__(self, z):
        """g of samples z, (n, k); returns (n,), without label noise."""
        return evaluate_target(self.expression, z)


class _StudentBase(Described):
    __slots__ = ()

    def _prepare(self, given):
        if isinstance(given.get("activation"), str):
            _parsed("student.activation", "the name of an activation", given["activation"], _reprise.check_activation)
        elif isinstance(given.get("activation"), Activation) and isinstance(given["activation"].value, str):
            given["activation"] = given["activation"].value
        elif callable(given.get("activation")) and not isinstance(given["activation"], Activation):
            raise InputError("Student: student.activation must be a text or an Activation with value and slope, "
                             f"got {given['activation']!r}")
        return given


_SECTION_BASES = {"target": _TargetBase, "student": _StudentBase}
CLASSES = {}


def _add(cls):
    CLASSES[cls.__name__] = cls
    return cls


def _section_class(system, section, base=Described):
    row = _Row("system", system, section, TABLE["systems"][system]["sections"][section])
    keys = row.keys
    name = _SECTION_NAMES.get(keys["section"]) or _class_name(keys["name"])
    return _add(_make_class(name, [row], _SECTION_BASES.get(keys["section"], base), keys["summary"]))


_PARTS = {keys["section"]: _section_class(0, s) for s, keys in enumerate(TABLE["systems"][0]["sections"])}


class SystemProblem(Described):
    """Base of problems: what is learned, of one system."""

    __slots__ = ()
    _system = 0

    def _check(self, given):
        checked = super()._check(given)
        object.__setattr__(self, "_given", checked)
        document = {}
        self._write(document)
        plain, functions = lent(document)
        _reprise.check_problem(self._system, plain, type(self).__name__, functions)
        return checked

    def _write(self, document):
        if self._system > 0:
            document["system"] = TABLE["systems"][self._system]["name"]
        super()._write(document)

    @classmethod
    def _read(cls, document):
        given = {}
        for name in cls._fields:
            section, _, key = cls._rows[0].path(name).rpartition(".")
            if key in document.get(section, {}):
                given[name] = document[section][key]
        return cls(**given)


def _part_field(section, cls):
    return {"key": section, "aliases": "", "type": cls.__name__, "values": cls.__name__, "unit": "", "symbol": "",
            "meaning": cls._rows[0].keys["summary"], "otherwise": "" if section in ("target", "student") else "its defaults",
            "is_required": section in ("target", "student"), "default": None}


class Problem(SystemProblem):
    __slots__ = ()
    _system = 0

    @classmethod
    def _places(cls):
        return "target", "student"

    _fields = {**{section: _part_field(section, cls) for section, cls in _PARTS.items()},
               "loss": next(f for f in TABLE["training"]["fields"] if f["key"] == "loss")}

    def _check(self, given):
        given = dict(given)
        for section, cls in _PARTS.items():
            value = given.get(section)
            if value is None:
                if section in ("target", "student"):
                    raise InputError(f"Problem: {section} is missing")
                continue
            if isinstance(value, dict):
                value = cls(**value)
            elif not isinstance(value, cls):
                value = cls(value)
            given[section] = value
        loss = given.get("loss")
        if isinstance(loss, Loss) and isinstance(loss.value, str):
            given["loss"] = loss = loss.value
        if isinstance(loss, str):
            _parsed("training.loss", "the name of a loss", loss, _reprise.check_loss)
        elif loss is not None and not isinstance(loss, Loss):
            raise InputError(f"Problem: loss must be a text or a Loss, got {loss!r}")
        object.__setattr__(self, "_given", given)
        document = {}
        self._write(document)
        plain, functions = lent(document)
        _reprise.check_problem(0, plain, "Problem", functions)
        return given

    def _values(self):
        values = {name: getattr(self, name) for name in self._fields}
        for section, cls in _PARTS.items():
            if values[section] is None and not any(f["is_required"] for f in cls._fields.values()):
                values[section] = cls()
        return values

    def _write(self, document):
        for name, part in self._given.items():
            if name == "loss":
                document.setdefault("training", {})["loss"] = part
            else:
                document.setdefault(name, {})
                part._write(document)

    @classmethod
    def _read(cls, document):
        # Keys that algorithms and methods have in these sections are theirs.
        parts = {}
        for section, part in _PARTS.items():
            if section in document:
                own = {key: value for key, value in document[section].items() if key in part._fields}
                if own or section in ("target", "student"):
                    parts[section] = part(**own)
        return cls(**parts, loss=document.get("training", {}).get("loss"))

    def to_dict(self):
        return {name: part.to_dict() if isinstance(part, Described) else part for name, part in self._given.items()}


for _name, _field in Problem._fields.items():
    setattr(Problem, _name, _property(_name, _field))
Problem.__doc__ = _docstring("what is learned and by whom", Problem._fields,
                             "A text in place of a Target or a Student is its first value.")
Problem.__module__ = "reprise"
Problem.__signature__ = _signature(Problem)
_add(Problem)
_PROBLEMS = {TABLE["systems"][0]["name"]: Problem}
for _s, _system in enumerate(TABLE["systems"]):
    if _s > 0:
        _row = _Row("system", _s, 0, _system["sections"][0])
        _PROBLEMS[_system["name"]] = _add(
            _make_class(_class_name(_system["name"]), [_row], SystemProblem, _row.keys["summary"], _system=_s))


# -- algorithms and methods -----------------------------------------------------------------------------------------


class Algorithm(Described):
    """Base of algorithms: how the student learns."""

    __slots__ = ()

    def _check(self, given):
        # The time of algorithms without steps is a key beside those of their struct.
        if "duration" in given and "duration" not in self._rows[0].fields:
            raise InputError(f"{type(self).__name__}: duration must be left out, got {given['duration']!r}")
        return super()._check(given)

    def _write(self, document):
        document.setdefault("training", {})["algorithm"] = self._rows[0].facts["algorithm"]
        super()._write(document)


class _AlgorithmRow(_Row):
    def __init__(self, row, algorithm):
        super().__init__("algorithm", row, 0, algorithm["keys"], algorithm=algorithm["name"])
        self.system = algorithm["system"]
        if not algorithm["has_steps"]:
            self.fields["duration"] = TABLE["duration"]["fields"][0]

    def check(self, given, origin):
        duration = {}
        if "duration" in self.fields:
            if "duration" not in given:
                raise InputError(f"{origin}: training.duration is missing")
            duration = _reprise.check_keys("duration", 0, 0, {"duration": given["duration"]}, origin)
        own = super().check({name: value for name, value in given.items() if name != "duration"}, origin)
        return {name: duration[name] if name in duration else own[name] for name in given}


class Method(Described):
    """Base of methods: how a curve is computed."""

    __slots__ = ()

    @classmethod
    def _candidates(cls, given):
        engine = given.get("engine")
        if engine is None:
            return cls._rows
        engines = sorted({row.facts["engine"] for row in cls._rows} - {""})
        if engine not in engines:
            names = ", ".join(f'"{name}"' for name in engines)
            raise InputError(f"{cls.__name__}: curve.engine must be one of {names}, got {_text(engine)}")
        return [row for row in cls._rows if row.facts["engine"] == engine]

    @classmethod
    def _fitting(cls, algorithm):
        return [row for row in cls._rows if isinstance(algorithm, CLASSES[_class_name(row.facts["algorithm"])])]

    def _curve(self):
        """The [[curve]] without its name, and what the method says of other sections."""
        document = {"curve": {"method": self._rows[0].facts["method"]}}
        self._write(document)
        return document.pop("curve"), document


class _MethodRow(_Row):
    def __init__(self, row, method):
        super().__init__("method", row, 0, method["keys"], method=method["name"], engine=method["engine"],
                         algorithm=method["algorithm"])
        self.role = method["role"]
        if method["engine"]:
            engines = [m["engine"] for m in TABLE["methods"] if m["name"] == method["name"] and m["engine"]]
            engine = dict(next(f for g in TABLE["groups"] if g["name"] == "curve" for f in g["fields"]
                               if f["key"] == "engine"))
            engine["values"] = "One of " + ", ".join(f'"{e}"' for e in dict.fromkeys(engines))
            self.fields["engine"] = engine

    def check(self, given, origin):
        own = super().check({name: value for name, value in given.items() if name != "engine"}, origin)
        return {name: given[name] if name == "engine" else own[name] for name in given}

    def path(self, name):
        return "curve.engine" if name == "engine" else super().path(name)


_ALGORITHMS = {}
for _r, _algorithm in enumerate(TABLE["algorithms"]):
    _ALGORITHMS.setdefault(_algorithm["name"], []).append(_AlgorithmRow(_r, _algorithm))
for _name, _rows in _ALGORITHMS.items():
    _add(_make_class(_class_name(_name), _rows, Algorithm, _rows[0].keys["summary"]))

_METHODS = {}
for _r, _method in enumerate(TABLE["methods"]):
    _METHODS.setdefault(_method["name"], []).append(_MethodRow(_r, _method))


def method_class_name(name):
    """An algorithm and a method of one name are two classes."""
    return _class_name(name) + ("Method" if name in _ALGORITHMS else "")


for _name, _rows in _METHODS.items():
    _add(_make_class(method_class_name(_name), _rows, Method, _rows[0].keys["summary"]))


def problem_of(document):
    """The problem that a document says."""
    return _PROBLEMS[document.get("system", TABLE["systems"][0]["name"])]._read(document)


def algorithm_of(document):
    system = document.get("system", TABLE["systems"][0]["name"])
    training = document.get("training", {})
    first = next(a["name"] for a in TABLE["algorithms"] if a["system"] == system)
    cls = CLASSES[_class_name(training.get("algorithm", first))]
    given = {}
    for name in cls._fields:
        for row in cls._rows:
            if name in row.fields:
                section, _, key = row.path(name).rpartition(".")
                if key in document.get(section, {}):
                    given[name] = document[section][key]
    return cls(**given)


def method_of(curve, document):
    cls = CLASSES[method_class_name(curve["method"])]
    given = {}
    for name in cls._fields:
        for row in cls._rows:
            if name in row.fields:
                section, _, key = row.path(name).rpartition(".")
                source = curve if section == "curve" else document.get(section, {})
                if key in source:
                    given[name] = source[key]
    return cls(**given)


def default_method(algorithm):
    """The first method that fits an algorithm."""
    for row in TABLE["methods"]:
        if isinstance(algorithm, CLASSES[_class_name(row["algorithm"])]):
            return CLASSES[method_class_name(row["name"])]()
    raise InputError(f"solve: algorithm must be one that there is, got {algorithm!r}")
