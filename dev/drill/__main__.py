"""The command: `python -m dev.drill --help`."""

import random
import signal
import sys
from pathlib import Path

import click

from dev.drill import admission, chaos, crash_points, isolation, majority, page
from dev.drill.display import Display
from dev.drill.report import Report
from dev.stack.outcome import NOT_UP, sentence

PARTS = ("crash-points", "chaos", "majority", "isolation", "admission", "control")
WATCHED = 30.0  # seconds


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--seed", type=int, help="Do again what another drill did; it prints its seed.")
@click.option("--extensions", default=1500, show_default=True, help="How many in a chaos.")
@click.option("--runs", default=1, show_default=True, help="How many chaoses, with this seed and the next ones.")
@click.option(
    "--outage", default=20.0, show_default=True, help="How many seconds Pusher is unavailable in each isolation."
)
@click.option("--write", type=click.Path(path_type=Path), help="A folder for the numbers and a picture.")
def main(
    *, parts: tuple[str, ...], seed: int | None, extensions: int, runs: int, outage: float, write: Path | None
) -> None:
    """Kill, freeze and cut off everything while viewers get more time, and count what was lost or doubled.

    All PARTS, or those that are named. Ends with 1 when a promise was broken.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    report = Report(random.SystemRandom().randrange(10**6) if seed is None else seed)
    display = Display()
    click.echo(f"Seed {report.seed}")
    try:
        for part in parts or PARTS:
            _drill(part, report, display, extensions=extensions, runs=runs, outage=outage)
    except NOT_UP as error:
        raise click.ClickException(sentence(error)) from None
    if write:
        page.write(report, write)
    display.report(report)
    sys.exit(1 if report.broken() else 0)


def _drill(part: str, report: Report, display: Display, *, extensions: int, runs: int, outage: float) -> None:
    match part:
        case "crash-points":
            _crash_points(report, display)
        case "chaos":
            for seed in range(report.seed, report.seed + runs):
                report.chaos.append(_chaos(seed, extensions, chaos.PROGRAM, display))
        case "majority":
            _majority(report, display)
        case "isolation":
            _isolation(report, display, outage)
        case "admission":
            _admission(report, display)
        case "control":
            report.control = _chaos(report.seed, extensions, chaos.PLAIN, display)


def _crash_points(report: Report, display: Display) -> None:
    cases = crash_points.cases()
    with display.part(f"Crash points: {len(cases)} cases") as say:
        advance = display.bars("cases", total=len(cases))
        done: list[crash_points.Result] = []

        def finished(result: crash_points.Result) -> None:
            done.append(result)
            advance(len(done))
            display.case(result)

        report.crash_points, report.crash_faults = crash_points.run(report.seed, cases, say, finished)


def _chaos(seed: int, extensions: int, subject: chaos.Subject, display: Display) -> chaos.Chaos:
    title = "Chaos" if subject is chaos.PROGRAM else "Control: chaos for a plain program, which must fail"
    with display.part(f"{title}, seed {seed}") as say:
        return chaos.run(
            seed, extensions, subject, say, display.bars("pressed", "acknowledged", "notified", total=extensions)
        )


def _majority(report: Report, display: Display) -> None:
    for way in majority.WAYS:
        with display.part(f"Loss of the majority: both secondaries {way}") as say:
            report.losses.append(majority.run(report.seed, way, say))


def _isolation(report: Report, display: Display, outage: float) -> None:
    for way in isolation.WAYS:
        with display.part(f"Isolation: Pusher is unavailable, {way}") as say:
            report.isolations.append(isolation.run(report.seed, way, outage, say))


def _admission(report: Report, display: Display) -> None:
    with display.part("Admission: a thousand viewers watch") as say:
        report.watched.append(admission.run(report.seed, WATCHED, say))


if __name__ == "__main__":
    main()
