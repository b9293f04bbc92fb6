"""Every answer that the description lists for an operation is given by that operation."""

import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from bson import ObjectId
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from dev.stack import procfile
from dev.stack.stack import Stack
from swag_goals.api.docs import operations
from swag_goals.app import create_app
from swag_goals.documents.goal import MAX_VIEWERS
from swag_goals.events.stream_authorized import channel
from tests import factories
from tests.api.client import TIMEOUT, Answer, ask, bearer, extend, read, request
from tests.api.conftest import ORIGINS
from tests.conformance import codes
from tests.eventually import eventually
from tests.factories import OneToOne, new_id

Documents = Database[dict[str, Any]]
Fixture = Callable[[str], Any]
# Has an operation called so that it answers with the problem, and says what it answered.
Maker = Callable[[Fixture, str, str], tuple[int, str]]

OPERATIONS = {operation["operationId"]: operation for operation in operations()}
LISTED = [
    (name, int(status), code)
    for name, operation in OPERATIONS.items()
    for status, response in operation["responses"].items()
    for code in sorted(codes(response)) or [""]
]
GOALS_LIMIT = 20
PROBES = 12  # three times as many as have threads
KEY = "of-the-first-request"


@dataclass(frozen=True)
class Call:
    """A call of an operation with which nothing is wrong, by a streamer who is a viewer as well."""

    name: str
    one: OneToOne
    extension_id: str
    user: str | None
    scopes: tuple[str, ...] = ("CREATOR",)
    query: str = ""
    headers: tuple[tuple[str, str], ...] = (("Origin", ORIGINS[0]),)
    content: bytes = b""

    @property
    def method(self) -> str:
        return str(OPERATIONS[self.name]["method"])

    @property
    def target(self) -> str:
        ids = {"goal_id": self.one.goal_id, "session_id": self.one.session_id, "extension_id": self.extension_id}
        return OPERATIONS[self.name]["path"].format(**ids) + self.query

    def having(self, *headers: tuple[str, str]) -> "Call":
        return replace(self, headers=(*self.headers, *headers))

    def send(self, stack: Stack) -> Answer:
        """Send it, with a ticket and the secret of this stack where it says so."""
        token = [bearer(stack, self.user, *self.scopes)] if self.user else []
        words = {"SECRET": stack.settings["ADMISSION_SECRET"], "TICKET": factories.ticket(stack.settings, self.one)}
        words["SIGNATURE"] = factories.signature(stack.settings, filled(self.content.decode(), words).encode())
        headers = [(name, filled(value, words)) for name, value in self.headers]
        content = filled(self.content.decode(), words).encode()
        return ask(stack, self.method, filled(self.target, words), [*token, *headers], content)


def filled(text: str, words: dict[str, str]) -> str:
    for word, value in words.items():
        text = text.replace(word, value)
    return text


# What each media server asks of a viewer who may watch.
WEBHOOKS = {
    "admit_by_mediamtx": '{"action": "read", "path": "SESSION", "token": "TICKET", "query": "", "id": "any"}',
    "admit_by_srs": '{"action": "on_play", "app": "live", "stream": "SESSION", "param": "?ticket=TICKET"}',
    "admit_by_ovenmediaengine": '{"request": {"direction": "outgoing", "status": "opening", "url": "ws://h/a/SESSION?ticket=TICKET"}}',
    "admit_by_nginx_rtmp": "call=play&app=live&name=SESSION&ticket=TICKET",
}
WRONG_CALLS: dict[str, Callable[[Call], Call]] = {
    "": lambda call: call,
    "bad_request": lambda call: call.having(("Host", "another")),
    "body_too_large": lambda call: replace(call, content=b"x" * (8193 if call.name in WEBHOOKS else 1025)),
    "address_too_long": lambda call: replace(call, query="?" + "a" * 5000),
    "expectation_failed": lambda call: call.having(("Expect", "200-ok")),
    "headers_too_large": lambda call: call.having(("X-Client-ID", "a" * 9000)),
    "token_invalid": lambda call: replace(call, user=None),
    "ticket_invalid": lambda call: call,
    "asker_unknown": lambda call: replace(call, headers=(), query=""),
    "no_time_left": lambda call: call.having(("X-Forwarded-Uri", f"/{call.one.session_id}?ticket=TICKET")),
    "scope_missing": lambda call: replace(call, scopes=("PAID",)),
    "key_malformed": lambda call: call.having(("Idempotency-Key", "mal formed")),
    "limit_malformed": lambda call: replace(call, query="?limit=0"),
    "cursor_malformed": lambda call: replace(call, query="?cursor=x"),
    "form_malformed": lambda call: replace(call, content=b""),
    "channel_forbidden": lambda call: replace(call, user=new_id()),
    "permission_not_found": lambda call: replace(call, user=new_id()),
    "goal_not_found": lambda call: replace(call, one=OneToOne()),
    "session_not_found": lambda call: replace(call, one=OneToOne(session_id="x")),
    "extension_unreadable": lambda call: replace(
        call.having(("Idempotency-Key", KEY)), query=f"?cursor={call.extension_id}"
    ),
    "extension_not_found": lambda call: replace(call, extension_id=new_id(), query=f"?cursor={new_id()}"),
}
WRONG_GOALS: dict[str, Any] = {
    "goal_without_session": None,
    "goal_without_viewers": {"session_id": new_id(), "exclusive_to": []},
    "goal_viewers_malformed": {"session_id": new_id(), "exclusive_to": ["x"]},
    "goal_viewers_too_many": {"session_id": new_id(), "exclusive_to": [new_id() for _ in range(MAX_VIEWERS + 1)]},
}


def right(name: str, documents: Documents) -> Call:
    """The call, with a goal and its session."""
    user = new_id()
    one = OneToOne(user, viewers=[user])
    factories.goal(documents, one)
    factories.session(documents, one.session_id, viewers={user: factories.permission()})
    call = Call(name, one, new_id(), user)
    if name in WEBHOOKS:
        headers = (("X-Admission-Secret", "SECRET"), ("X-OME-Signature", "SIGNATURE"))
        asked = WEBHOOKS[name].replace("SESSION", one.session_id).encode()
        kind = ("Content-Type", "application/x-www-form-urlencoded")
        return replace(call, user=None, headers=(*headers, kind), content=asked)
    if name == "admit_by_proxy":
        return replace(call, user=None).having(("X-Admission-Secret", "SECRET"))
    if name != "authorize_channel":
        return call
    form = urlencode({"socket_id": "1.2", "channel_name": channel(user, user)}).encode()
    return replace(call.having(("Content-Type", "application/x-www-form-urlencoded")), content=form)


def outcome(answer: Answer) -> tuple[int, str]:
    """The status and the problem's code."""
    is_problem = answer.headers["Content-Type"] == "application/problem+json"
    return answer.status, answer.body["code"] if is_problem else ""


def by_a_call(fixture: Fixture, name: str, code: str) -> tuple[int, str]:
    call = right(name, fixture("ledger"))
    call = replace(call, extension_id=extend(fixture("door"), call.one, ("Idempotency-Key", KEY)).body["id"])
    if code in WRONG_GOALS:
        change = {"$set": {"context": WRONG_GOALS[code]}}
        fixture("ledger")["goal"].update_one({"_id": ObjectId(call.one.goal_id)}, change)
    if code == "extension_unreadable":
        fixture("ledger")["extension"].update_one({"_id": ObjectId(call.extension_id)}, {"$set": {"nbf": None}})
    if code == "permission_unreadable":
        change = {"$set": {f"viewers.{call.user}": []}}
        fixture("ledger")["session"].update_one({"_id": ObjectId(call.one.session_id)}, change)
    return outcome(WRONG_CALLS.get(code, WRONG_CALLS[""])(call).send(fixture("door")))


def by_a_repeat(fixture: Fixture, name: str, _code: str) -> tuple[int, str]:
    call = right(name, fixture("ledger")).having(("Idempotency-Key", "again"))
    first = call.send(fixture("door"))
    again = call.send(fixture("door"))
    assert (first.status, again.status) == (202, 202)
    assert (first.headers["Idempotent-Replayed"], again.headers["Idempotent-Replayed"]) == (None, "true")
    settled = {"$set": {"status": "rejected"}}
    fixture("ledger")["extension"].update_one({"_id": ObjectId(first.body["id"])}, settled)
    answer = call.send(fixture("door"))
    assert answer.headers["Idempotent-Replayed"] == "true"
    return outcome(answer)


def without_a_ticket(fixture: Fixture, name: str, _code: str) -> tuple[int, str]:
    call = right(name, fixture("ledger"))
    return outcome(replace(call, content=call.content.replace(b"TICKET", b"")).send(fixture("door")))


def with_time_left(fixture: Fixture, name: str, _code: str) -> tuple[int, str]:
    call = right(name, fixture("ledger"))
    change = {"$set": {f"viewers.{call.user or call.one.viewers[0]}": factories.permission(ends_in=60)}}
    fixture("ledger")["session"].update_one({"_id": ObjectId(call.one.session_id)}, change)
    return outcome(WRONG_CALLS["no_time_left"](call).send(fixture("door")))


def by_many_calls(fixture: Fixture, name: str, _code: str) -> tuple[int, str]:
    call = right(name, fixture("ledger"))
    answers = [outcome(call.send(fixture("door"))) for _ in range(GOALS_LIMIT + 1)]
    assert answers[:-1] == [(202, "")] * GOALS_LIMIT
    return answers[-1]


def by_a_crash(fixture: Fixture, name: str, _code: str) -> tuple[int, str]:
    app, monkeypatch = fixture("app"), fixture("monkeypatch")
    path = OPERATIONS[name]["path"].format(goal_id=new_id(), session_id=new_id(), extension_id=new_id())
    endpoint, _ = app.url_map.bind("").match(path, OPERATIONS[name]["method"])
    monkeypatch.setitem(app.view_functions, endpoint, lambda **_: 1 / 0)
    return of_client(app.test_client().open(path, method=OPERATIONS[name]["method"]))


def without_a_token(fixture: Fixture, _name: str, _code: str) -> tuple[int, str]:
    fixture("documents")
    guarded = create_app(fixture("servers").settings | {"METRICS_TOKEN": "of-prometheus-alone"})
    return of_client(guarded.test_client().get("/metrics"))


def from_elsewhere(fixture: Fixture, _name: str, _code: str) -> tuple[int, str]:
    client: FlaskClient = fixture("app").test_client()
    return of_client(client.get("/metrics", environ_overrides={"REMOTE_ADDR": "203.0.113.9"}))


def of_client(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


@pytest.fixture(scope="module")
def halves(door: Stack) -> Iterator[dict[str, tuple[int, str]]]:
    """What each operation answers to the half of a request; they wait for the rest side by side."""
    url = urlsplit(door.urls["web"])
    sent = {name: f"{each['method']} {each['path']} HTTP/1.1\r\nHost: x".encode() for name, each in OPERATIONS.items()}
    connections = {name: socket.create_connection((url.hostname, url.port), timeout=TIMEOUT) for name in sent}
    try:
        for name, half in sent.items():
            connections[name].sendall(half)
        yield {name: outcome(read(connections[name], half)) for name, half in sent.items()}
    finally:
        for connection in connections.values():
            connection.close()


@pytest.fixture(scope="module")
def without_mongodb() -> Iterator[dict[str, tuple[int, str]]]:
    """What each operation that needs it answers without MongoDB, where this web never saw it."""
    names = [name for name, _, code in LISTED if code == "database_unavailable"]
    with Stack(processes={"web": 1}) as own:
        with factories.database(own) as database:
            calls = {name: right(name, database) for name in names}
        calls["admit_by_proxy"] = WRONG_CALLS["no_time_left"](calls["admit_by_proxy"])
        own.stop("mongod-1")
        with ThreadPoolExecutor(len(names)) as threads:
            yield dict(zip(names, threads.map(lambda name: outcome(calls[name].send(own)), names), strict=True))


def is_held(stack: Stack) -> bool:
    """Whether nothing is answered any more, also not what asks no server."""
    url = urlsplit(stack.urls["web"])
    with socket.create_connection((url.hostname, url.port), timeout=0.5) as connection:
        connection.sendall(request("GET", "/docs"))
        try:
            return not connection.recv(1)
        except TimeoutError:
            return True


@pytest.fixture(scope="module")
def overloaded() -> Iterator[dict[str, tuple[int, str]]]:
    """What each operation answers while another call holds its one thread, as MongoDB does not answer that."""
    names = [name for name, _, code in LISTED if code == "overloaded"]
    one_thread = {**procfile.lines(), "web": f"{procfile.lines()['web']} --config tests/api/one_thread.py"}
    with (
        Stack(processes={"web": 1}, lines=one_thread) as own,
        ThreadPoolExecutor(PROBES + 2 * len(names) + 1) as threads,
    ):
        with factories.database(own) as database:
            calls = {name: right(name, database) for name in names}
        calls["admit_by_proxy"] = WRONG_CALLS["no_time_left"](calls["admit_by_proxy"])
        assert outcome(calls["extend_goal"].send(own)) == (202, "")  # it knows the revoked tokens
        own.signal("mongod-1", signal.SIGSTOP)
        try:
            holding, second = threads.submit(calls["extend_goal"].send, own), int(time.monotonic())
            eventually(lambda: is_held(own) and int(time.monotonic()) > second)  # for which /readyz remembers a yes
            # Probes and admission have threads of their own: of more calls than these the last wait too long.
            numbers = {name: PROBES if name == "get_readiness" else 2 for name in names}
            answers = {name: [threads.submit(calls[name].send, own) for _ in range(n)] for name, n in numbers.items()}
            given = {name: {outcome(answer.result()) for answer in several} for name, several in answers.items()}
            assert not holding.done()
        finally:
            own.signal("mongod-1", signal.SIGCONT)
        yield {name: next(each for each in found if each[1] == "overloaded") for name, found in given.items()}


OF_AN_ANSWER: dict[tuple[str, int], Maker] = {
    ("extend_goal", 200): by_a_repeat,
    ("admit_by_proxy", 204): with_time_left,
    ("admit_by_mediamtx", 200): with_time_left,
    ("admit_by_nginx_rtmp", 200): with_time_left,
    ("admit_by_mediamtx", 401): without_a_ticket,
    ("get_metrics", 401): without_a_token,
    ("get_metrics", 403): from_elsewhere,
}
OF_A_PROBLEM: dict[str, Maker] = {
    "request_incomplete": lambda fixture, name, _code: fixture("halves")[name],
    "database_unavailable": lambda fixture, name, _code: fixture("without_mongodb")[name],
    "overloaded": lambda fixture, name, _code: fixture("overloaded")[name],
    "too_many_extensions": by_many_calls,
    "internal_error": by_a_crash,
}


@pytest.mark.parametrize(("name", "status", "code"), LISTED)
def test_an_answer_that_is_listed_is_given(request: pytest.FixtureRequest, name: str, status: int, code: str) -> None:
    make = OF_AN_ANSWER.get((name, status)) or OF_A_PROBLEM.get(code, by_a_call)

    assert make(request.getfixturevalue, name, code) == (status, code)
