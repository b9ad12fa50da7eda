"""Figures with matplotlib, in the manner of the program's: theory as lines, simulation as points with bars."""
import numpy as np

from ._errors import InputError

# Okabe and Ito's colours, told apart by the colour-blind: those of the program's figures.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")

STYLE = {
    "figure.constrained_layout.use": True, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": False,
    "legend.frameon": False, "lines.linewidth": 1.4, "lines.markersize": 4, "font.size": 9, "savefig.bbox": "tight",
    "pdf.fonttype": 42, "svg.fonttype": "none",
}

def style(width="double"):
    """Settings for `matplotlib.rc_context`: a column of a paper, "single" (3.4 inches) or "double" (7), fonts embedded.

    >>> with matplotlib.rc_context(style("single")):   # doctest: +SKIP
    ...     solution.plot()
    """
    inches = {"single": 3.4, "double": 7.0}
    if width not in inches:
        raise InputError(f'style: width must be one of "single", "double", got {width!r}')
    return {**STYLE, "figure.figsize": (inches[width], inches[width] * 0.62), "font.size": 8 if width == "single" else 9}


def _entries_of(curve, quantity, entries):
    """[(index behind time, label)], indices of labels from 1 as in files."""
    value = curve[quantity]
    shape = value.shape[1:]
    if not shape:
        return [((), "")]
    found = []
    for index in np.ndindex(shape):
        counted = tuple(i + 1 for i in index)
        if entries is not None and counted not in entries:
            continue
        if entries is None and len(shape) == 2 and quantity == "Q" and index[0] > index[1]:
            continue
        found.append((index, "[" + ",".join(map(str, counted)) + "]"))
    return found


def plot_curves(curves, ax=None, quantities=None, entries=None, labels=True, **style_of_lines):
    """Quantities of one or several solutions against time.

    curves      Solutions, or {label: Solution}: theories are lines, simulations points with bars of one standard error
    ax          Axes to draw into, one for each quantity; None: a new figure in the house style
    quantities  a name or names; None: M, and generalisation_error where there is one
    entries     [(1, 1), (2, 1)] of matrices, [(1,)] of vectors, counted from 1; None: all
    labels      whether there is a legend
    others      go to matplotlib's plot and errorbar: color, alpha, ..

    Returns the Axes, an array of them for several quantities.
    """
    import matplotlib.pyplot as plt

    if isinstance(curves, dict):
        curves = [(label, curve) for label, curve in curves.items()]
    else:
        curves = [(curve.name, curve) for curve in curves]
    if isinstance(quantities, str):
        quantities = [quantities]
    if quantities is None:
        quantities = [q for q in ("M", "overlap", "generalisation_error", "error") if any(q in c for _, c in curves)][:2]
    if not quantities:
        raise InputError("plot: quantities must be some that the curves have, got none")
    if entries is not None:
        entries = {tuple(np.atleast_1d(entry)) for entry in entries}
    for quantity in quantities:
        if not any(quantity in curve for _, curve in curves):
            known = ", ".join(dict.fromkeys(q for _, c in curves for q in c.quantities))
            raise InputError(f"plot: quantities must be of {known}, got {quantity!r}")
    if ax is None:
        with plt.rc_context(style("double")):
            _, axes = plt.subplots(1, len(quantities), squeeze=False, layout="constrained",
                                   figsize=(4.8 * len(quantities) if labels else 3.5 * len(quantities), 2.6))
        axes = axes[0]
    else:
        axes = np.ravel(np.atleast_1d(ax))
        if len(axes) != len(quantities):
            raise InputError(f"plot: ax must be {len(quantities)} Axes, one for each quantity, got {len(axes)}")
    for panel, quantity in zip(axes, quantities):
        _draw(panel, quantity, curves, entries, style_of_lines)
        if labels and ax is None:  # beside the curves, which have the axes for themselves
            panel.legend(fontsize="small", loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
        elif labels:
            panel.legend(fontsize="small")
    return axes[0] if len(axes) == 1 else axes


def _draw(panel, quantity, curves, entries, style_of_lines):
    keys = []
    for label, curve in curves:
        if quantity not in curve:
            continue
        for index, entry in _entries_of(curve, quantity, entries):
            if entry not in keys:
                keys.append(entry)
            colour = COLOURS[(keys.index(entry) if entry else [c for c, _ in curves].index(label)) % len(COLOURS)]
            value = curve[quantity][(slice(None), *index)]
            look = {"color": colour, "label": f"{label} {entry}".strip(), **style_of_lines}
            if curve.role == "simulation":
                error = curve.se[quantity][(slice(None), *index)] if quantity in curve.se else None
                panel.errorbar(curve.t, value, yerr=error, fmt="o", capsize=2, markerfacecolor="white", **look)
            else:
                panel.plot(curve.t, value, "-", **look)
                if quantity in curve.se:
                    error = curve.se[quantity][(slice(None), *index)]
                    panel.fill_between(curve.t, value - error, value + error, color=look["color"], alpha=0.2, lw=0)
    panel.set_xlabel(curves[0][1].clock)
    panel.set_title(quantity.replace("_", " "), fontsize="medium")
