"""Plots of what was measured."""

from collections.abc import Sequence
from io import BytesIO
from itertools import groupby

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dev.bench.figures import Measured, Result

WIDTH = 9.0  # inches


def svg(result: Result) -> bytes:
    """The curves where there are some, else a bar for each number; the same for the same figures."""
    figure = _curves(result) if result.curves else _bars(result.measured)
    out = BytesIO()
    with mpl.rc_context({"svg.hashsalt": "bench", "svg.fonttype": "none"}):
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()


def _curves(result: Result) -> Figure:
    figure = Figure(figsize=(WIDTH, 4.5), layout="constrained")
    axes = figure.subplots()
    for curve in result.curves:
        counts = len(curve.x) < 10  # noqa: PLR2004 - of processes, which have no halves
        axes.plot(curve.x, curve.y, label=curve.what, marker="o" if counts else None)
        if counts:
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(result.axes[0])
    axes.set_ylabel(result.axes[1])
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    return figure


def _bars(measured: Sequence[Measured]) -> Figure:
    """The numbers of each unit below each other, with the least and the most of their repetitions."""
    units = {unit: list(group) for unit, group in groupby(sorted(measured, key=_unit), key=_unit)}
    heights = [len(group) for group in units.values()]
    figure = Figure(figsize=(WIDTH, 0.8 * len(units) + 0.35 * sum(heights)), layout="constrained")
    subplots = figure.subplots(len(units), squeeze=False, height_ratios=heights)[:, 0]
    for axes, (unit, group) in zip(subplots, units.items(), strict=True):
        names = [each.what for each in group]
        medians = [each.median for each in group]
        below = [each.median - min(each.values) for each in group]
        above = [max(each.values) - each.median for each in group]
        axes.barh(names, medians, xerr=(below, above), color="C0", ecolor="0.4", capsize=2)
        axes.invert_yaxis()
        axes.set_xlabel(unit)
        axes.grid(axis="x", alpha=0.3)
    return figure


def _unit(measured: Measured) -> str:
    return measured.unit
