"""Whether a history is one that the promises allow. It knows the promises alone, and nothing of the program.

Every change is done again in its order, and held to the steps of the model (tests/model): recorded; given once, in
time, by the arithmetic, under the guard; settled as what it is; forgotten by the guard late enough. Then each
permission is added up from its first to its last value, and each call and each event is looked for in it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Line = Mapping[str, Any]
Document = dict[str, Any]

# Milliseconds.
LATE = 5_000
ATTEMPT_OVER = 25_000
CLOCKS_APART = 10_000
A_MOMENT = 2_000  # between a change and who hears of it, by the host's clock
FOLLOWS: dict[str | None, set[str]] = {
    None: {"pending"},
    "pending": {"pending", "applied", "done", "rejected"},
    "applied": {"applied", "done"},
    "rejected": {"rejected", "pending", "applied", "done"},
    "done": {"done"},
}


@dataclass
class Grant:
    """What a session says that one extension changed in it."""

    session: str
    revision: int
    at: int
    nbf: int
    after: Mapping[str, Document]


@dataclass
class Verdict:
    """How much was checked, and what is not as it should be."""

    sessions: int = 0
    extensions: int = 0
    permissions: int = 0
    faults: list[str] = field(default_factory=list)


def check(lines: Sequence[Line]) -> Verdict:
    """Check a whole history."""
    replay = Replay()
    by_kind: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_kind[line["kind"]].append(line)
    ahead = [clock["ahead"] * 1000 for clock in by_kind["clock"]] or [0.0]
    replay.apart, replay.wrong = max(ahead) - min(ahead), max(map(abs, ahead))
    for number, line in enumerate(by_kind["change"]):
        try:
            replay.change(line)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            replay.say(f"change {number} cannot follow the ones before it: {error!r}")
    ends = (
        _whole(by_kind),
        _ends(replay, by_kind["last"]),
        _calls(replay, by_kind["call"]),
        _events(replay, by_kind["event"], by_kind["listener"]),
        _outages(by_kind["outage"]),
        _clocks(replay, by_kind["clock"]),
    )
    faults = [*replay.faults, *(fault for end in ends for fault in _until_unreadable(end))]
    permissions = sum(len(session.get("viewers", {})) for session in replay.documents["session"].values())
    return Verdict(len(replay.documents["session"]), len(replay.documents["extension"]), permissions, faults)


def _until_unreadable(faults: Iterator[str]) -> Iterator[str]:
    try:
        yield from faults
    except (KeyError, IndexError, TypeError, ValueError) as error:
        yield f"the history is not one of ours: {error!r}"


class Replay:
    """Sessions and records as each change leaves them, and what was given so far."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Document]] = {"session": {}, "extension": {}}
        self.grants: dict[str, Grant] = {}
        self.given: dict[str, list[str]] = defaultdict(list)  # by the sessions as they stand
        self.to_be_told: dict[str, list[str]] = {}  # viewers of extensions whose notification was given up
        self.faults: list[str] = []
        self.apart = 0.0  # milliseconds of the members' clocks from each other, at most
        self.wrong = 0.0  # and from this host's

    def say(self, fault: str) -> None:
        """Keep a fault."""
        self.faults.append(fault)

    def change(self, line: Line) -> None:
        """Do it again, and hold it to the steps."""
        documents = self.documents[line["collection"]]
        before = documents.get(line["id"])
        if line["operation"] == "delete":
            del documents[line["id"]]
            self.given.pop(line["id"], None)
            return
        if (before is None) != (line["operation"] == "insert"):
            self.say(f"{line['collection']} {line['id']} is changed before it is there, or made twice")
        after = _done(before or {}, line)
        if after == before:
            self.say(f"{line['collection']} {line['id']}: a change that changes nothing, which MongoDB does not tell")
        documents[line["id"]] = after
        if line["collection"] == "session":
            self._session(line["id"], before, after, line["at"])
        else:
            self._record(line["id"], before or {}, after)
            self._given_up(line["id"], before or {}, after, line["at"])

    # A session.

    def _session(self, session: str, before: Document | None, after: Document, at: int) -> None:
        if before is None:
            return
        was, becomes = _guard(before), _guard(after)
        added = [each for each in becomes if each not in was]
        if len(becomes) != len(set(becomes)):
            self.say(f"session {session}: its guard has an extension twice")
        for extension in [each for each in was if each not in becomes]:
            self._forgotten(extension, at)
        viewers = {viewer: dict(permission) for viewer, permission in before.get("viewers", {}).items() if permission}
        for extension in added:
            self._given(session, extension, viewers, after)
        if viewers != {viewer: its for viewer, its in after.get("viewers", {}).items() if its}:
            self.say(f"session {session}: {added or 'nothing'} was given, and it holds {after.get('viewers')}")

    def _given(self, session: str, extension: str, viewers: dict[str, Document], after: Document) -> None:
        record = self.documents["extension"].get(extension)
        change = next((each for each in _changes(after) if each["extension"] == extension), None)
        if extension in self.given[session]:
            self.say(f"extension {extension} is given twice")
        self.given[session].append(extension)
        if record is None or change is None:
            self.say(f"extension {extension} is given, and nobody recorded it")
            return
        if change["at"] >= record["deadline"] + self.apart:
            self.say(f"extension {extension} is given after its deadline")
        if record["status"] in ("applied", "done"):
            self.say(f"extension {extension} is given when it was settled already")
        if change["before"] != {viewer: _values(viewers.get(viewer)) for viewer in record["viewers"]}:
            self.say(f"extension {extension} says that {change['before']} was there, and it was {viewers}")
        for viewer in record["viewers"]:
            owed = _owed(viewers.get(viewer), record, change["at"])
            viewers |= {viewer: owed} if owed else {}
        if change["after"] != {viewer: _values(viewers.get(viewer)) for viewer in record["viewers"]}:
            self.say(f"extension {extension} says {change['after']}, and gave {viewers}")
        self.grants[extension] = Grant(session, change["revision"], change["at"], change["nbf"], change["after"])

    def _forgotten(self, extension: str, at: int) -> None:
        record = self.documents["extension"].get(extension, {})
        if record.get("status") not in ("applied", "done"):
            self.say(f"extension {extension} is forgotten by its guard while it is {record.get('status')}")
        elif at < record["deadline"] + ATTEMPT_OVER - self.apart:
            self.say(f"extension {extension} is forgotten by its guard too early")

    # A record.

    def _record(self, extension: str, before: Document, after: Document) -> None:
        was, becomes = before.get("status"), after.get("status")
        if becomes not in FOLLOWS.get(was, set()):
            self.say(f"extension {extension} goes from {was} to {becomes}")
        if becomes in ("applied", "done") and extension not in self.grants:
            self.say(f"extension {extension} is {becomes}, and was not given")
        if was:
            self._deadline(extension, before, after)
        for name in ("requests", "retries"):
            if after.get(name, 0) - before.get(name, 0) not in (0, 1):
                self.say(f"extension {extension}: {name} goes from {before.get(name)} to {after.get(name)}")
        if extension in self.grants:
            self._change(extension, after, self.grants[extension])

    def _given_up(self, extension: str, before: Document, after: Document, at: int) -> None:
        """Whose permission lasts though the record says that it ended: another extension came, and tells of it."""
        if after["status"] == "applied" and after.get("reason") and not before.get("reason"):
            viewers = self.documents["session"].get(after["session_id"], {}).get("viewers", {})
            lasts = [each for each in after["viewers"] if (viewers.get(each) or {"exp": 0})["exp"] > at + self.apart]
            self.to_be_told[extension] = lasts

    def _change(self, extension: str, record: Document, grant: Grant) -> None:
        """What the record says of the change is what the session said, or nothing."""
        says = {"revision": grant.revision, "applied_at": grant.at, "applied_nbf": grant.nbf}
        if any(record.get(name) not in (None, value) for name, value in says.items()):
            self.say(f"extension {extension}: the record says something else of it than {says}")
        voided = self.documents["extension"].get(record.get("void_of") or "", {"voided_at": True})
        if record["status"] in ("applied", "done") and voided.get("voided_at") is None:
            self.say(f"extension {extension} is settled before the extension that it voids says so")

    def _deadline(self, extension: str, before: Document, after: Document) -> None:
        if after["deadline"] < before["deadline"]:
            self.say(f"extension {extension}: its deadline moves back")
        if after["deadline"] != before["deadline"] and after["status"] != "pending":
            self.say(f"extension {extension}: its deadline moves while it is {after['status']}")


def _done(before: Document, line: Line) -> Document:
    """The document after the change."""
    if line["operation"] in ("insert", "replace"):
        return dict(line["document"])
    document = _copy(before)
    for cut in line.get("cut", ()):
        holder, name = _holder(document, cut["field"])
        holder[name] = holder[name][: cut["newSize"]]
    for path, value in line.get("set", {}).items():
        holder, name = _holder(document, path)
        if isinstance(holder, list) and name == len(holder):
            holder.append(_copy(value))
        else:
            holder[name] = _copy(value)
    for path in line.get("unset", ()):
        holder, name = _holder(document, path)
        del holder[name]
    return document


def _holder(document: Any, path: str) -> tuple[Any, Any]:
    *way, last = path.split(".")
    for name in way:
        document = document[int(name)] if isinstance(document, list) else document.setdefault(name, {})
    return document, int(last) if isinstance(document, list) else last


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(each) for name, each in value.items()}
    return [_copy(each) for each in value] if isinstance(value, list) else value


def _guard(session: Document) -> list[str]:
    return list(session.get("swag_goals", {}).get("applied", []))


def _changes(session: Document) -> list[Document]:
    return list(session.get("swag_goals", {}).get("changes", []))


def _values(permission: Document | None) -> Document | None:
    """Those that this program knows of."""
    return None if permission is None else {name: permission.get(name) for name in ("nbf", "duration", "exp")}


def _owed(before: Document | None, record: Document, at: int) -> Document | None:
    """The permission by the contract's arithmetic; a void takes what is left of what it voids."""
    seconds = record["duration"]
    if record.get("void_of") is not None:
        if before is None:
            return None
        taken = min(seconds, max(0, (before["exp"] - at) // 1000))
        return {**before, "duration": before["duration"] - taken, "exp": before["exp"] - taken * 1000}
    nbf = record["nbf"] if at - record["requested_at"] <= LATE else at
    held = before or {"nbf": nbf, "duration": 0, "exp": nbf}
    return {
        "nbf": held["nbf"],
        "duration": max(held["duration"], 0) + seconds,
        "exp": max(nbf, held["exp"]) + seconds * 1000,
    }


def _whole(by_kind: Mapping[str, Sequence[Line]]) -> Iterator[str]:
    counted = by_kind["end"][0]["lines"] if len(by_kind["end"]) == 1 else None
    found = {kind: len(lines) for kind, lines in by_kind.items() if lines and kind != "end"}
    if counted != found:
        yield f"the history has {found} lines, and says that they are {counted}"


def _ends(replay: Replay, last: Sequence[Line]) -> Iterator[str]:
    """The last values are those that all changes together lead to, of every session and every record."""
    for collection, documents in replay.documents.items():
        found = {line["document"]["_id"]: line["document"] for line in last if line["collection"] == collection}
        for document in sorted(found.keys() | documents.keys()):
            if found.get(document) != documents.get(document):
                yield f"{collection} {document} ends as what its changes do not lead to"
    for extension, record in replay.documents["extension"].items():
        given = extension in replay.grants
        if record["status"] == "rejected" and extension in [e for each in replay.given.values() for e in each]:
            yield f"extension {extension} is rejected, and was given"
        if record["status"] in ("pending", "applied") and record.get("reason") is None:
            yield f"extension {extension} is {record['status']} in the end"
        if record["status"] == "done" and not given:
            yield f"extension {extension} is done, and was not given"


def _calls(replay: Replay, calls: Sequence[Line]) -> Iterator[str]:
    records = replay.documents["extension"]
    for call in calls:
        if call["status"] in (200, 202):
            yield from _acknowledged(call, records.get(call["extension"]), replay.wrong + A_MOMENT)
    asked = {call["extension"] for call in calls}
    for extension, record in records.items():
        if extension not in asked and record.get("void_of") is None:
            yield f"extension {extension} was never requested"


def _acknowledged(call: Line, record: Document | None, moment: float) -> Iterator[str]:
    if call["id"] != call["extension"]:
        yield f"{call['key']}: its answer names {call['id']}"
    if record is None:
        yield f"{call['key']} was acknowledged, and nobody recorded it"
    elif record["requested_at"] > call["over"] * 1000 + moment:
        yield f"{call['key']} was acknowledged before it was recorded"


def _events(replay: Replay, events: Sequence[Line], listeners: Sequence[Line]) -> Iterator[str]:
    if not listeners:
        yield "nobody listened"
    heard = {channel for listener in listeners for channel in listener["channels"]}
    told: dict[str, int] = defaultdict(int)  # the highest revision on each channel
    said = {(grant.session, grant.revision): grant for grant in replay.grants.values()}
    for event in events:
        data = event["data"]
        told[event["channel"]] = max(told[event["channel"]], data["revision"])
        record = replay.documents["extension"].get(data["extension_id"])
        yield from _told(event, record, said.get((data["session_id"], data["revision"])), replay.wrong + A_MOMENT)
    for extension, grant in replay.grants.items():
        record = replay.documents["extension"].get(extension, {})
        if record.get("notify_sd_viewers"):
            done = record["status"] == "done"
            for viewer in record["viewers"] if done else replay.to_be_told.get(extension, ()):
                channel = f"presence-stream-viewer@{record['streamer_id']}.sd.{viewer}"
                if channel in heard and told[channel] < grant.revision:
                    yield f"extension {extension} is {record['status']}, and viewer {viewer} was not notified"


def _told(event: Line, record: Document | None, grant: Grant | None, moment: float) -> Iterator[str]:
    data = event["data"]
    if grant is None:
        yield f"an event tells of revision {data['revision']}, which session {data['session_id']} never had"
        return
    permission = grant.after.get(data["viewer_id"])
    if permission is not None and _permission(data) != permission:
        yield f"an event of session {data['session_id']} tells what its revision {data['revision']} is not"
    if (record or {}).get("session_id") != data["session_id"]:
        yield f"an event of session {data['session_id']} tells of extension {data['extension_id']}, which is not its"
    if event["at"] < grant.at - moment:
        yield f"an event of session {data['session_id']} came before its revision {data['revision']}"


def _permission(data: Mapping[str, Any]) -> Document:
    times = {name: round(datetime.fromisoformat(data[name]).timestamp() * 1000) for name in ("nbf", "exp")}
    return {"nbf": times["nbf"], "duration": data["duration"], "exp": times["exp"]}


def _outages(outages: Sequence[Line]) -> Iterator[str]:
    for outage in outages:
        if outage["back"] is None or outage["back"] < outage["began"]:
            yield f"{outage['part']} was down from {outage['began']} to {outage['back']}"


def _clocks(replay: Replay, clocks: Sequence[Line]) -> Iterator[str]:
    if not clocks:
        yield "nobody looked at the clocks"
    if max(replay.apart, replay.wrong) > CLOCKS_APART:
        yield f"the clocks are {max(replay.apart, replay.wrong) / 1000:.0f} s apart"
