"""A stack brings up real servers, as many stacks at once as are wanted, and leaves nothing."""

import secrets
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from pymongo import MongoClient

from dev.stack import folder
from dev.stack.listener import Listener, ListenError
from dev.stack.stack import Stack
from dev.stack.supervisor import StartError
from tests.eventually import eventually
from tests.stack.processes import alive

SERVERS = ("mongod-1", "redis", "pusher")


@pytest.fixture(autouse=True, scope="module")
def own_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A place for these stacks where no others look for what was left."""
    with pytest.MonkeyPatch.context() as patch:
        own = tmp_path_factory.mktemp("stack")
        patch.setattr(folder, "LOCAL", own)
        yield own


@pytest.fixture(scope="module")
def two() -> Iterator[tuple[Stack, Stack]]:
    """Two stacks of servers that were started at the same time."""
    first, second = Stack(processes={}), Stack(processes={})
    with ExitStack() as both, ThreadPoolExecutor() as pool:
        for started in [pool.submit(both.enter_context, stack) for stack in (first, second)]:
            started.result()
        yield first, second


def test_stacks_that_start_at_once_share_nothing(two: tuple[Stack, Stack]) -> None:
    first, second = two
    for name in ("MONGODB_URI", "REDIS_URL", "PUSHER_URL", "PUSHER_WS_URL", "JWT_KEYS"):
        assert first.settings[name] != second.settings[name]
    with redis.Redis.from_url(first.settings["REDIS_URL"]) as ours:
        ours.set("mine", 1)
    with redis.Redis.from_url(second.settings["REDIS_URL"]) as theirs:
        assert theirs.get("mine") is None


def test_a_killed_server_comes_back_at_its_address_with_its_data(two: tuple[Stack, Stack]) -> None:
    stack = two[0]
    with MongoClient[dict[str, object]](stack.settings["MONGODB_URI"], w="majority") as client:
        kept = client.get_default_database().kept
        kept.insert_one({"_id": 1})
        before = stack.pid("mongod-1")
        stack.signal("mongod-1", signal.SIGKILL)
        eventually(lambda: stack.pid("mongod-1") not in (None, before))
        assert kept.find_one() == {"_id": 1}


def test_a_stopped_server_is_down_until_it_is_started(two: tuple[Stack, Stack]) -> None:
    stack = two[0]
    with redis.Redis.from_url(stack.settings["REDIS_URL"]) as client:
        stack.stop("redis")
        with pytest.raises(redis.ConnectionError):
            client.ping()
        stack.start("redis")
        assert client.ping()


def test_a_listener_is_subscribed_to_all_its_channels_also_after_an_outage(two: tuple[Stack, Stack]) -> None:
    stack = two[0]
    channels = [f"presence-stream-viewer@{secrets.token_hex(12)}.sd.{secrets.token_hex(12)}" for _ in range(20)]
    with Listener(stack.settings, channels) as listener:
        assert sorted(listener.subscribed) == sorted(channels)
        stack.stop("pusher", sig=signal.SIGKILL)
        stack.start("pusher")
        eventually(lambda: sorted(listener.subscribed) == sorted(channels * 2))


def test_a_listener_with_the_wrong_secret_says_that_it_was_refused(two: tuple[Stack, Stack]) -> None:
    wrong = {**two[0].settings, "PUSHER_URL": two[0].settings["PUSHER_URL"].replace("@", "0@")}
    with pytest.raises(ListenError, match="presence-a: "), Listener(wrong, ["presence-a"]):
        pass


def test_a_server_that_is_given_is_used_and_said_to_be_and_none_started(
    two: tuple[Stack, Stack], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MONGODB_URI", "REDIS_URL", "PUSHER_URL"):
        monkeypatch.setenv(name, two[0].settings[name])
    said: list[str] = []
    with Stack(processes={}, say=said.append) as stack:
        assert stack.settings["REDIS_URL"] == two[0].settings["REDIS_URL"]
        assert f"Using REDIS_URL of the environment, {two[0].settings['REDIS_URL']}" in said
        secret = str(urlsplit(two[0].settings["PUSHER_URL"]).password)
        assert not any(secret in each or "Starting" in each for each in said)
        with pytest.raises(KeyError):
            stack.pid("redis")


def test_nothing_is_left_of_a_stack(own_folder: Path) -> None:
    before = set(own_folder.glob("run-*"))
    with Stack(processes={}) as stack:
        pids = [stack.pid(name) or 0 for name in SERVERS]
        (data,) = set(own_folder.glob("run-*")) - before
        assert data.stat().st_mode & 0o777 == 0o700
    assert not any(map(alive, pids))
    assert set(own_folder.glob("run-*")) == before


def test_a_release_that_fails_stops_the_start_and_leaves_its_log() -> None:
    with pytest.raises(StartError, match=r"release ended with status (?s:.*)JWT_KEYS is wrong") as failure:
        Stack(settings={"JWT_KEYS": "{}"}).__enter__()
    (note,) = failure.value.__notes__
    assert "JWT_KEYS" in (Path(note.split()[-1]) / "release.log").read_text()


def test_the_folder_of_a_killed_run_is_removed_by_the_next() -> None:
    left, lock = folder.make_folder()
    lock.close()  # as the end of a process does
    with folder.private_folder() as new:
        assert new.exists()
        assert not left.exists()
