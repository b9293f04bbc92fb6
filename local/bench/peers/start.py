"""What the peers' workers do first, in the process in which their jobs run."""

import os

from swag_goals.connections import connect_mongodb
from swag_goals.logs import configure_logs

SIDE_BY_SIDE = 8  # jobs at a time, for everyone who can


def start() -> None:
    """Log and connect as `flask work` does."""
    configure_logs()
    connect_mongodb(os.environ["MONGODB_URI"])
