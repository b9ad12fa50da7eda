"""What is written is true: doctests, the README, stubs, docstrings."""
import doctest
import importlib
import pathlib
import pkgutil
import re

import numpy
import pytest

import reprise as rp

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
MODULES = [name for _, name, _ in pkgutil.iter_modules(rp.__path__) if name != "_reprise"]


@pytest.mark.parametrize("name", MODULES)
def test_doctests(name):
    module = importlib.import_module(f"reprise.{name}")
    failed, _ = doctest.testmod(module, extraglobs={**{n: getattr(rp, n) for n in rp.__all__}, "np": numpy, "rp": rp})
    assert failed == 0


def test_the_readme_says_what_comes_out(capsys):
    text = (ROOT / "README.md").read_text()
    section = text[text.index("## From Python"):]
    code, printed = re.search(r"```python\n(.*?)```.*?```text\n(.*?)```", section, re.S).groups()
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out == printed


def test_stubs_are_current():
    import write_stubs

    assert (HERE.parent / "reprise" / "__init__.pyi").read_text() == write_stubs.stubs()
    assert {name for names in write_stubs.MODULES.values() for name in names} | set(
        rp._objects.CLASSES) == set(rp.__all__) | {"Described"}


def test_everything_public_is_documented():
    for name in rp.__all__:
        thing = getattr(rp, name)
        assert thing.__doc__ and len(thing.__doc__) > 40, name
        for method, member in vars(thing).items() if isinstance(thing, type) else ():
            if callable(member) and not method.startswith("_"):
                assert member.__doc__ or method in ("keys", "values", "items", "to_dict"), f"{name}.{method}"


def test_docstrings_have_units_ranges_and_defaults():
    text = rp.GradientDescent.__doc__
    for part in ("learning_rate", "finite", "default: 0.0", "Raises InputError"):
        assert part in text, part
    assert "samples / d" in rp.SGD.__doc__
