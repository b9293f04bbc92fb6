"""What the peers' workers do first, in the process in which their jobs run."""

import os

from swag_goals.connections import connect_mongodb
from swag_goals.logs import configure_logs


def start() -> None:
    """Log and connect as `flask work` does."""
    configure_logs()
    connect_mongodb(os.environ["MONGODB_URI"])
