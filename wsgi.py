"""What gunicorn and `flask` load: `gunicorn wsgi:app`."""

import sys
from pathlib import Path

from dotenv import load_dotenv
from flask import Flask

from swag_goals.app import create_app
from swag_goals.commands.doctor import doctor
from swag_goals.settings import SettingsError

# Written by `make up`, for commands in another terminal; real variables win.
load_dotenv(Path(__file__).parent / ".local" / "env", interpolate=False)

# After any other status gunicorn starts its workers again and again, and callers wait for them.
GUNICORN_GIVES_UP = 3

try:
    app = create_app()
except SettingsError as error:
    if "doctor" not in sys.argv:
        sys.stderr.write(f"swag_goals cannot start. {error} All that is wrong: flask doctor\n")
        sys.exit(GUNICORN_GIVES_UP)
    app = Flask("swag_goals")
    app.cli.add_command(doctor)
