"""Learning curves of two-layer networks in high dimension: theory, and simulation beside it.

    import reprise as rp

    problem = rp.Problem("tanh(z1 + He3(z2))", rp.Student("relu", second_layer=[0.7, -0.7]))
    descent = rp.GradientDescent(0.2, samples_per_dimension=3, steps=7)
    theory = rp.solve(problem, descent, rp.DMFT())
    theory.M[-1], theory.se.M[-1]            # overlaps after 7 steps, (p, k), and their standard errors

`Problem`, the algorithms and the methods are the sections of experiment files, with their keys, ranges and defaults:
`help(rp.GradientDescent)`. `run` computes whole experiments, `sweep` grids of them, `exponents` says what a target
costs. Results are numpy arrays; pandas, xarray, matplotlib and tqdm are imported where they are used.
"""
from . import _reprise
from ._callables import Activation, Compiled, Loss, TargetFunction
from ._data import catalogue, cite, data_folder
from ._errors import Error, InputError, NumericalError

_reprise.set_error_types(InputError, NumericalError, Error)

from ._experiment import Curve, Experiment, experiment, run, solve, validate  # noqa: E402
from ._exponents import Exponents, exponents  # noqa: E402
from ._manners import RepriseWarning, interrupted  # noqa: E402
from ._objects import CLASSES as _CLASSES, Algorithm, Method, SystemProblem  # noqa: E402
from ._plot import plot_curves, style  # noqa: E402
from ._results import Comparison, Results, Solution, compare, load  # noqa: E402
from ._sweep import sweep  # noqa: E402

globals().update(_CLASSES)

__version__ = _reprise.version()
__all__ = sorted([
    "Activation", "Algorithm", "Comparison", "Compiled", "Curve", "Error", "Experiment", "Exponents", "InputError",
    "Loss", "Method", "NumericalError", "RepriseWarning", "Results", "Solution", "SystemProblem",
    "TargetFunction", "catalogue", "cite", "compare", "data_folder", "experiment", "exponents", "interrupted", "load",
    "plot_curves", "run", "solve", "style", "sweep", "validate", *_CLASSES])
