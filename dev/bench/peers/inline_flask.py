"""This program without a queue: its job's function is called inside the request."""

from dataclasses import replace

from swag_goals.app import create_app
from swag_goals.documents.extension import Extension
from swag_goals.jobs.update_session_viewer_permissions import update_session_viewer_permissions
from swag_goals.queue.extensions import Enqueuer, job_arguments


class Inline(Enqueuer):
    """Does the job instead of enqueueing it."""

    def enqueue(self, extension: Extension) -> None:
        """Give the seconds and notify the viewers."""
        update_session_viewer_permissions(**job_arguments(extension))


app = create_app()
parts = app.extensions["swag_goals"]
app.extensions["swag_goals"] = replace(parts, enqueuer=Inline(parts.redis))
