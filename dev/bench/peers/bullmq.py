"""BullMQ in Node: run by `python -m dev.bench.peers.bullmq`.

What it asks of MongoDB is made by this program's own functions, with `<name>` for each value.
"""

import json
import os
import subprocess
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from dev.stack.bundled import node
from dev.stack.keeper import ROOT
from swag_goals import time_limits
from swag_goals.documents import permission_update, settlement
from swag_goals.documents.extension import DURATION, PENDING, Extension
from swag_goals.documents.session import Change
from swag_goals.queue.extensions import job_arguments
from swag_goals.services.concurrency import THREADS
from swag_goals.time_limits import ATTEMPT
from swag_goals.times import now_and

SCRIPT = ROOT / "dev/bench/node/bullmq.js"


def enqueue(extensions: Sequence[Extension]) -> None:
    """Put their jobs into its queue."""
    orders = json.dumps([job_arguments(extension) for extension in extensions])
    subprocess.run([node(), SCRIPT, "enqueue"], input=orders, text=True, check=True)


def asked() -> dict[str, Any]:
    """What a job asks of MongoDB, for an extension of one viewer."""
    names = ("id", "session_id", "nbf", "requested_at", "deadline")
    extension: Any = SimpleNamespace(
        **{name: f"<{name}>" for name in names},
        viewers=["<viewer>"],
        duration=DURATION,
        status=PENDING,
        notify_sd_viewers=True,
        void_of=None,
    )
    change: Any = Change(*(f"<change.{name}>" for name in Change.__dataclass_fields__))  # type: ignore[arg-type]
    write = settlement.settlement(settlement.Outcome(extension, change=change, notified=True))
    return {
        "filter": {"_id": "<session_id>", **permission_update.guard(extension)},
        "update": permission_update.pipeline(extension),
        "projection": {"_id": 1, "swag_goals.changes": {"$slice": -1}},
        "settled": write._filter,
        "settlement": write._doc,
        "shortest_attempt": time_limits.MIN_ATTEMPT.total_seconds() * 1000,
        "later_deadline": [{"$set": {"deadline": now_and(ATTEMPT)}}],
    }


if __name__ == "__main__":
    settings = {"ASKED": json.dumps(asked()), "SIDE_BY_SIDE": str(THREADS)}
    os.execve(node(), [node(), str(SCRIPT), "work"], {**os.environ, **settings})  # noqa: S606
