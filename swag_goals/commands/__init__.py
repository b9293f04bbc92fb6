"""For operators: `flask ...`."""

from flask import Flask

from swag_goals.commands.audit import audit
from swag_goals.commands.compensate import compensate_
from swag_goals.commands.doctor import doctor
from swag_goals.commands.export import export
from swag_goals.commands.extend import extend
from swag_goals.commands.extension import extension
from swag_goals.commands.goal import goal
from swag_goals.commands.migrate import migrate
from swag_goals.commands.session import permission, session
from swag_goals.commands.shell import at_hand
from swag_goals.commands.token import token


def register_commands(app: Flask) -> None:
    """Add the program's commands to Flask's, and what `flask shell` has at hand."""
    app.shell_context_processor(at_hand)
    extension.add_command(export)
    for command in (audit, doctor, migrate, token, goal, session, permission, extend, extension, compensate_):
        app.cli.add_command(command)
