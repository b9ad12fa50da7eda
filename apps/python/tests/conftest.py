import os
import pathlib
import subprocess

import matplotlib
import pytest

matplotlib.use("Agg")

ROOT = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture
def program():
    """Runs the program of the same build; the test is skipped where there is none."""
    path = os.environ.get("REPRISE_PROGRAM", "")
    if not path:
        pytest.skip("built without the program")

    def run(*arguments):
        return subprocess.run([path, *map(str, arguments)], check=True, capture_output=True, text=True,
                              env={**os.environ, "REPRISE_DATA": str(ROOT / "data")}).stdout

    return run
