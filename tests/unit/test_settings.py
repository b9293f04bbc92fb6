"""A missing or wrong setting stops the start with a sentence that names it, and repeats no secret."""

import json

import pytest

from swag_goals.settings import PusherApp, Rate, Settings, SettingsError

SECRET = "k" * 32
GOOD = {
    "MONGODB_URI": "mongodb://db:27017/swag?replicaSet=rs0",
    "REDIS_URL": "redis://cache:6379/0",
    "PUSHER_URL": "https://key:pa%2Fss@api-eu.pusher.com/apps/42",
    "JWT_KEYS": json.dumps({"0badcafe": SECRET}),
}


def test_the_four_addresses_and_keys_are_enough() -> None:
    settings = Settings.from_environ(GOOD)

    assert settings.mongodb_uri == GOOD["MONGODB_URI"]
    assert settings.redis_url == GOOD["REDIS_URL"]
    assert settings.pusher == PusherApp("42", "key", "pa/ss", "api-eu.pusher.com", 443, tls=True)
    assert settings.jwt_keys == {"0badcafe": SECRET}


def test_a_pusher_server_is_asked_at_the_port_of_its_scheme_with_any_key() -> None:
    browsers = {"PUSHER_WS_URL": "ws://push.example/"}
    for scheme, port in (("http", 80), ("https", 443)):
        settings = Settings.from_environ(GOOD | browsers | {"PUSHER_URL": f"{scheme}://k%2Fey:s@push.example/apps/1"})

        assert (settings.pusher.key, settings.pusher.port) == ("k/ey", port)
        assert settings.pusher_ws_url == "ws://push.example"


def test_a_pusher_server_may_have_an_address_of_ipv6() -> None:
    own = {"PUSHER_URL": "http://key:secret@[::1]:6001/apps/1", "PUSHER_WS_URL": "ws://[::1]:6001"}

    assert Settings.from_environ(GOOD | own).pusher.host == "[::1]"


def test_secrets_are_not_in_what_is_printed_of_them() -> None:
    settings = Settings.from_environ(GOOD)

    for printed in (repr(settings), str(settings), repr(settings.pusher)):
        assert "pa/ss" not in printed
        assert SECRET not in printed


def test_what_is_not_set_has_the_value_of_the_contract() -> None:
    settings = Settings.from_environ(GOOD)

    assert settings.cors_origins == ("https://swag.live",)
    assert settings.rate_limit_goal == Rate(20, 60)
    assert settings.rate_limit_streamer == Rate(120, 60)
    assert settings.metrics_token is None
    assert settings.admission_secret is None
    assert settings.pusher_ws_url == "wss://ws-eu.pusher.com"


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_one_names_itself(name: str) -> None:
    rest = {key: value for key, value in GOOD.items() if key != name}

    with pytest.raises(SettingsError, match=f"^{name} is not set: "):
        Settings.from_environ(rest)


def test_a_pusher_server_of_ones_own_needs_the_address_of_its_websockets() -> None:
    own = GOOD | {"PUSHER_URL": "http://key:secret@push.example:6001/apps/1"}

    with pytest.raises(SettingsError, match=r"^PUSHER_WS_URL is not set: "):
        Settings.from_environ(own)
    settings = Settings.from_environ(own | {"PUSHER_WS_URL": "ws://push.example:6001"})
    assert settings.pusher == PusherApp("1", "key", "secret", "push.example", 6001, tls=False)
    assert settings.pusher_ws_url == "ws://push.example:6001"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MONGODB_URI", "db:27017/hunter2"),
        ("MONGODB_URI", "mongodb://user:hunter2@db:27017/?replicaSet=rs0"),
        ("MONGODB_URI", "mongodb://user:hunter2@db:port/swag"),
        ("MONGODB_URI", "mongodb://user:hunter2@db/swag?tls=true&tlsCAFile=/nowhere"),
        ("MONGODB_URI", "mongodb://user:hunter2@db/swag?minPoolSize=5&maxPoolSize=2"),
        ("MONGODB_URI", "mongodb+srv://user:hunter2@db:27017/swag"),
        ("MONGODB_URI", "mongodb+srv://user:hunter2@one.example,two.example/swag"),
        ("MONGODB_URI", "mongodb+srv://user:hunter2@cluster.example"),
        ("REDIS_URL", "http://:hunter2@cache"),
        ("REDIS_URL", "redis://:hunter2@:6379/0"),
        ("REDIS_URL", "redis:///0"),
        ("REDIS_URL", "unix://"),
        ("REDIS_URL", "redis://:hunter2@cache/0?db=-1"),
        ("REDIS_URL", "redis://:hunter2@cache/first"),
        ("REDIS_URL", "redis://:hunter2@cache/0?option=unknown"),
        ("REDIS_URL", "redis://:hunter2@cache/0?ssl_cert_reqs=none"),
        ("REDIS_URL", "rediss://:hunter2@cache/0?ssl_cert_reqs=perhaps"),
        ("PUSHER_URL", "https://key:hunter2@api-eu.pusher.com/apps/mine"),
        ("PUSHER_URL", "https://api-eu.pusher.com/apps/42"),
        ("PUSHER_URL", "https://:hunter2@api-eu.pusher.com/apps/42"),
        ("PUSHER_URL", "https://hunter2@api-eu.pusher.com/apps/42"),
        ("PUSHER_URL", "https://hunter2:@api-eu.pusher.com/apps/42"),
        ("PUSHER_URL", "https://key:hunter2@/apps/42"),
        ("PUSHER_URL", "ftp://key:hunter2@api-eu.pusher.com/apps/42"),
        ("PUSHER_URL", "https://key:hunter2@api-eu.pusher.com:port/apps/42"),
        ("PUSHER_URL", "https://key:hunter2@api-eu.pusher.com/apps/\u0664\u0662"),
        ("PUSHER_WS_URL", "https://ws-eu.pusher.com"),
        ("PUSHER_WS_URL", "wss://key:hunter2@ws-eu.pusher.com"),
        ("PUSHER_WS_URL", "wss://ws-eu.pusher.com; script-src *"),
        ("PUSHER_WS_URL", "wss://ws-eu.pusher.com:0"),
        ("PUSHER_WS_URL", "wss://ws-eu.pusher.com/\u00e4"),
        ("JWT_KEYS", "hunter2"),
        ("JWT_KEYS", "{}"),
        ("JWT_KEYS", '["hunter2"]'),
        ("JWT_KEYS", '{"0badcafe": "hunter2"}'),
        ("JWT_KEYS", json.dumps({"0badcafe": SECRET[1:]})),
        ("JWT_KEYS", json.dumps([["0badcafe", SECRET]])),
        ("JWT_KEYS", '{"0badcafe": 32}'),
        ("JWT_KEYS", json.dumps({"": SECRET})),
        ("JWT_KEYS", f'{{"0badcafe": "{SECRET}", "0badcafe": "{SECRET}"}}'),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "https://swag.live/"),
        ("CORS_ORIGINS", "https://swag.live,swag.live"),
        ("CORS_ORIGINS", "https://"),
        ("CORS_ORIGINS", "https://*.swag.live"),
        ("CORS_ORIGINS", "https://SWAG.live"),
        ("CORS_ORIGINS", "https://swag.live:443"),
        ("CORS_ORIGINS", "https://swag.live:0"),
        ("CORS_ORIGINS", "http://swag.live:80"),
        ("CORS_ORIGINS", "https://swag.live:port"),
        ("CORS_ORIGINS", "https://swag.live:0443"),
        ("CORS_ORIGINS", "null"),
        ("CORS_ORIGINS", "capacitor://"),
        ("CORS_ORIGINS", "capacitor://localhost/"),
        ("CORS_ORIGINS", "Capacitor://localhost"),
        ("CORS_ORIGINS", "capacitor:localhost"),
        ("CORS_ORIGINS", "file://localhost"),
        ("CORS_ORIGINS", "*://localhost"),
        ("CORS_ORIGINS", "https://me:hunter2@swag.live"),
        ("RATE_LIMIT_GOAL", "often"),
        ("RATE_LIMIT_GOAL", "0/minute"),
        ("RATE_LIMIT_GOAL", "1000000000/minute"),
        ("RATE_LIMIT_GOAL", "20/week"),
        ("MAX_DURATION", "0"),
        ("MAX_DURATION", "2147483648"),
        ("MAX_DURATION", "an hour"),
        ("RATE_LIMIT_STREAMER", "-1/minute"),
        ("METRICS_TOKEN", "hunter2"),
        ("ADMISSION_SECRET", "hunter2"),
        ("ADMISSION_SECRET", "hunter2" + "x" * 24),
        ("PORT", "http"),
        ("PORT", "65536"),
        ("PORT", ""),
        ("WEB_CONCURRENCY", "0"),
        ("WEB_CONCURRENCY", "1.5"),
    ],
)
def test_a_wrong_one_names_itself_and_is_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is wrong: ") as refused:
        Settings.from_environ(GOOD | {name: value})
    assert "hunter2" not in str(refused.value)
    assert refused.value.__suppress_context__  # a traceback would repeat it


def test_an_empty_rate_limit_is_off() -> None:
    settings = Settings.from_environ(GOOD | {"RATE_LIMIT_GOAL": "", "RATE_LIMIT_STREAMER": ""})

    assert settings.rate_limit_goal is None
    assert settings.rate_limit_streamer is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 60), ("7/second", 1), ("7/minute", 60), ("7 per hour", 3600), ("7 / day", 86400), (" 7/day ", 86400)],
)
def test_a_rate_limit_is_a_number_in_a_unit_of_time(value: str, seconds: int) -> None:
    assert Settings.from_environ(GOOD | {"RATE_LIMIT_GOAL": value}).rate_limit_goal == Rate(7, seconds)


def test_secrets_are_counted_in_bytes() -> None:
    secret = "\u00e4" * 16

    settings = Settings.from_environ(GOOD | {"JWT_KEYS": json.dumps({"a": secret}), "ADMISSION_SECRET": secret})

    assert settings.jwt_keys == {"a": settings.admission_secret} == {"a": secret}


def test_a_metrics_token_of_spaces_is_none() -> None:
    assert Settings.from_environ(GOOD | {"METRICS_TOKEN": " "}).metrics_token is None


def test_a_metrics_token_has_16_characters_or_more() -> None:
    assert Settings.from_environ(GOOD | {"METRICS_TOKEN": "k" * 16}).metrics_token == "k" * 16
    with pytest.raises(SettingsError, match=r"^METRICS_TOKEN is wrong: give 16 characters or more"):
        Settings.from_environ(GOOD | {"METRICS_TOKEN": "k" * 15})


@pytest.mark.parametrize(
    "value",
    [
        "mongodb+srv://user:pw@cluster.swag.test/swag?retryWrites=true&w=majority&appName=Cluster0",
        "mongodb://a.swag.test,b.swag.test:27018/swag?replicaSet=rs0",
        "mongodb://user:p%40ss@[::1]:27017/swag",
    ],
)
def test_an_address_that_may_be_right_is_taken_without_looking_it_up(value: str) -> None:
    assert Settings.from_environ(GOOD | {"MONGODB_URI": value}).mongodb_uri == value


@pytest.mark.parametrize("value", ["redis://cache", "rediss://:pw@[::1]:6380/1", "unix:///run/redis.sock?db=2"])
def test_redis_may_be_at_a_host_or_a_socket(value: str) -> None:
    assert Settings.from_environ(GOOD | {"REDIS_URL": value}).redis_url == value


@pytest.mark.parametrize(
    ("host", "browsers"),
    [
        ("api-eu.pusher.com", "ws-eu.pusher.com"),
        ("api-us2.pusher.com", "ws-us2.pusher.com"),
        ("api-mt1.pusher.com", "ws-mt1.pusher.com"),
        ("api.pusherapp.com", "ws-mt1.pusher.com"),
        ("api.pusher.com", "ws-mt1.pusher.com"),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_browsers_connect_to_the_cluster_that_is_called(scheme: str, host: str, browsers: str) -> None:
    settings = Settings.from_environ(GOOD | {"PUSHER_URL": f"{scheme}://key:secret@{host}/apps/123"})

    assert settings.pusher_ws_url == f"wss://{browsers}"


@pytest.mark.parametrize(
    "host", ["api.pusher.com.example", "xapi.pusher.com", "api-eu.pusher.example", "api-.pusher.com"]
)
def test_no_other_host_is_one_of_pushers_clusters(host: str) -> None:
    with pytest.raises(SettingsError, match=r"^PUSHER_WS_URL is not set: "):
        Settings.from_environ(GOOD | {"PUSHER_URL": f"https://key:secret@{host}/apps/123"})


def test_several_origins_stand_with_commas_between() -> None:
    settings = Settings.from_environ(GOOD | {"CORS_ORIGINS": "https://swag.live, http://localhost:3000"})

    assert settings.cors_origins == ("https://swag.live", "http://localhost:3000")


@pytest.mark.parametrize(
    "origin",
    [
        "capacitor://localhost",
        "ionic://localhost",
        "tauri://localhost",
        "app://swag.live",
        "chrome-extension://aapocclcgogkmnckokdopfmhonfmgoek",
        "https://[::1]:8443",
        "https://swag.live:80",
        "app://localhost:443",
    ],
)
def test_an_exact_origin_of_any_scheme_is_one(origin: str) -> None:
    assert Settings.from_environ(GOOD | {"CORS_ORIGINS": origin}).cors_origins == (origin,)


def test_the_order_of_the_keys_is_kept_since_the_last_one_signs() -> None:
    keys = {"new": SECRET, "old": SECRET[::-1], "newest": SECRET.upper()}

    assert list(Settings.from_environ(GOOD | {"JWT_KEYS": json.dumps(keys)}).jwt_keys) == list(keys)


def test_printing_them_shows_no_secret() -> None:
    assert SECRET not in repr(Settings.from_environ(GOOD))
