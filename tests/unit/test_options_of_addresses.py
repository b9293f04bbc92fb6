"""Whatever option stands in an address, the client that is made keeps the program's promises, or nothing starts."""

import inspect
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import mongoengine
import pytest
import redis
from bson.codec_options import DatetimeConversion
from mongoengine.connection import get_db
from pymongo import ReadPreference
from pymongo.client_options import ClientOptions
from pymongo.common import URI_OPTIONS_VALIDATOR_MAP
from pymongo.database import Database
from pymongo.pool_options import PoolOptions
from pymongo.read_concern import ReadConcern
from redis import ConnectionPool
from redis.connection import URL_QUERY_ARGUMENT_PARSERS, AbstractConnection

from swag_goals.connections import SESSIONS, connect_mongodb, connect_redis
from swag_goals.settings import SettingsError, read
from tests.unit.test_settings import GOOD

ALIASES = (mongoengine.DEFAULT_CONNECTION_NAME, SESSIONS)
TIMEOUT = timedelta(seconds=0.2)

# All that PyMongo knows, each with a value that it takes; and what the made client may keep of it.
OVERRULED = {
    "appname": "other",
    "connect": "true",
    "connecttimeoutms": "0",
    "datetime_conversion": "DATETIME",
    "directconnection": "true",
    "enableoverloadretargeting": "true",
    "fsync": "true",
    "heartbeatfrequencyms": "600000",
    "journal": "false",
    "localthresholdms": "60000",
    "maxadaptiveretries": "50",
    "maxconnecting": "1",
    "maxpoolsize": "1",
    "maxstalenessseconds": "-1",
    "minpoolsize": "100",
    "readconcernlevel": "local",
    "readpreference": "secondaryPreferred",
    "retryreads": "false",
    "retrywrites": "false",
    "servermonitoringmode": "poll",
    "serverselectiontimeoutms": "1",
    "sockettimeoutms": "1",
    "timeoutms": "1",
    "tz_aware": "false",
    "unicode_decode_error_handler": "strict",
    "uuidrepresentation": "javaLegacy",
    "w": "1",
    "waitqueuemultiple": "1",
    "waitqueuetimeoutms": "1",
    "wtimeoutms": "1",
}
# What they are together, but for two that PyMongo does not take beside the others.
WEAK = [f"{name}={value}" for name, value in OVERRULED.items() if name not in ("directconnection", "fsync")]
KEPT = {
    "authmechanism": ("SCRAM-SHA-256", {"_credentials"}),
    "authmechanismproperties": ("SERVICE_NAME:mongodb", set()),
    "authsource": ("admin", {"_credentials"}),
    "compressors": ("zlib", {"compression_settings"}),
    "loadbalanced": ("true", {"load_balanced"}),
    "maxidletimems": ("60000", {"max_idle_time_seconds"}),
    "replicaset": ("rs0", {"replica_set_name"}),
    "ssl": ("true", {"_ssl_context"}),
    "tls": ("true", {"_ssl_context"}),
    "tlsallowinvalidcertificates": ("false", {"_ssl_context"}),
    "tlsallowinvalidhostnames": ("false", {"_ssl_context"}),
    "tlsdisableocspendpointcheck": ("false", {"_ssl_context"}),
    "tlsinsecure": ("false", {"_ssl_context"}),
    "zlibcompressionlevel": ("9", {"compression_settings"}),
}
# Each needs a file, another scheme, or more than text; or PyMongo takes it from nobody.
NEEDS_MORE = {
    "driver",
    "readpreferencetags",
    "server_api",
    "srvallowedhostssuffix",
    "srvmaxhosts",
    "srvservicename",
    "tlscafile",
    "tlscertificatekeyfile",
    "tlscertificatekeyfilepassword",
    "tlscrlfile",
}


def mongodb_uri(option: str = "") -> str:
    return f"mongodb://user:hunter2@db.example:27017/swag?{option}"


@pytest.fixture
def made() -> Iterator[Any]:
    """Makes the clients of a URI; the databases by MongoEngine's aliases. Other tests' are there again afterwards."""
    connections = mongoengine.connection
    others = [dict(each) for each in (connections._connection_settings, connections._connections, connections._dbs)]
    ours = [connections._connection_settings, connections._connections, connections._dbs]

    def forget() -> None:
        for client in connections._connections.values():
            client.close()
        for each in ours:
            each.clear()

    def make(uri: str) -> dict[str, Database[Any]]:
        forget()
        connect_mongodb(uri)
        return {alias: get_db(alias) for alias in ALIASES}

    for each in ours:
        each.clear()
    yield make
    forget()
    for each, other in zip(ours, others, strict=True):
        each.update(other)


def held(database: Database[Any]) -> dict[str, object]:
    """All that a client says of itself, and a database of its, made comparable."""
    options = database.client.options
    parts: tuple[tuple[object, type], ...] = ((options, ClientOptions), (options.pool_options, PoolOptions))
    found = {
        name: getattr(part, name)
        for part, kind in parts
        for name, _ in inspect.getmembers(kind, lambda member: isinstance(member, property))
    }
    for name in ("pool_options", "_options", "_event_listeners", "event_listeners", "metadata", "non_default_options"):
        del found[name]
    found["compression_settings"] = vars(found.pop("_compression_settings"))
    found["_ssl_context"] = found["_ssl_context"] is None
    shown = ("read_preference", "write_concern", "read_concern", "codec_options")
    return found | {f"database's {name}": getattr(database, name) for name in shown} | {"name": database.name}


def differences(one: Mapping[str, object], other: Mapping[str, object]) -> set[str]:
    return {name for name in {*one, *other} if one.get(name) != other.get(name)}


def test_every_option_of_pymongos_is_looked_at() -> None:
    assert {*OVERRULED, *KEPT, *NEEDS_MORE} == set(URI_OPTIONS_VALIDATOR_MAP)


def test_without_options_the_promises_hold(made: Any) -> None:
    for alias, database in made(mongodb_uri()).items():
        for shown in (database.client, database):
            assert shown.read_preference == ReadPreference.PRIMARY
            assert shown.write_concern.document == {"w": "majority"}
            assert shown.read_concern == ReadConcern("majority")
        options = database.client.options
        assert (options.timeout, options.server_selection_timeout) == (10.0, 10.0)
        assert options.pool_options.connect_timeout == 2.0
        assert (options.retry_writes, options.retry_reads) == (alias != SESSIONS, True)
        codec = database.codec_options
        assert (codec.tz_aware, codec.datetime_conversion) == (True, DatetimeConversion.DATETIME_CLAMP)
        assert codec.unicode_decode_error_handler == "replace"


@pytest.mark.parametrize(("option", "value"), OVERRULED.items())
def test_an_option_that_is_not_about_where_or_as_whom_changes_nothing(made: Any, option: str, value: str) -> None:
    plain = {alias: held(database) for alias, database in made(mongodb_uri()).items()}
    assert read(GOOD | {"MONGODB_URI": mongodb_uri(f"{option}={value}")}, "MONGODB_URI")

    for alias, database in made(mongodb_uri(f"{option.upper()}={value}")).items():
        assert held(database) == plain[alias]


@pytest.mark.parametrize(("option", "value", "its_own"), [(name, *rest) for name, rest in KEPT.items()])
def test_an_option_about_where_as_whom_or_how_encrypted_changes_that_alone(
    made: Any, option: str, value: str, its_own: set[str]
) -> None:
    plain = {alias: held(database) for alias, database in made(mongodb_uri()).items()}

    for name in (option, option.upper()):
        for alias, database in made(mongodb_uri(f"{name}={value}&{'&'.join(WEAK)}")).items():
            assert differences(held(database), plain[alias]) == its_own


def test_options_with_semicolons_between_are_options_too(made: Any) -> None:
    plain = {alias: held(database) for alias, database in made(mongodb_uri("replicaSet=rs0")).items()}

    found = made(mongodb_uri(";".join(["replicaSet=rs0", *WEAK])))

    assert {alias: held(database) for alias, database in found.items()} == plain


@pytest.mark.parametrize("tags", ["dc:ny", ""])
def test_tags_of_a_read_preference_change_nothing(made: Any, tags: str) -> None:
    plain = {alias: held(database) for alias, database in made(mongodb_uri()).items()}

    found = made(mongodb_uri(f"readPreference=nearest&readPreferenceTags={tags}&maxStalenessSeconds=90"))

    assert {alias: held(database) for alias, database in found.items()} == plain


ODD = ("", "hunter2", "-1", "datetime", "true", "1e999", "%ff", "a:b,\N{SNOWMAN}")


@pytest.mark.parametrize("option", [*URI_OPTIONS_VALIDATOR_MAP, "unheard_of"])
@pytest.mark.parametrize("scheme", ["mongodb", "mongodb+srv"])
def test_an_odd_value_is_taken_or_its_option_named(scheme: str, option: str) -> None:
    for value in ODD:
        named(
            option, "MONGODB_URI", f"{scheme}://user:hunter2@cluster.db.example/swag?{option}={value}&retryReads=true"
        )


def named(option: str, setting: str, value: str) -> bool:
    """Whether it is refused; then by a sentence that names the option and repeats no value."""
    try:
        read(GOOD | {setting: value}, setting)
    except SettingsError as refusal:
        assert str(refusal).lower().startswith(f"{setting} is wrong: look at its option {option}, ".lower())
        assert "hunter2" not in str(refusal)
        return True
    return False


@pytest.mark.parametrize(
    "option",
    ["datetime_conversion=datetime", "w=-1", "readPreference=any", "maxPoolSize=many", "tlsCAFile=/nowhere", "new=1"],
)
def test_a_wrong_option_is_named_among_good_ones(option: str) -> None:
    name = option.partition("=")[0]
    assert named(name, "MONGODB_URI", mongodb_uri(f"replicaSet=rs0&{option}&appName=swag"))


def test_the_end_of_a_password_is_not_taken_for_an_option() -> None:
    for setting, address in (
        ("MONGODB_URI", "mongodb://user:hun?ter2=x@db.example/swag"),
        ("REDIS_URL", "redis://:hun?ter2=x@cache.example/0"),
    ):
        with pytest.raises(SettingsError) as refusal:
            read(GOOD | {setting: address}, setting)
        assert "ter2" not in str(refusal.value)


# --- Redis.

REDIS_CLASSES = (
    ConnectionPool,
    AbstractConnection,
    redis.Connection,
    redis.SSLConnection,
    redis.UnixDomainSocketConnection,
)
REDIS_OPTIONS = {name for kind in REDIS_CLASSES for name in inspect.signature(kind.__init__).parameters}
REDIS_OPTIONS |= {*URL_QUERY_ARGUMENT_PARSERS, "unheard_of"}
# About where, as whom and how encrypted.
OF_THE_ADDRESS = {"db", "host", "password", "path", "port", "username"}


def redis_held(url: str) -> dict[str, object]:
    """All that its client's connections are made with, and what one of them became, made comparable."""
    with connect_redis(url, TIMEOUT) as client:
        pool = client.connection_pool
        made = vars(pool.make_connection())
    given = {name: value for name, value in pool.connection_kwargs.items() if name != "himport_registry"}
    plain = (str, int, float, bool, type(None), type)
    became = {name: value for name, value in made.items() if isinstance(value, plain)}
    kinds = {name: type(made[name]) for name in ("encoder", "_parser", "_command_packer")}
    return given | became | kinds | {"class": pool.connection_class, "max": pool.max_connections}


@pytest.mark.parametrize("option", sorted(REDIS_OPTIONS))
def test_no_option_of_redis_pys_changes_how_the_client_behaves(option: str) -> None:
    own = option.removeprefix("ssl_")
    url = f"{'redis' if own == option else 'rediss'}://cache.example:6379"
    for value in ("3", "false", *ODD) if own == option else ODD[:3]:
        if named(option, "REDIS_URL", f"{url}?{option}={value}&retry_on_timeout=false"):
            continue

        changed = differences(redis_held(f"{url}?{option}={value}"), redis_held(url))

        may_change = own if option in OF_THE_ADDRESS or own != option else "nothing"
        assert {name for name in changed if may_change not in name} == set()


def test_without_options_a_redis_is_asked_once_and_in_time() -> None:
    for scheme in ("redis", "rediss"):
        with connect_redis(f"{scheme}://cache.example:6379/3", TIMEOUT) as client:
            connection = client.connection_pool.make_connection()
        assert (connection.db, connection.socket_timeout, connection.socket_connect_timeout) == (3, 0.2, 0.2)
        assert redis.TimeoutError not in connection.retry._supported_errors
        assert redis.ConnectionError not in connection.retry._supported_errors
        assert not connection.encoder.decode_responses


@pytest.mark.parametrize(
    ("option", "checked"),
    [("", "CERT_NONE"), ("?ssl_cert_reqs=none", "CERT_NONE"), ("?ssl_cert_reqs=required", "CERT_REQUIRED")],
)
def test_a_certificate_is_checked_where_the_address_says_so(option: str, checked: str) -> None:
    with connect_redis(f"rediss://cache.example:6379{option}", TIMEOUT) as client:
        assert client.connection_pool.make_connection().cert_reqs.name == checked


@pytest.mark.parametrize(
    "option", ["ssl_validate_ocsp=true", "ssl_validate_ocsp_stapled=1", "ssl_ocsp_expected_cert=hunter2"]
)
def test_a_check_that_would_not_be_made_is_refused(option: str) -> None:
    assert named(option.partition("=")[0], "REDIS_URL", f"rediss://cache.example:6379/0?{option}")


@pytest.mark.parametrize("option", ["ssl_min_version=99", "ssl_ciphers=hunter2", "ssl_ca_certs=/nowhere", "retry_=1"])
def test_a_wrong_option_of_redis_is_named_among_good_ones(option: str) -> None:
    name = option.partition("=")[0]
    assert named(name, "REDIS_URL", f"rediss://cache.example:6379/0?ssl_cert_reqs=none&{option}&db=1")
