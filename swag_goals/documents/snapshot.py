"""A snapshot of a session's permissions, read as other programs may have left them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from swag_goals.documents.permission import Permission


class UnreadablePermission(Exception):
    """The session holds something else than a permission there."""


@dataclass(frozen=True)
class Snapshot:
    """The permissions of some viewers as they stand at `server_time`, by MongoDB's clock."""

    revision: int | None
    server_time: datetime
    viewers: Any

    @staticmethod
    def projection(viewers: Any) -> dict[str, Any]:
        """What is read of a session for it; `viewers` is an expression."""
        return {"viewers": viewers, "revision": "$swag_goals.revision", "server_time": "$$NOW"}

    @classmethod
    def of(cls, found: dict[str, Any]) -> "Snapshot":
        """The snapshot that was read by this projection."""
        revision = found.get("revision")
        # Another program may have written something else there: the permissions are none the worse.
        is_one = isinstance(revision, int) and not isinstance(revision, bool)
        return cls(revision if is_one else None, found["server_time"], found.get("viewers"))

    def permission(self, viewer: str) -> dict[str, Any] | None:
        """The viewer's `{nbf, duration, exp}`, each possibly None; None without an entry.

        :raises UnreadablePermission: the session holds something else there.
        """
        entry = self._viewers().get(viewer)
        if entry is None:
            return None
        if Permission.of(entry) is None:
            raise UnreadablePermission
        return {name: entry.get(name) for name in Permission._fields}

    def permissions(self) -> dict[str, dict[str, Any]]:
        """All viewers' permissions, as `permission` gives them."""
        found = {viewer: self.permission(viewer) for viewer in self._viewers()}
        return {viewer: permission for viewer, permission in found.items() if permission is not None}

    def _viewers(self) -> dict[str, Any]:
        if not isinstance(self.viewers, dict | None):
            raise UnreadablePermission
        return self.viewers or {}
