"""Pusher Channels: the vendor's client, with its faults translated here."""

import json
import logging
from http import HTTPStatus
from typing import Any

import certifi
import urllib3
from pusher import Pusher
from pusher.errors import PusherError
from pusher.http import Request, process_response

from swag_goals.events.stream_authorized import Event
from swag_goals.metrics import counts
from swag_goals.settings import PusherApp

log = logging.getLogger(__name__)

MOST_EVENTS = 10  # what Pusher takes in one call
TIMEOUT = 2.0  # seconds; a worker waits for it, and other viewers behind it
CALLS_SIDE_BY_SIDE = 10
CALL_RESULTS = ("accepted", "refused", "unavailable")


class PusherUnavailable(Exception):
    """Pusher did not take the call now: no answer, a 5xx, or credentials it does not know."""


class PusherRefused(Exception):
    """Pusher will not take this call as it is: something in it is not right."""


class PusherChannels:
    """One app of Pusher Channels. Safe to use from several threads; make it after the fork."""

    def __init__(self, app: PusherApp) -> None:
        self._pusher = Pusher(
            app.app_id,
            app.key,
            app.secret,
            ssl=app.tls,
            host=app.host,
            port=app.port,
            timeout=TIMEOUT,
            backend=_Backend,
        )

    def trigger(self, events: list[Event]) -> list[Event]:
        """Send at most ten events in one call; where one of them is refused, each by itself.

        :returns: the events that Pusher took.
        """
        try:
            self._trigger(events)
        except PusherUnavailable as error:
            log.warning("pusher is unavailable", extra={"cause": str(error), "events": len(events)})
            return []
        except PusherRefused as error:
            if len(events) > 1:  # one bad event does not silence the others
                return [taken for event in events for taken in self.trigger([event])]
            log.error("pusher refused an event", extra={"cause": str(error)})
            return []
        return events

    def ask(self) -> None:
        """Make a signed call that changes nothing.

        :raises PusherUnavailable: no answer, or the key, the secret or the app is not known there.
        """
        try:
            self._pusher.channels_info(prefix_filter="presence-stream-viewer@")
        except (PusherError, urllib3.exceptions.HTTPError, ValueError, _Refused) as error:
            raise PusherUnavailable(type(error).__name__) from None

    def authorize(self, channel: str, socket_id: str, user_id: str) -> dict[str, Any]:
        """The signature with which `user_id` may join the presence channel.

        :raises ValueError: `socket_id` is not one of Pusher's.
        """
        return self._pusher.authenticate(channel, socket_id, {"user_id": user_id})

    def _trigger(self, events: list[Event]) -> None:
        # Encoded here, since the library writes into the events it is given.
        batch = [{"channel": e.channel, "name": e.name, "data": json.dumps(e.data)} for e in events]
        try:
            self._pusher.trigger_batch(batch, already_encoded=True)
        except _Refused as error:
            counts.add("pusher_calls", "refused")
            raise PusherRefused(str(error)) from None
        except (PusherError, urllib3.exceptions.HTTPError, ValueError) as error:
            counts.add("pusher_calls", "unavailable")
            raise PusherUnavailable(type(error).__name__) from None
        counts.add("pusher_calls", "accepted")


class _Refused(Exception):
    """A 400 or 413: the vendor's library knows no name of its own for the second."""


class _Backend:
    """urllib3 instead of the library's requests: kept-alive sockets, a third of the CPU, a CA bundle of today."""

    def __init__(self, client: Any) -> None:
        timeout = urllib3.Timeout(connect=client.timeout, read=client.timeout)
        self._pool = urllib3.PoolManager(
            maxsize=CALLS_SIDE_BY_SIDE, timeout=timeout, retries=False, ca_certs=certifi.where()
        )

    def send_request(self, request: Request) -> Any:
        answer = self._pool.request(request.method, request.url, body=request.body, headers=request.headers)
        body = answer.data.decode()
        status = _status(answer.status, body)
        if status in (400, 413):
            raise _Refused(f"{status}")
        return process_response(status, body)


def _status(status: int, body: str) -> int:
    """A server such as soketi sends its faults with a 200, and their status in the body."""
    fault = json.loads(body) if status == HTTPStatus.OK else None
    return int(fault.get("code", 500)) if isinstance(fault, dict) and "error" in fault else status
