"""Huey: run by `huey_consumer dev.bench.peers.huey_worker.huey`."""

from dev.bench.peers.huey_queue import huey
from dev.bench.peers.start import start

__all__ = ["huey"]

start()
