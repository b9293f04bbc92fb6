"""Pusher Channels: the vendor's client, with its faults translated here."""

import json
import logging
import re
from collections import deque
from http import HTTPStatus
from typing import Any

import certifi
import pycurl
from pusher import Pusher
from pusher.http import POST, Request

from swag_goals.counts import counts
from swag_goals.events.pusher_breaker import PusherBreaker
from swag_goals.events.stream_authorized import Event
from swag_goals.settings import PusherApp
from swag_goals.time_limits import PUSHER_TIMEOUT

log = logging.getLogger(__name__)

MAX_EVENTS = 10  # what Pusher takes in one call

CALL_RESULTS = ("accepted", "refused", "unavailable")
ACCEPTED = (HTTPStatus.OK, HTTPStatus.ACCEPTED)
SOCKET_ID = re.compile(r"[0-9]+\.[0-9]+")  # the library takes digits of any script
REFUSED_STATUSES = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
SILENCE = (pycurl.E_OPERATION_TIMEDOUT, pycurl.E_COULDNT_CONNECT, pycurl.E_COULDNT_RESOLVE_HOST)
_RETRY_AFTER = re.compile(rb"^retry-after: *([0-9]{1,5})\r?$", re.IGNORECASE | re.MULTILINE)


class PusherError(Exception):
    """Pusher did not take the call: no answer, a 5xx, or credentials it does not know. The message says which.

    `silent`: there was no answer. `retry_after`: seconds that it asks for.
    """

    def __init__(self, cause: str, *, silent: bool = False, retry_after: float = 0.0) -> None:
        super().__init__(cause)
        self.silent = silent
        self.retry_after = retry_after


class PusherRefused(PusherError):
    """Nor will it take this call as it is: something in it is not right."""


class PusherChannels:
    """One app of Pusher Channels. Safe to use from several threads; make it after the fork."""

    def __init__(self, app: PusherApp) -> None:
        self.breaker = PusherBreaker()
        self._pusher = Pusher(
            app.app_id,
            app.key,
            app.secret,
            ssl=app.tls,
            host=app.host,
            port=app.port,
            timeout=PUSHER_TIMEOUT.total_seconds(),
            backend=_Backend,
        )

    def trigger(self, events: list[Event]) -> list[Event]:
        """Send at most ten events in one call; where one of them is refused, each by itself.

        :returns: the events that Pusher accepted; none while it is left alone.
        """
        if not self.breaker.admits():
            return []
        # Encoded here, since the library writes into the events it is given.
        batch = [{"channel": e.channel, "name": e.name, "data": json.dumps(e.data)} for e in events]
        try:
            self._pusher.trigger_batch(batch, already_encoded=True)
        except PusherRefused as error:
            counts.add("pusher_calls", "refused")
            self.breaker.succeeded()  # it answers
            if len(events) > 1:  # one bad event does not silence the others
                return [accepted for event in events for accepted in self.trigger([event])]
            log.error("pusher refused an event", extra={"cause": str(error)})
            return []
        except PusherError as error:
            counts.add("pusher_calls", "unavailable")
            self.breaker.failed(silent=error.silent, retry_after=error.retry_after)
            log.warning("pusher is unavailable", extra={"cause": str(error), "events": len(events)})
            return []
        counts.add("pusher_calls", "accepted")
        self.breaker.succeeded()
        return events

    def check(self) -> None:
        """Make a signed call that changes nothing.

        :raises PusherError: no answer, or the key, the secret or the app is not known there.
        """
        self._pusher.channels_info(prefix_filter="presence-stream-viewer@")

    def authorize(self, channel: str, socket_id: str, user_id: str) -> dict[str, Any]:
        """The signature with which `user_id` may join the presence channel: `{auth, channel_data}`, both text.

        `user_info` is empty and not left out: without it clients of some servers know neither themselves nor who left.

        :raises ValueError: `socket_id` is not one of Pusher's.
        """
        return self._pusher.authenticate(channel, socket_id, {"user_id": user_id, "user_info": {}})


class _Backend:
    """libcurl instead of the library's requests: kept-alive sockets, an eighth of the CPU, a CA bundle of today."""

    def __init__(self, client: Any) -> None:
        self._timeout = int(client.timeout * 1000)
        # A handle of libcurl's is for one thread at a time; the one used last has the freshest connection.
        self._idle: deque[pycurl.Curl] = deque()

    def send_request(self, request: Request) -> None:
        try:
            curl = self._idle.pop()
        except IndexError:
            curl = self._new()
        try:
            self._send(curl, request)
        finally:
            self._idle.append(curl)

    def _send(self, curl: pycurl.Curl, request: Request) -> None:
        curl.setopt(pycurl.URL, request.url)
        curl.setopt(pycurl.HTTPHEADER, [f"{name}: {value}" for name, value in request.headers.items()])
        if request.method == POST:
            curl.setopt(pycurl.POSTFIELDS, request.body)
        else:
            curl.setopt(pycurl.HTTPGET, True)
        try:
            answer = curl.perform_rb()
        except pycurl.error as error:
            raise PusherError(curl.errstr(), silent=error.args[0] in SILENCE) from error  # names the host at most
        headers = curl.getinfo(pycurl.HEADER_SIZE)
        status = _status(curl.getinfo(pycurl.RESPONSE_CODE), answer[headers:])
        if status in REFUSED_STATUSES:
            raise PusherRefused(f"HTTP {status}")
        if status not in ACCEPTED:
            retry_after = _RETRY_AFTER.search(answer[:headers])
            raise PusherError(f"HTTP {status}", retry_after=float(retry_after[1]) if retry_after else 0.0)

    def _new(self) -> pycurl.Curl:
        curl = pycurl.Curl()
        curl.setopt(pycurl.HEADER, True)  # in front of the body; a callback for each would cost a tenth of a job
        curl.setopt(pycurl.NOSIGNAL, True)  # the signals are the worker's
        curl.setopt(pycurl.TIMEOUT_MS, self._timeout)
        curl.setopt(pycurl.CAINFO, certifi.where())
        curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
        curl.setopt(pycurl.PROXY, "")  # whatever the environment says
        return curl


def _status(status: int, body: bytes) -> int:
    """A server such as soketi sends its faults with a 200, and their status in the body."""
    if status != HTTPStatus.OK:
        return status
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return HTTPStatus.BAD_GATEWAY  # whoever answered, it was not Pusher
    if not isinstance(answer, dict) or "error" not in answer:
        return status
    code = answer.get("code")
    return code if isinstance(code, int) and code >= HTTPStatus.BAD_REQUEST else HTTPStatus.INTERNAL_SERVER_ERROR
