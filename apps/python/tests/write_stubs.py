"""Writes reprise/__init__.pyi, what editors and type checkers know of the classes that are made from the library's
tables. A test holds the file against this.

usage: PYTHONPATH=build/release/apps/python python3 apps/python/tests/write_stubs.py > apps/python/reprise/__init__.pyi
"""
import re

import reprise
from reprise import _objects

MODULES = {
    "_callables": ["Activation", "Compiled", "Loss", "TargetFunction"],
    "_data": ["catalogue", "cite", "data_folder"],
    "_errors": ["Error", "InputError", "NumericalError"],
    "_experiment": ["Curve", "Experiment", "experiment", "run", "solve", "validate"],
    "_exponents": ["Exponents", "exponents"],
    "_manners": ["RepriseWarning", "interrupted"],
    "_objects": ["Algorithm", "Described", "Method", "SystemProblem"],
    "_plot": ["plot_curves", "style"],
    "_results": ["Comparison", "Results", "Solution", "compare", "load"],
    "_sweep": ["sweep"],
}


def type_of(name, field):
    kind = field["type"]
    if name == "activation":
        return "str | Activation"
    if name == "expression":
        return "str | TargetFunction | Callable[..., NDArray[Any]] | Compiled"
    if name == "loss":
        return "str | Loss"
    if name in ("target", "student", "inputs", "initial") and kind in _objects.CLASSES:
        return {"target": "Target | str | Callable[..., NDArray[Any]]", "student": "Student | str"}.get(name, kind)
    if re.fullmatch(r'"[^"]*"(, "[^"]*")+', kind):
        return f"Literal[{kind}]"
    return {"number": "float", "integer": "int", "true or false": "bool", "text": "str",
            "number or list of numbers": "float | Sequence[float]", "matrix, a list of rows": "ArrayLike",
            "text or list of texts": "str | Sequence[str]", "table": "dict[str, Any]",
            "tables": "Sequence[dict[str, Any]]"}.get(kind, "Any")


def class_text(name, cls):
    fields = dict(cls._fields)

    def argument(key):
        field = fields[key]
        return f"{key}: {type_of(key, field)}" + ("" if field["is_required"] else " | None = ...")

    places = cls._places()
    named = [argument(key) for key in fields if key not in places]
    named.sort(key=lambda text: text.endswith("..."))
    extra = ["k: int | None = ...", "name: str | None = ...", "polynomial: str | None = ..."] if name == "Target" else []
    rest = [*named, *extra]
    base = next(b for b in cls.__mro__[1:] if b.__name__ in ("SystemProblem", "Algorithm", "Method", "Described")).__name__
    lines = [f"class {name}({base}):"]
    signature = ", ".join(["self", *map(argument, places), *(["*"] if rest else []), *rest])
    lines.append(f"    def __init__({signature}) -> None: ...")
    for key, field in fields.items():
        lines += ["    @property", f"    def {key}(self) -> {type_of(key, field)} | None: ..."]
    changes = ", ".join(f"{key}: {type_of(key, field)} | None = ..." for key, field in fields.items())
    lines.append(f"    def replace(self, *, {changes}) -> {name}: ...  # type: ignore[override]")
    if name == "Target":
        lines += ["    @property", "    def k(self) -> int: ...", "    def __call__(self, z: ArrayLike) -> NDArray[Any]: ..."]
    return "\n".join(lines)


def stubs():
    lines = ["# Written by apps/python/tests/write_stubs.py from the tables of the library.",
             "from collections.abc import Callable, Sequence", "from typing import Any, Literal", "",
             "from numpy.typing import ArrayLike, NDArray", ""]
    for module, names in MODULES.items():
        lines.append(f"from .{module} import " + ", ".join(f"{name} as {name}" for name in names))
    lines += ["", "__version__: str", ""]
    for name, cls in _objects.CLASSES.items():
        lines += [class_text(name, cls), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    print(stubs(), end="")
