"""A name server that fails as the program starts is an outage like any other: nothing ends, and it heals by itself."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import dns.rcode
import pytest

from dev.stack import api, procfile
from dev.stack.folder import private_folder
from dev.stack.ports import Ports
from dev.stack.servers import answers_ok
from dev.stack.stack import Stack
from dev.stack.supervisor import Supervisor
from swag_goals.documents.extension import Extension
from tests import factories
from tests.eventually import eventually
from tests.flow.outcome import durations, settled
from tests.name_server import CLUSTER, NameServer

PROCESSES = ("web", "worker", "sweeper")


@pytest.fixture
def own() -> Iterator[Stack]:
    """Servers of its own, migrated; nothing of the program runs."""
    with Stack(processes={}) as own:
        factories.migrate(own)
        yield own


@pytest.fixture
def names(own: Stack) -> Iterator[NameServer]:
    """The name server that the program asks. It fails."""
    with NameServer(urlsplit(own.settings["MONGODB_URI"]).port or 0) as names:
        names.fails_with = dns.rcode.SERVFAIL
        yield names


@pytest.fixture
def program(own: Stack, names: NameServer) -> Iterator[Supervisor]:
    """The program's processes, with an address whose members have to be looked up."""
    uri = f"mongodb+srv://{CLUSTER}/swag_goals?tls=false&replicaSet=rs0"
    environment = procfile.environment(own.settings | names.environment | {"MONGODB_URI": uri})
    with private_folder() as folder, Ports() as ports, Supervisor() as program:
        port = ports.take()
        own.urls["web"] = f"http://127.0.0.1:{port}"
        lines = procfile.lines()
        web = procfile.web(lines["web"], "web", environment, port, folder)
        others = (procfile.other(lines[name], name, name, environment, folder) for name in PROCESSES[1:])
        program.run(replace(web, ready=lambda _: answers_ok(port, "/healthz")), *others)
        yield program


def test_it_starts_answers_503_and_extends_when_names_are_known_again(
    own: Stack, names: NameServer, program: Supervisor
) -> None:
    with factories.database(own) as database:
        one = factories.one_to_one(database)
        pids = [program.pid(name) for name in PROCESSES]
        ready = api.ask(own.urls["web"], "GET", "/readyz", "", {})
        refused = factories.extend(own, one, "key")
        names.fails_with = dns.rcode.NOERROR
        eventually(lambda: answers_ok(urlsplit(own.urls["web"]).port or 0, "/readyz"))

        for early in (ready, refused):
            assert (early.status, early.body["code"]) == (503, "database_unavailable")
        # Who was refused repeats the call, as browsers do.
        eventually(lambda: factories.extend(own, one, "key").status == 202)
        settled(database, str(Extension.id_for(one.streamer_id, one.goal_id, "key")))
        assert durations(database, one) == [360]
        assert [program.pid(name) for name in PROCESSES] == pids
