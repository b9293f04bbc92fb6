"""RQ's job, by the name and arguments that stand in Redis."""

from swag_goals.services.apply_extensions import apply_extensions
from swag_goals.services.notify_viewers import notify_viewers


def update_session_viewer_permissions(
    session_id: str,
    viewers: list[str],
    nbf: str,
    duration: int = 60,
    notify_sd_viewers: bool = True,
    *,
    extension_id: str,
) -> None:
    """Apply one extension, and notify its viewers. Ids are text, `nbf` is ISO 8601, `duration` is in seconds.

    The ledger's values win: where the arguments differ from them, nothing is done.
    """
    arguments = {
        "session_id": session_id,
        "viewers": viewers,
        "nbf": nbf,
        "duration": duration,
        "notify_sd_viewers": notify_sd_viewers,
        "extension_id": extension_id,
    }
    notify_viewers(apply_extensions([arguments]))
