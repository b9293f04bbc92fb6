"""The command: `python -m dev.drill --help`."""

import pickle
import random
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from dev.drill import page
from dev.drill.beside import BrokeOff, side_by_side
from dev.drill.display import Display
from dev.drill.history import FOLDER
from dev.drill.load import RATE
from dev.drill.parts import NAMES, Plan, report

AT_ONCE = 2
ALL = "drill"
RESULTS = FOLDER / "results.pickle"


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(NAMES), metavar="[PARTS]...")
@click.option("--seed", type=int, help="Do again what another drill did; it prints its seed.")
@click.option("--extensions", default=1500, show_default=True, help="How many in a chaos.")
@click.option("--rate", default=RATE, show_default=True, help="How many of them a second.")
@click.option("--runs", default=1, show_default=True, help="How many chaoses, with this seed and the next ones.")
@click.option(
    "--outage", default=20.0, show_default=True, help="How many seconds Pusher is unavailable in each isolation."
)
@click.option("--resume", is_flag=True, help="Go on with the same drill, which was interrupted.")
@click.option("--write", type=click.Path(path_type=Path), help="A folder for the numbers and a picture.")
def main(
    *,
    names: tuple[str, ...],
    seed: int | None,
    extensions: int,
    rate: float,
    runs: int,
    outage: float,
    resume: bool,
    write: Path | None,
) -> None:
    """Kill, freeze and cut off everything while viewers get more time, and count what was lost or doubled.

    All PARTS, or those that are named: chaos, crash-points, control, majority, isolation, admission. Chaos is first;
    the others follow, two at a time, and so do several chaoses. Ends with 1 when a promise was broken.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    plan = Plan(random.SystemRandom().randrange(10**6) if seed is None else seed, extensions, rate, runs, outage)
    chosen = [name for name in NAMES if name in (names or NAMES)]
    stages = [[name for name in chosen if name == "chaos"], [name for name in chosen if name != "chaos"]]
    results = _kept(plan) if resume else {}
    with Display(f"Seed {plan.seed}", sum(len(plan.parts(name)) for name in chosen)) as display:
        for stage in stages:
            parts = [part for name in stage for part in plan.parts(name) if part.title not in results]
            for part, result in side_by_side(parts, AT_ONCE, display.say):
                results[part.title] = result
                display.over(part.title)
                RESULTS.parent.mkdir(parents=True, exist_ok=True)
                RESULTS.write_bytes(pickle.dumps((plan, results)))
                if write:
                    _write(write, plan, chosen, results)
    if write:
        _write(write, plan, chosen, results)
    made = report(plan, chosen, results)
    display.report(made)
    sys.exit(1 if made.broken() else 0)


def _kept(plan: Plan) -> dict[str, Any]:
    """The results of the last drill so far.

    :raises click.UsageError: it was another one.
    """
    before, results = pickle.loads(RESULTS.read_bytes()) if RESULTS.exists() else (None, {})  # noqa: S301 - its own
    if before != plan:
        raise click.UsageError(f"The last drill was {before}, and this is {plan}.")
    return {title: result for title, result in results.items() if not isinstance(result, BrokeOff)}


def _write(folder: Path, plan: Plan, chosen: Sequence[str], results: dict[str, Any]) -> None:
    """What there is so far, so that little is lost where a long run is interrupted."""
    words = [word for word in sys.argv[1:] if word != "--resume"]
    words = words if "--seed" in sys.argv else ["--seed", str(plan.seed), *words]
    alone = "-alone" if chosen == ["chaos"] and plan.runs == 1 else ""
    name = chosen[0] + alone if len(chosen) == 1 else ALL
    page.write(report(plan, chosen, results), folder, name, shlex.join(words))


if __name__ == "__main__":
    main()
