"""What a target costs to learn, from its function alone."""
from __future__ import annotations

import html
import json

import numpy as np

from . import _reprise
from ._callables import Activation, Loss, TargetFunction
from ._errors import InputError
from ._experiment import _threads
from ._manners import interrupt
from ._objects import CLASSES


class Stage:
    """Directions that are learned together.

    order       of the lowest moment that is not zero: samples of order d^max(order - 1, 1) in one pass
    directions  (r, k) orthonormal rows
    strength, error   (r,) of the moment in each, and its standard error
    """

    def __init__(self, data):
        self._data = data
        self.order = data["order"]
        self.directions = np.array(data["directions"])
        self.strength = np.array(data["strength"])
        self.error = np.array(data["error"])

    def __repr__(self):
        return f"<Stage of order {self.order}: {len(self.directions)} directions>"


class Exponents:
    """Leap, generative leap and weak-recovery threshold of a target.

    leap              the largest order of the stages of one pass over the data; None where a direction is never reached
                      or where it is undecided
    generative_leap   the same of batches that are used again
    alpha_c           samples per dimension at which the best algorithms begin to learn; 0 where one order suffices; None
                      where it is infinite or undecided. alpha_c_error its standard error
    decided           {"leap": bool, "generative_leap": bool, "alpha_c": bool}
    correlational, statistical   lists of `Stage`, in the order in which they are learned
    never_reached     (r, k) directions that no order up to max_order reaches
    student           what a student with the activation reaches, where one was given
    to_dict()         everything, as `reprise exponents --json` has it
    """

    def __init__(self, data, text):
        self._data, self._text = data, text
        for key in ("expression", "leap", "generative_leap", "alpha_c", "alpha_c_error", "decided", "max_order"):
            setattr(self, key, data[key])
        self.correlational = [Stage(stage) for stage in data["correlational"]]
        self.statistical = [Stage(stage) for stage in data["statistical"]]
        self.never_reached = np.array(data["never_reached"])
        self.student = data.get("student")

    def to_dict(self):
        return self._data

    def __reduce__(self):
        return Exponents, (self._data, self._text)

    def __str__(self):
        return self._text

    def __repr__(self):
        return (f"<Exponents of {self.expression!r}: leap {self.leap}, generative leap {self.generative_leap}, "
                f"alpha_c {self.alpha_c}>")

    def _repr_html_(self):
        rows = []
        for name, stages in (("one pass", self.correlational), ("batches used again", self.statistical)):
            for number, stage in enumerate(stages, 1):
                directions = "; ".join(" ".join(f"{x:.3g}" for x in row) for row in stage.directions)
                strength = ", ".join(f"{s:.3g} &plusmn; {e:.1g}" for s, e in zip(stage.strength, stage.error))
                rows.append(f"<tr><td>{name}</td><td>{number}</td><td>{stage.order}</td><td>{directions}</td>"
                            f"<td>{strength}</td></tr>")
        return (f"<b>{html.escape(self.expression)}</b>: leap {self.leap}, generative leap {self.generative_leap}, "
                f"&alpha;<sub>c</sub> {'none' if self.alpha_c is None else format(self.alpha_c, '.4g')}"
                "<table><thead><tr><th>queries</th><th>stage</th><th>order</th><th>directions</th><th>strength</th>"
                f"</tr></thead><tbody>{''.join(rows)}</tbody></table>")


def exponents(target, *, noise_variance: float | None = None, activation: str | Activation | None = None,
              loss: str | Loss = "square", effort: int = 1, tolerance: float = 0.03, max_order: int = 0, seed: int = 1,
              threads: int = 0) -> Exponents:
    """What a target costs to learn: leap, generative leap and threshold, stage by stage.

    target          a formula of z1..zk, k at most 8, a Target (with its noise and Gram matrix), or a TargetFunction
    noise_variance  of the label, at least 0; default that of the Target, or 0
    activation      a name or an Activation: adds what a student with it reaches, with this loss
    effort          1 to 6; each one more takes four times the points
    tolerance       moments below it, relative to their scale, may count as zero
    max_order       highest total degree of moments; 0: 16 for k = 1 down to 6 for k = 8

    Returns Exponents. Of a function moments are numerical, unless it says that it is a polynomial.

    >>> exponents("He3(z1) + z1*z2").leap
    2
    """
    gram = None
    if isinstance(target, str):
        target = CLASSES["Target"](target)
    if callable(target) and not isinstance(target, (CLASSES["Target"], TargetFunction)):
        target = TargetFunction(target)
    if isinstance(target, CLASSES["Target"]):
        noise_variance = target.noise_variance if noise_variance is None else noise_variance
        gram, target = target.gram, target.expression
    options = {"effort": effort, "tolerance": tolerance, "max_order": max_order, "seed": seed, "threads": _threads(threads)}
    for name, value in options.items():
        if isinstance(value, bool) or not isinstance(value, (int, float) if name == "tolerance" else int):
            raise InputError(f"exponents: {name} must be a number, got {value!r}")

    def spec(what):
        return what if isinstance(what, str) or what is None else what._spec()

    data, text, interruption = _reprise.exponents(spec(target), float(noise_variance or 0), gram, spec(activation),
                                                  spec(loss), options)
    if interruption is not None:
        interrupt(interruption, None)
    return Exponents(json.loads(data), text)
