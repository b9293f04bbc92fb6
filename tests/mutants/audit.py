"""What an audit compares, and what it reads: sessions, records of the ledger, permissions."""

from tests.model.conditions import Condition

RECONCILE = "services/reconcile_session.py"
DISCREPANCY = "services/discrepancy.py"
RECORD = "documents/record_shape.py"
COMPACT = "documents/compact_record.py"
PERMISSION = "documents/permission.py"
AUDIT = "tests/commands/test_audit.py"
SHAPE = "tests/unit/test_record_shape.py"
MANY_VIEWERS = "tests/documents/test_many_viewers.py"
PERMISSIONS = "tests/unit/test_permission.py"

OF_THE_AUDIT = (
    Condition(
        "what others wrote into the guard is no extension",
        RECONCILE,
        " if isinstance(each, ObjectId)}",
        "}",
        AUDIT,
    ),
    Condition(
        "a change is known when all of it is",
        RECONCILE,
        '("revision", "applied_at", "applied_nbf", "permissions")',
        '("revision", "applied_at", "permissions")',
        AUDIT,
    ),
    Condition(
        "what is applied and not notified is in the session too",
        RECONCILE,
        'row["status"] in (APPLIED, DONE) or',
        'row["status"] == DONE or',
        AUDIT,
    ),
    Condition(
        "only what is pending has been pending for too long",
        RECONCILE,
        'row["status"] == PENDING and row["requested_at"] <',
        'row["requested_at"] <',
        AUDIT,
    ),
    Condition(
        "a rejection that is to be looked at once more may yet be none",
        RECONCILE,
        ' and row.get("due") is None\n',
        "\n",
        AUDIT,
    ),
    Condition(
        "what is rejected is in no guard",
        RECONCILE,
        '(row["_id"] in self._guard or row.get("permissions"))',
        'row.get("permissions")',
        AUDIT,
    ),
    Condition(
        "what is rejected has changed nothing",
        RECONCILE,
        '(row["_id"] in self._guard or row.get("permissions"))',
        'row["_id"] in self._guard',
        AUDIT,
    ),
    Condition(
        "who had nothing before the first change was given nothing before it",
        RECONCILE,
        "has = (before or NOTHING).duration",
        "has = inf",
        AUDIT,
    ),
    Condition(
        "where it is unknown what a viewer had before, it may have been anything",
        RECONCILE,
        'row["permissions"].get(viewer)), None, inf',
        'row["permissions"].get(viewer)), None, 0',
        AUDIT,
    ),
    Condition(
        "the first change of a viewer is the first",
        RECONCILE,
        'self._first.setdefault(viewer, (has, row["applied_at"]))',
        'self._first[viewer] = (has, row["applied_at"])',
        AUDIT,
    ),
    Condition(
        "a void that took too little took not too much",
        RECONCILE,
        'if row.get("void_of") and min(seconds, exp_seconds) < 0 else',
        'if row.get("void_of") else',
        AUDIT,
    ),
    Condition(
        "a void takes no more of the end than of the duration",
        RECONCILE,
        "min(seconds, exp_seconds) < 0",
        "seconds < 0",
        AUDIT,
    ),
    Condition(
        "what a void took may not be said yet",
        RECONCILE,
        "self._taken_back.pop(extension_id, taken) != taken",
        "self._taken_back.pop(extension_id, None) != taken",
        AUDIT,
    ),
    Condition(
        "what a void took may be said before it is settled",
        RECONCILE,
        'self._taken_back.keys() - {row.get("void_of") for row in self._undated}',
        "self._taken_back.keys()",
        AUDIT,
    ),
    Condition(
        "seconds that were given again are not said to be unrecorded too",
        RECONCILE,
        '{"given_twice", "unrecorded", "unreadable"}',
        '{"unrecorded", "unreadable"}',
        AUDIT,
    ),
    Condition(
        "what is unreadable is not said to be unrecorded too",
        RECONCILE,
        '{"given_twice", "unrecorded", "unreadable"}',
        '{"given_twice", "unrecorded"}',
        AUDIT,
    ),
    Condition(
        "what stands in a session that was made again is not what was given",
        RECONCILE,
        " if self._session_revision else None\n",
        "\n",
        AUDIT,
    ),
    Condition(
        "of changes whose time is unknown those of the viewer count",
        RECONCILE,
        '[row for row in self._undated if viewer in row["viewers"]]',
        "self._undated",
        AUDIT,
    ),
    Condition(
        "what was lost before a session was removed is said",
        RECONCILE,
        "    def _close_removed(self) -> None:\n        self._add_gaps()\n",
        "    def _close_removed(self) -> None:\n",
        AUDIT,
    ),
    Condition(
        "a permission of a session that is removed may have no end",
        RECONCILE,
        "if after and after.exp]",
        "if after]",
        AUDIT,
    ),
    Condition(
        "a session is not removed when it was just extended, though nobody knows when",
        RECONCILE,
        '        ends += [row["requested_at"] for row in self._undated]\n',
        "",
        AUDIT,
    ),
)
OF_RECORDS_AND_PERMISSIONS = (
    Condition(
        "a record has all that is needed",
        RECORD,
        "all(_is(row.get(name), kind) for name, kind in _NEEDED.items())",
        "True",
        SHAPE,
    ),
    Condition(
        "what is known later is of its type",
        RECORD,
        "row.get(name) is None or _is(row[name], kind) for name, kind in _KNOWN_LATER.items()",
        "True for name, kind in _KNOWN_LATER.items()",
        SHAPE,
    ),
    Condition("a boolean is no number", RECORD, " and (kind is bool or not isinstance(value, bool))", "", SHAPE),
    Condition("a record names somebody", RECORD, '        and bool(row["viewers"])\n', "", SHAPE),
    Condition(
        "a record names viewers by their ids",
        RECORD,
        "isinstance(viewer, str) and hex_id(viewer) for",
        "isinstance(viewer, str) for",
        SHAPE,
    ),
    Condition(
        "a record has permissions that can be read",
        RECORD,
        "each is None or Permission.of(each)",
        "True",
        SHAPE,
    ),
    Condition(
        "a record has a status",
        "documents/extension.py",
        'row.get("status") in STATUSES and ',
        "",
        SHAPE,
    ),
    Condition(
        "what a record unpacks to is bounded",
        COMPACT,
        "decompress(value, MAX_BYTES)",
        "decompress(value)",
        MANY_VIEWERS,
    ),
    Condition(
        "a permission is packed with all of its values",
        COMPACT,
        "dict(zip(_NAMES, each, strict=True)) if",
        "dict(zip(_NAMES, each)) if",
        MANY_VIEWERS,
    ),
    Condition(
        "permissions are packed for each viewer",
        COMPACT,
        "dict(zip(viewers, values, strict=True))",
        "dict(zip(viewers, values))",
        MANY_VIEWERS,
    ),
    Condition(
        "what cannot be unpacked is unreadable",
        COMPACT,
        "(zlib.error, bson.errors.InvalidBSON, KeyError, TypeError, ValueError)",
        "(bson.errors.InvalidBSON, KeyError, TypeError, ValueError)",
        MANY_VIEWERS,
    ),
    Condition(
        "less than nothing counts as nothing, as in the update",
        PERMISSION,
        "max(self.duration, 0) + seconds, ends",
        "self.duration + seconds, ends",
        PERMISSIONS,
    ),
    Condition(
        "what was given again was given until now",
        PERMISSION,
        "return nbf <= max(self.exp or until, until) and",
        "return",
        PERMISSIONS,
    ),
    Condition(
        "what was given again is all that an extension gives",
        PERMISSION,
        " and self.extended(seconds, nbf) == other",
        "",
        PERMISSIONS,
    ),
    Condition(
        "a void takes nothing of what has no end",
        PERMISSION,
        "if before is None or before.exp is None:",
        "if before is None:",
        PERMISSIONS,
    ),
)
