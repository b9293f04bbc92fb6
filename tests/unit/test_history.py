"""A drill's history is checked line by line: the true one is allowed, and no forged one is.

history.ndjson is one of a small drill: two sessions, three extensions, a worker that was down, a repeat, and the
guards' releases.
"""

import ast
import json
import sys
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from dev.drill import history_checker
from dev.drill.history_checker import check

Lines = list[dict[str, Any]]
TRUE: Lines = [json.loads(line) for line in (Path(__file__).parent / "history.ndjson").read_text().splitlines()]
KINDS = sorted({line["kind"] for line in TRUE})


def where(lines: Lines, **fields: Any) -> list[int]:
    return [number for number, line in enumerate(lines) if fields.items() <= line.items()]


def grants(lines: Lines) -> list[int]:
    """The changes in which a session's guard got an extension."""
    return [
        number
        for number in where(lines, kind="change", collection="session", operation="update")
        if any(name.startswith("viewers") for name in lines[number]["set"])
    ]


def counted_anew(lines: Lines) -> Lines:
    """As a forger would leave it who knows that the lines are counted."""
    lines = [line for line in lines if line["kind"] != "end"]
    return [*lines, {"kind": "end", "lines": dict(Counter(line["kind"] for line in lines))}]


def again(lines: Lines) -> None:
    """One is given once more, by the book, when the guard has forgotten it."""
    number = grants(lines)[0]
    first, at = lines[number], lines[number]["at"] + 60_000
    given = deepcopy(first["set"]["swag_goals"]["changes"][0])
    session = next(
        line for line in lines if line.get("document", {}).get("_id") == first["id"] and line["kind"] == "last"
    )
    for viewer in given["after"]:
        held = session["document"]["viewers"][viewer]
        given["after"][viewer] = {**held, "duration": held["duration"] + 60, "exp": held["exp"] + 60_000}
        held.update(given["after"][viewer])
    its = {"swag_goals.applied": [given["extension"]], "swag_goals.changes": [given | {"at": at, "revision": at}]}
    values = {f"viewers.{v}.{name}": p[name] for v, p in given["after"].items() for name in ("duration", "exp")}
    session["document"]["swag_goals"] |= {"applied": [given["extension"]], "changes": its["swag_goals.changes"]}
    lines.insert(where(lines, kind="call")[0], {**first, "at": at, "set": {**its, **values}})


def outside(lines: Lines) -> None:
    """Somebody gets seconds, and no extension is named."""
    change = deepcopy(lines[grants(lines)[-1]])
    change["set"] = {name: value + 1 for name, value in change["set"].items() if name.endswith(".duration")}
    lines.insert(where(lines, kind="call")[0], change)


def lost(lines: Lines) -> None:
    """What was given last is in no session."""
    del lines[grants(lines)[-1]]


def taken_back_in_the_end(lines: Lines) -> None:
    session = lines[where(lines, kind="last", collection="session")[0]]["document"]
    next(iter(session["viewers"].values()))["duration"] -= 60


def forgotten_early(lines: Lines) -> None:
    for number in where(lines, kind="change", collection="session", operation="update"):
        if lines[number]["set"].get("swag_goals.applied") == []:
            lines[number]["at"] -= 10_000


def forgotten_while_pending(lines: Lines) -> None:
    """The guard forgets before the ledger says that it is given."""
    settled = [n for n in where(lines, kind="change", collection="extension") if "status" in lines[n].get("set", {})]
    lines.append(lines.pop(settled[-1]))


def given_late(lines: Lines) -> None:
    for name in ("document", "set"):
        for line in lines:
            if "deadline" in (line.get(name) or {}):
                line[name]["deadline"] -= 10_000


def no_event(lines: Lines) -> None:
    """A viewer is told of nothing."""
    channel = lines[where(lines, kind="event")[0]]["channel"]
    lines[:] = [line for line in lines if line.get("channel") != channel]


def another_event(lines: Lines) -> None:
    lines[where(lines, kind="event")[0]]["data"]["duration"] += 60


def an_event_of_another_extension(lines: Lines) -> None:
    lines[where(lines, kind="event")[0]]["data"]["extension_id"] = "0" * 24


def another_before(lines: Lines) -> None:
    change = lines[grants(lines)[0]]["set"]["swag_goals"]["changes"][0]
    next(iter(change["before"].values()))["duration"] -= 60


def another_revision(lines: Lines) -> None:
    settled = [n for n in where(lines, kind="change", collection="extension") if "revision" in lines[n].get("set", {})]
    lines[settled[0]]["set"]["revision"] += 1


def an_event_before_its_time(lines: Lines) -> None:
    lines[where(lines, kind="event")[0]]["at"] -= 60_000


def another_answer(lines: Lines) -> None:
    lines[where(lines, kind="call", status=202)[0]]["id"] = "0" * 24


def a_promise_of_nothing(lines: Lines) -> None:
    call = deepcopy(lines[where(lines, kind="call", status=202)[0]])
    lines.insert(where(lines, kind="call")[0], call | {"key": "x", "extension": "0" * 24, "id": "0" * 24})


def a_promise_before_the_record(lines: Lines) -> None:
    lines[where(lines, kind="call", status=202)[0]]["over"] -= 60


def nobody_asked(lines: Lines) -> None:
    extension = lines[where(lines, kind="call")[0]]["extension"]
    lines[:] = [line for line in lines if line.get("extension") != extension]


def done_without_being_given(lines: Lines) -> None:
    first = grants(lines)[0]
    settled = [n for n in where(lines, kind="change", collection="extension") if "status" in lines[n].get("set", {})]
    lines.insert(first, lines.pop(settled[0]))


def pending_again(lines: Lines) -> None:
    settled = [n for n in where(lines, kind="change", collection="extension") if "status" in lines[n].get("set", {})]
    lines.insert(where(lines, kind="call")[0], lines[settled[0]] | {"set": {"status": "pending"}, "unset": []})


def a_deadline_that_moves_back(lines: Lines) -> None:
    record = lines[where(lines, kind="change", collection="extension", operation="insert")[-1]]
    moved = {"deadline": record["document"]["deadline"] - 1}
    change = {**record, "operation": "update", "set": moved, "unset": [], "cut": []}
    del change["document"]
    lines.insert(lines.index(record) + 1, change)


def pending_in_the_end(lines: Lines) -> None:
    for number in reversed(where(lines, kind="change", collection="extension", operation="update")):
        if "status" in lines[number]["set"]:
            del lines[number]
            return


def given_up_while_it_lasts(lines: Lines) -> None:
    """The record says that nobody could be notified, nobody was, and the permission lasts."""
    settled = [n for n in where(lines, kind="change", collection="extension") if "status" in lines[n].get("set", {})]
    extension = lines[settled[-1]]["id"]
    says = {"status": "applied", "reason": {"code": "pusher_refused"}, "notified_at": None}
    lines[settled[-1]]["set"] |= says
    for line in lines:
        if line["kind"] == "last" and line["document"]["_id"] == extension:
            line["document"] |= says
    lines[:] = [line for line in lines if line.get("data", {}).get("extension_id") != extension]


def down_for_ever(lines: Lines) -> None:
    lines[where(lines, kind="outage")[0]]["back"] = None


def clocks_apart(lines: Lines) -> None:
    lines[where(lines, kind="clock")[0]]["ahead"] = 11.0


FORGED: list[Callable[[Lines], None]] = [
    *(again, outside, lost, taken_back_in_the_end, forgotten_early, forgotten_while_pending, given_late),
    *(no_event, another_event, an_event_of_another_extension, an_event_before_its_time),
    *(another_before, another_revision),
    *(another_answer, a_promise_of_nothing, a_promise_before_the_record, nobody_asked),
    *(done_without_being_given, pending_again, a_deadline_that_moves_back, pending_in_the_end),
    given_up_while_it_lasts,
    *(down_for_ever, clocks_apart),
]


def test_the_true_one_is_allowed_and_no_session_is_passed_over() -> None:
    verdict = check(TRUE)

    assert verdict.faults == []
    assert (verdict.sessions, verdict.extensions, verdict.permissions) == (2, 3, 5)
    assert verdict.sessions == len(where(TRUE, kind="last", collection="session"))


@pytest.mark.parametrize("kind", KINDS)
def test_no_line_can_be_left_out_or_told_twice(kind: str) -> None:
    for number in where(TRUE, kind=kind):
        assert check(TRUE[:number] + TRUE[number + 1 :]).faults
        assert check(TRUE[: number + 1] + TRUE[number:]).faults


@pytest.mark.parametrize("forge", FORGED, ids=lambda forge: forge.__name__)
def test_a_forged_one_is_refused_also_where_its_lines_are_counted_anew(forge: Callable[[Lines], None]) -> None:
    lines = deepcopy(TRUE)
    forge(lines)

    assert check(counted_anew(lines)).faults


@pytest.mark.parametrize(("early", "is_allowed"), [(5_500, True), (7_500, False)])
def test_a_guard_may_forget_as_early_as_two_members_are_apart(early: int, is_allowed: bool) -> None:
    """One says what time it is, and the other writes: they are further from each other than either from the host."""
    lines = deepcopy(TRUE)
    (clock,) = where(lines, kind="clock")
    lines += [lines[clock] | {"ahead": ahead} for ahead in (-3.3, 2.6)]
    for number in where(lines, kind="change", collection="session", operation="update"):
        if lines[number]["set"].get("swag_goals.applied") == []:
            lines[number]["at"] -= early

    assert (check(counted_anew(lines)).faults == []) is is_allowed


def test_the_changes_alone_say_what_was_given() -> None:
    for number in grants(TRUE):
        assert check(counted_anew(TRUE[:number] + TRUE[number + 1 :])).faults
        assert check(counted_anew(TRUE[: number + 1] + TRUE[number:])).faults


def test_the_checker_has_nothing_of_the_program() -> None:
    tree = ast.parse(Path(history_checker.__file__).read_text())
    imports = [each for each in ast.walk(tree) if isinstance(each, ast.Import | ast.ImportFrom)]
    modules = [each.module or "" if isinstance(each, ast.ImportFrom) else each.names[0].name for each in imports]
    assert {module.partition(".")[0] for module in modules} <= sys.stdlib_module_names
