"""What `flask shell` has at hand, and its greeting."""

from typing import Any

import click
from bson import ObjectId
from flask import current_app

from swag_goals.documents.extension import Extension
from swag_goals.documents.goal import ExclusiveGoal, Goal
from swag_goals.documents.revoked_token import RevokedToken
from swag_goals.documents.session import Session
from swag_goals.services.extend_goal import extend_goal
from swag_goals.services.redrive_extension import redrive_extension
from swag_goals.services.void_extension import void_extension

DOCUMENTS = (Goal, ExclusiveGoal, Session, Extension, RevokedToken)
SERVICES = (extend_goal, redrive_extension, void_extension)


def at_hand() -> dict[str, Any]:
    """The shell's names; says on stderr what they are."""
    documents = {each.__name__: each for each in DOCUMENTS}
    services = {each.__name__: each for each in SERVICES}
    parts = current_app.extensions["swag_goals"]
    click.echo(
        f"Documents: {', '.join(documents)}. Services: {', '.join(services)}, with parts.enqueuer. And ObjectId.\n"
        "Change data through the services: they keep who and why in the ledger. For example:\n"
        "  Extension.objects(status='pending').order_by('requested_at').first()",
        err=True,
    )
    return {**documents, **services, "parts": parts, "ObjectId": ObjectId}
