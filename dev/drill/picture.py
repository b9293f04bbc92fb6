"""A picture of a chaos: extensions over time, and what was down when."""

from collections.abc import Sequence
from io import BytesIO

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dev.drill.chaos import Chaos
from dev.drill.outages import Outage

KINDS = ("web", "worker", "sweeper", "redis", "primary", "links", "disk", "pusher")
MIN_SHOWN = 0.15  # seconds that are still to be seen


def svg(chaos: Chaos) -> bytes:
    """The picture, the same for the same numbers."""
    figure = Figure(figsize=(10, 6), layout="constrained")
    above, below = figure.subplots(2, sharex=True, height_ratios=[3, 1.6])
    _extensions(above, chaos)
    _outages(below, chaos)
    below.set_xlabel("seconds since the start of the load")
    out = BytesIO()
    with mpl.rc_context({"svg.hashsalt": "drill", "svg.fonttype": "none"}):
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()


def _extensions(axes: Axes, chaos: Chaos) -> None:
    presses = chaos.tally.presses
    curves = {
        "pressed": [press.at for press in presses],
        "acknowledged": [press.accepted_at for press in presses if press.accepted_at],
        "settled": list(chaos.tally.settled.values()),
    }
    for name, times in curves.items():
        axes.step(sorted(time - chaos.began for time in times), range(1, len(times) + 1), where="post", label=name)
    axes.set_ylabel("extensions")
    axes.legend(loc="upper left", frameon=False)
    axes.grid(alpha=0.3)


def _outages(axes: Axes, chaos: Chaos) -> None:
    end = max([*chaos.tally.settled.values(), chaos.tally.presses[-1].at])
    for row, kind in enumerate(reversed(KINDS)):
        axes.broken_barh(_bars(chaos, kind, end), (row - 0.35, 0.7), facecolors=f"C{row + 3}")
    axes.set_yticks(range(len(KINDS)), list(reversed(KINDS)))
    axes.set_title("down: killed, frozen, cut off or slow, until it runs again", fontsize="medium", loc="left")
    axes.grid(axis="x", alpha=0.3)


def _bars(chaos: Chaos, kind: str, end: float) -> Sequence[tuple[float, float]]:
    def is_shown(outage: Outage) -> bool:
        return outage.part.startswith(kind) and chaos.began <= outage.began <= end

    return [
        (outage.began - chaos.began, max((outage.back or end) - outage.began, MIN_SHOWN))
        for outage in chaos.tally.outages
        if is_shown(outage)
    ]
