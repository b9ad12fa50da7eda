"""The experiments that come with Reprise."""
import os
import pathlib

from . import _reprise
from ._errors import InputError


def data_folder():
    """REPRISE_DATA where it is set, else the data of this package or of the installation around it."""
    named = os.environ.get("REPRISE_DATA")
    if named:
        return named
    here = pathlib.Path(__file__).parent  # of the build folder: its files are links
    for folder in (here / "data", *(parent / "share" / "reprise" / "data" for parent in here.parents)):
        if folder.is_dir():
            return str(folder)
    raise InputError("reprise: REPRISE_DATA must name the folder of the experiments, got none beside the module")


def catalogue():
    """The experiments that come with Reprise: a pandas DataFrame with name, title, group and is_sweep, sorted by name.

    >>> "dandi2024/benchmark_a" in set(catalogue()["name"])
    True
    """
    import pandas

    return pandas.DataFrame(_reprise.catalogue(data_folder()))


def find(name):
    """The path of a file, or of a shipped experiment by its name."""
    return _reprise.find_experiment(str(name), data_folder())


def cite(name=None):
    """BibTeX of Reprise, and of the paper that a shipped experiment ("dandi2024/benchmark_a") reproduces."""
    own = ("@software{reprise,\n  author = {{The Reprise authors}},\n"
           "  title = {Reprise: learning curves of two-layer networks in high dimension, theory and simulation},\n"
           f"  version = {{{_reprise.version()}}}\n}}\n")
    return own if name is None else own + "\n" + _reprise.citation(name, data_folder())
