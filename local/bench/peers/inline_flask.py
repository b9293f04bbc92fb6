"""This program without a queue: its job's function is called inside the request."""

from dataclasses import replace

from swag_goals.app import create_app
from swag_goals.documents.extension import Extension
from swag_goals.jobs.queue import Bell, arguments
from swag_goals.jobs.update_session_viewer_permissions import update_session_viewer_permissions


class Inline(Bell):
    """Does the job instead of enqueueing it."""

    def ring(self, extension: Extension) -> None:
        """Give the seconds and tell the viewers."""
        update_session_viewer_permissions(**arguments(extension))


app = create_app()
parts = app.extensions["swag_goals"]
app.extensions["swag_goals"] = replace(parts, bell=Inline(parts.circuit))
