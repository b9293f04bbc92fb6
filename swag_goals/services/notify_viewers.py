"""Notify the viewers of what was given, in batches of ten events."""

import os
import time
from collections.abc import Iterable
from functools import cache

from swag_goals.documents.ledger import Outcome
from swag_goals.events.pusher_channels import MAX_EVENTS, PusherChannels
from swag_goals.events.stream_authorized import Event
from swag_goals.services.attempt import Attempt
from swag_goals.services.concurrency import concurrently
from swag_goals.settings import read
from swag_goals.time_limits import MAX_NOTIFYING


def notify_viewers(attempts: list[Attempt]) -> list[Outcome]:
    """Send the events of all attempts, then say of each extension whether all of its viewers are notified."""
    events = [event for made in attempts for event in made.events]
    accepted = {id(event) for event in _send(events)}
    outcomes = []
    for made in attempts:
        sent = all(id(event) in accepted for event in made.events)
        outcomes.append(
            Outcome(
                made.extension,
                change=made.change,
                refused=made.refused,
                notified=sent and made.all_can_be_notified,
                gave_up=sent and not made.all_can_be_notified,
            )
        )
    return outcomes


def _send(events: list[Event]) -> Iterable[Event]:
    batches = [events[start : start + MAX_EVENTS] for start in range(0, len(events), MAX_EVENTS)]
    channels, until = _channels(), time.monotonic() + MAX_NOTIFYING.total_seconds()

    def trigger(batch: list[Event]) -> list[Event]:
        return channels.trigger(batch) if time.monotonic() < until else []

    return concurrently(trigger, batches)


@cache
def _channels() -> PusherChannels:
    return PusherChannels(read(os.environ, "PUSHER_URL"))
