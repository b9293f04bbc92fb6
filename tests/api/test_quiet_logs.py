"""Logs: enough to find a request again, and nothing that a caller or a setting should not see there."""

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from pymongo.database import Database

from dev.stack import procfile
from dev.stack.keeper import ROOT
from dev.stack.stack import Stack
from tests import factories
from tests.api.client import ask, extend, send
from tests.api.forge import Forge
from tests.api.test_raw_requests import HEADERS, LINES, fill
from tests.api.ticket_table import BAD_TICKETS, GOOD_TICKETS, TicketForge
from tests.api.token_table import BAD_HEADERS, BAD_TOKENS, GOOD_TOKENS
from tests.eventually import eventually

PASSWORD = "hunter2-of-redis"
METRICS_TOKEN = "hunter2-of-metrics"
UNCHECKED = "unchecked-7f3a9c"
KEYS = {"older": "o" * 40, "newer": "n" * 40}
A_TOKEN = re.compile(r"eyJ[\w-]{8,}")


@pytest.fixture(scope="module")
def attacked(servers: Stack) -> Iterator[Stack]:
    """A web that knows every kind of secret, and whose Redis does not take its password."""
    port = urlsplit(servers.settings["REDIS_URL"]).port
    secrets = {"REDIS_URL": f"redis://user:{PASSWORD}@127.0.0.1:{port}/0", "METRICS_TOKEN": METRICS_TOKEN}
    keys = {"JWT_KEYS": json.dumps({"older": "o" * 40, "newer": "n" * 40})}
    with Stack(processes={"web": 1}, settings=servers.settings | secrets | keys) as attacked:
        yield attacked


@pytest.fixture(scope="module")
def log(attacked: Stack, documents: Database[dict[str, Any]]) -> str:
    """What was logged during every attack of the other tests, each carrying a word to look for."""
    forge = Forge({"older": "o" * 40, "newer": "n" * 40})
    for line in [line for _, line in LINES.values()]:
        attack(attacked, f"{fill(line, path=f'/goals/{UNCHECKED}/extend')}\r\nHost: {UNCHECKED}\r\n\r\n")
    for header in [header for _, header in HEADERS.values()]:
        unchecked = fill(header).replace(": ", f": {UNCHECKED} ", 1)
        attack(attacked, f"PUT /goals/x/extend HTTP/1.1\r\nHost: x\r\n{header}{UNCHECKED}\r\n{unchecked}\r\n\r\n")
    attack(attacked, f"PUT /goals/x/extend HTTP/1.1\r\nHost: x\r\nAuthorization Bearer {forge.token()}\r\n\r\n")
    attack(attacked, f"PUT /{forge.token()}?token={forge.token()} HTTP/9.9\r\nHost: x\r\n\r\n")
    for case in (*BAD_TOKENS.values(), *GOOD_TOKENS.values()):
        knock(attacked, f"Bearer {case(forge)}")
    for case in BAD_HEADERS.values():
        knock(attacked, case(forge))
    for header in ("X-Request-ID", "Idempotency-Key", "Accept-Language", "Origin", "X-Client-ID", "User-Agent"):
        knock(attacked, f"Bearer {forge.token()}", (header, f"{UNCHECKED} <"))
    one = factories.one_to_one(documents)
    for ticket in [case(TicketForge(KEYS)) for case in (*BAD_TICKETS.values(), *GOOD_TICKETS.values())]:
        watch(attacked, quote(ticket), attacked.settings["ADMISSION_SECRET"])
    watch(attacked, UNCHECKED, f"{UNCHECKED}<")
    assert extend(attacked, one).status == 202
    eventually(lambda: ask(attacked, "GET", "/readyz").body["redis"] == "refuses writes")
    assert ask(attacked, "GET", "/metrics", [("Authorization", f"Bearer {METRICS_TOKEN}x")]).status == 401
    return attacked.logs("web") + attacked.logs("release")


def attack(stack: Stack, raw: str) -> None:
    assert 400 <= send(stack, raw.encode("latin1")).status < 500


def knock(stack: Stack, authorization: str, *more: tuple[str, str]) -> None:
    headers = [("Authorization", authorization), *more]
    ask(stack, "PUT", f"/goals/{UNCHECKED}/extend?lang={UNCHECKED}", headers, UNCHECKED.encode())


def watch(stack: Stack, ticket: str, secret: str) -> None:
    """Ask as a proxy does and as SRS does, with this ticket and this secret wherever they may stand."""
    address = f"/{UNCHECKED}/{'a' * 24}.m3u8?ticket={ticket}"
    ask(stack, "GET", f"/admission?ticket={ticket}", [("X-Admission-Secret", secret), ("X-Forwarded-Uri", address)])
    asked = {"action": "on_play", "app": UNCHECKED, "stream": "a" * 24, "param": f"?ticket={ticket}"}
    body = json.dumps(asked).encode()
    ask(stack, "POST", f"/admission/srs?secret={secret}&ticket={ticket}", content=body)
    ask(stack, "POST", f"/admission/srs?secret={secret}", content=body[:-1])


def test_something_is_logged(log: str) -> None:
    assert "recorded" in log
    assert "not enqueued" in log


def test_every_line_of_the_web_is_json(attacked: Stack, log: str) -> None:
    assert all(json.loads(line) for line in attacked.logs("web").splitlines())


def test_no_token_is(log: str) -> None:
    assert not A_TOKEN.search(log)


def test_no_secret_of_a_setting_is(attacked: Stack, log: str) -> None:
    secrets = [
        PASSWORD,
        METRICS_TOKEN,
        attacked.settings["ADMISSION_SECRET"],
        *json.loads(attacked.settings["JWT_KEYS"]).values(),
    ]
    secrets.append(str(urlsplit(attacked.settings["PUSHER_URL"]).password))

    assert [secret for secret in secrets if secret in log] == []


def test_nothing_is_that_nobody_checked(log: str) -> None:
    assert [line for line in log.splitlines() if UNCHECKED in line] == []


def test_no_password_of_mongodb_is_when_it_is_refused(servers: Stack) -> None:
    refused = servers.settings["MONGODB_URI"].replace("://", f"://user:{PASSWORD}@")
    environment = procfile.environment(servers.settings | {"MONGODB_URI": refused})

    command = ["flask", "extension", "list"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert PASSWORD not in done.stdout + done.stderr


def test_a_request_is_found_again_from_the_web_to_the_worker_and_in_the_ledger(
    stack: Stack, database: Database[dict[str, Any]]
) -> None:
    one = factories.one_to_one(database)
    request_id = f"found-again-{one.goal_id}"

    assert extend(stack, one, ("X-Request-ID", request_id), ("Idempotency-Key", "another")).status == 202

    assert request_id in stack.logs("web")
    eventually(lambda: request_id in stack.logs("worker"))
    assert database["extension"].find_one({"request_id": request_id})
