"""Huey: run by `huey_consumer local.bench.peers.huey_worker.huey`."""

from local.bench.peers.huey_queue import huey
from local.bench.peers.start import start

__all__ = ["huey"]

start()
