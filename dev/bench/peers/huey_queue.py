"""Huey's queue, and the job on it."""

import os
from collections.abc import Sequence

from huey import RedisHuey

from swag_goals.documents.extension import Extension
from swag_goals.jobs.update_session_viewer_permissions import update_session_viewer_permissions
from swag_goals.queue.extensions import job_arguments

huey = RedisHuey(url=os.environ["REDIS_URL"], results=False)
job = huey.task()(update_session_viewer_permissions)


def enqueue(extensions: Sequence[Extension]) -> None:
    """Put their jobs into it."""
    for extension in extensions:
        job(**job_arguments(extension))
