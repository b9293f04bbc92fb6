"""`flask doctor`: is everything there that the program needs, and what to do where it is not."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import click

from swag_goals.commands.command import Command, as_json
from swag_goals.commands.finding import Finding
from swag_goals.commands.mongodb_findings import mongodb_findings
from swag_goals.commands.redis_findings import redis_findings
from swag_goals.events.pusher_channels import PusherChannels, PusherError
from swag_goals.settings import HINTS, PusherApp, SettingsError, read


@click.command(cls=Command)
@as_json
def doctor(as_json: bool) -> None:
    """Check every setting and connection, and say what to do.

    Changes nothing but a key of its own in Redis. Ends with 1 where something is wrong.
    """
    findings = []
    for finding in examine(os.environ):
        findings.append(finding)
        if not as_json:
            click.secho("well   " if finding.well else "wrong  ", fg="green" if finding.well else "red", nl=False)
            click.echo(finding.says)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    if not all(finding.well for finding in findings):
        click.get_current_context().exit(1)


def examine(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Look at the settings, and at every server whose setting is right."""
    settings: dict[str, Any] = {}
    for name in HINTS:
        try:
            settings[name] = read(environ, name)
            yield Finding(True, f"{name} can be read.")
        except SettingsError as error:
            # PUSHER_WS_URL is derived from PUSHER_URL, which was reported already.
            if str(error).startswith(f"{name} "):
                yield Finding(False, str(error))
    if "MONGODB_URI" in settings:
        yield from mongodb_findings(settings["MONGODB_URI"])
    if "REDIS_URL" in settings:
        yield from redis_findings(settings["REDIS_URL"])
    if "PUSHER_URL" in settings:
        yield _pusher(settings["PUSHER_URL"])


def _pusher(app: PusherApp) -> Finding:
    try:
        PusherChannels(app).check()
    except PusherError as error:
        no_call = f"Pusher does not take a signed call ({error})"
        return Finding(False, f"{no_call}: look whether it runs, and at PUSHER_URL's key, secret, host and app id.")
    return Finding(True, "Pusher takes signed calls.")
