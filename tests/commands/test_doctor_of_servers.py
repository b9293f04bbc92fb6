"""`flask doctor` names the host of a server that cannot be used, and why it cannot."""

import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import dns.rcode
import pytest
from redis import Redis

from dev.stack.stack import Stack
from dev.stack.tls import TlsProxy
from tests.commands.test_doctor import run, wrong
from tests.name_server import CLUSTER, NameServer
from tests.refusing_redis import NO_SCRIPTS, NO_WRITES, port_of, redis_servers

NOWHERE = "nowhere.swag.test"


@pytest.fixture
def names(servers: Stack) -> Iterator[NameServer]:
    with NameServer(urlsplit(servers.settings["MONGODB_URI"]).port or 0) as names:
        yield names


def test_a_name_that_is_not_found(servers: Stack, names: NameServer) -> None:
    addresses = {"MONGODB_URI": f"mongodb://{NOWHERE}/x", "REDIS_URL": f"redis://{NOWHERE}"}

    mongodb, redis = wrong(run(servers.settings | names.environment | addresses, "doctor", "--json"))

    assert mongodb == (
        f"No primary of MongoDB answers ({NOWHERE}:27017: its name is not found): look at the host, and at MONGODB_URI."
    )
    assert (
        redis == f"Redis does not answer ({NOWHERE}:6379: its name is not found): look at the host, and at REDIS_URL."
    )


@pytest.mark.parametrize(
    ("host", "fails_with", "words"),
    [
        (CLUSTER, dns.rcode.NXDOMAIN, "its name is not found"),
        ("other.swag.test", dns.rcode.NOERROR, "its name is not found"),
        (CLUSTER, dns.rcode.SERVFAIL, "the name server does not answer"),
        (CLUSTER, None, "the name server does not answer"),
    ],
    ids=["no such name", "no cluster there", "failing", "silent"],
)
def test_a_cluster_whose_members_cannot_be_looked_up(
    servers: Stack, names: NameServer, host: str, fails_with: dns.rcode.Rcode | None, words: str
) -> None:
    names.fails_with = fails_with
    uri = {"MONGODB_URI": f"mongodb+srv://user:hunter2@{host}/x"}

    ended = run(servers.settings | names.environment | uri, "doctor", "--json")

    assert wrong(ended)[0].startswith(f"No primary of MongoDB answers ({host}: {words}): ")
    assert "hunter2" not in ended.stdout + ended.stderr


def test_ports_where_nobody_listens(servers: Stack) -> None:
    nobody = {"MONGODB_URI": "mongodb://127.0.0.1:1,127.0.0.1:2/x?replicaSet=rs0", "REDIS_URL": "redis://127.0.0.1:1"}

    mongodb, redis = wrong(run(servers.settings | nobody, "doctor", "--json"))

    both = "127.0.0.1:1: it refuses connections; 127.0.0.1:2: it refuses connections"
    assert mongodb.startswith(f"No primary of MongoDB answers ({both}): look whether it runs, ")
    assert redis.startswith("Redis does not answer (127.0.0.1:1: it refuses connections): look whether it runs, ")


def test_servers_that_say_nothing(servers: Stack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        at = f"127.0.0.1:{silent.getsockname()[1]}"
        addresses = {"MONGODB_URI": f"mongodb://{at}/x", "REDIS_URL": f"redis://{at}"}
        mongodb, redis = wrong(run(servers.settings | addresses, "doctor", "--json"))

    assert mongodb.startswith(f"No primary of MongoDB answers ({at}: no answer): ")
    assert redis.startswith(f"Redis does not answer ({at}: no answer): ")


def test_wrong_credentials(servers: Stack) -> None:
    addresses = {
        name: servers.settings[name].replace("://", "://user:hunter2@") for name in ("MONGODB_URI", "REDIS_URL")
    }

    mongodb, redis = wrong(run(servers.settings | addresses, "doctor", "--json"))

    assert mongodb.startswith("No primary of MongoDB answers (127.0.0.1:")
    assert mongodb.endswith(": wrong credentials): look at the user and the password, and at MONGODB_URI.")
    assert redis.startswith("Redis refuses writes, scripts, transactions (WRONGPASS): look at the user and ")


def test_a_certificate_that_nobody_vouches_for(servers: Stack) -> None:
    mongodb_port, redis_port = (urlsplit(servers.settings[name]).port or 0 for name in ("MONGODB_URI", "REDIS_URL"))
    with TlsProxy(mongodb_port) as mongodb_tls, TlsProxy(redis_port) as redis_tls:
        addresses = {
            "MONGODB_URI": f"mongodb://127.0.0.1:{mongodb_tls.port}/x?tls=true",
            "REDIS_URL": f"rediss://127.0.0.1:{redis_tls.port}/0?ssl_cert_reqs=required",
        }
        mongodb, redis = wrong(run(servers.settings | addresses, "doctor", "--json"))

    assert f"127.0.0.1:{mongodb_tls.port}: its certificate is not trusted" in mongodb
    assert f"127.0.0.1:{redis_tls.port}: its certificate is not trusted" in redis


REFUSALS = {
    "OOM": (NO_WRITES["OOM"], "writes (OOM): it is full: "),
    "READONLY": (NO_WRITES["READONLY"], "writes, transactions (READONLY): it is a replica: "),
    "NOREPLICAS": (NO_WRITES["NOREPLICAS"], "writes, transactions (NOREPLICAS): bring its replicas back, "),
    "a user without scripts": (NO_SCRIPTS["NOPERM"], "scripts (NOPERM): let the user in REDIS_URL do so "),
}


@pytest.mark.parametrize(("refuse", "says"), REFUSALS.values(), ids=REFUSALS)
def test_a_redis_that_refuses_what_the_program_needs(
    servers: Stack, refuse: Callable[[Redis], object], says: str
) -> None:
    with redis_servers() as (own,):
        refuse(own)
        found = wrong(run(servers.settings | {"REDIS_URL": f"redis://127.0.0.1:{port_of(own)}"}, "doctor", "--json"))

        assert found[-3].startswith(f"Redis refuses {says}")
        assert not own.keys("*")


def test_another_replica_set(servers: Stack) -> None:
    uri = servers.settings["MONGODB_URI"].replace("replicaSet=rs0", "replicaSet=other")

    found = wrong(run(servers.settings | {"MONGODB_URI": uri}, "doctor", "--json"))

    assert "MongoDB is another replica set: look at the option replicaSet of MONGODB_URI." in found
