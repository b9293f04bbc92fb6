"""`python -m tests.migrations.process URI DATABASE FOLDER`: migrate with a short lease, say how it goes."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from pymongo import MongoClient

from swag_goals import migrations

LEASE = 2.0  # seconds

if __name__ == "__main__":
    uri, name, folder = sys.argv[1:]
    migrations.LEASE = timedelta(seconds=LEASE)
    migrations.RENEWED_EVERY = LEASE / 4
    with MongoClient[dict[str, Any]](uri, w="majority") as client:
        migrations.run(client[name], click.echo, Path(folder))
