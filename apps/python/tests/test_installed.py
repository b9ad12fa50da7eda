"""The module where `cmake --install` puts it, with the experiments that are installed beside it."""
import os
import pathlib
import subprocess
import sys

import pytest

CODE = """
import pathlib, reprise as rp
assert pathlib.Path(rp.__file__).is_relative_to({prefix!r}), rp.__file__
assert pathlib.Path(rp.data_folder()).is_relative_to({prefix!r}), rp.data_folder()
print(rp.experiment("examples/first").title)
"""


def test_an_installed_module_finds_itself_and_its_experiments(tmp_path):
    build = os.environ.get("REPRISE_BUILD")
    if not build:
        pytest.skip("built without the program")
    subprocess.run(["cmake", "--install", build, "--prefix", tmp_path], check=True, capture_output=True)
    module, = tmp_path.rglob("_reprise*.so")
    environment = {key: value for key, value in os.environ.items() if key != "REPRISE_DATA"}
    printed = subprocess.run([sys.executable, "-c", CODE.format(prefix=str(tmp_path))], check=True, capture_output=True,
                             text=True, cwd=tmp_path, env={**environment, "PYTHONPATH": str(module.parent.parent)}).stdout
    assert printed == "One neuron, one direction\n"
    assert module.parent.parent.name in ("dist-packages", "site-packages")
    assert (tmp_path / "bin" / "reprise").exists() and pathlib.Path(module.parent, "py.typed").exists()
