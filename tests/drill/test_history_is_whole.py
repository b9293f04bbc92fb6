"""A history ends with the values that its changes lead to, also while something still changes."""

import threading
import time
from typing import Any

from pymongo import MongoClient

from dev.drill.history import History
from dev.drill.history_checker import check
from dev.stack.stack import Stack

SESSIONS, GOES_ON = 300, 4.0  # seconds


def test_what_changes_meanwhile_is_among_both_or_neither() -> None:
    with (
        Stack(processes={}) as servers,
        MongoClient[dict[str, Any]](servers.settings["MONGODB_URI"], w="majority") as client,
    ):
        sessions = client.get_default_database().session
        with History(servers.settings["MONGODB_URI"]) as history:
            sessions.insert_many([{"_id": number} for number in range(SESSIONS)])

            def go_on() -> None:
                until, number = time.monotonic() + GOES_ON, 0
                while time.monotonic() < until:
                    number += 1
                    sessions.update_one({"_id": number * 7 % SESSIONS}, {"$set": {"title": number}})

            writer = threading.Thread(target=go_on)
            writer.start()
            lines = history.lines([], [], [], [])
            writer.join()

    assert [fault for fault in check(lines).faults if "do not lead to" in fault] == []
