"""GET /metrics: for Prometheus. All is read from MongoDB and Redis, so any web process may be asked."""

import hmac
import ipaddress
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import accumulate

import pymongo
from flask import Blueprint, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from pymongo.errors import PyMongoError
from redis import Redis

from swag_goals.api.admission import ANSWERS, SERVERS
from swag_goals.api.problems import Problem
from swag_goals.circuit_breaker import RedisUnavailable
from swag_goals.counts import BUCKETS, counts, read
from swag_goals.documents import ledger_queries
from swag_goals.documents.reasons import REJECTIONS
from swag_goals.documents.unfinished import Unfinished, unfinished
from swag_goals.events.pusher_channels import CALL_RESULTS
from swag_goals.queue.status import QueueStatus, queue_status
from swag_goals.time_limits import READINESS_TIMEOUT

blueprint = Blueprint("metrics", __name__)

# What is counted: its name, and what it means.
COUNTERS = {
    "requested": ("extensions_requested", "Extensions recorded, repeats left out"),
    "replayed": ("extensions_replayed", "Requests that repeated an earlier one"),
    "applied": ("extensions_applied", "Extensions whose seconds were given"),
    "notified": ("extensions_notified", "Extensions whose viewers were notified"),
    "not_notified": ("extensions_not_notified", "Extensions given up as their viewers could not be notified"),
    "rejected": ("extensions_rejected", "Extensions that could not be applied"),
    "retried": ("extensions_retried", "Extensions that a sweeper enqueued again"),
    "notifications_retried": ("notifications_retried", "Extensions whose viewers a sweeper notified again"),
    "pusher_calls": ("pusher_calls", "Calls to Pusher"),
    "admissions": ("admissions", "Questions whether a viewer may watch"),
}
# The labels of some, and what these may be; of two with a comma between.
LABELS: dict[str, tuple[str, Collection[str]]] = {
    "rejected": ("reason", REJECTIONS),
    "pusher_calls": ("result", CALL_RESULTS),
    "admissions": ("server,answer", [f"{server},{answer}" for server in SERVERS for answer in ANSWERS]),
}
TIMES = {
    "requested_to_applied": "From the request to its seconds in the session",
    "applied_to_notified": "From the seconds in the session to the viewers being notified",
    "admission_age": "How old was what a viewer was let in by",
}
REDIS_UP = "Whether Redis answers, and takes what is written"
# What proxies add; where one comes from this very machine, it forwards for anybody.
PROXIES = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


@blueprint.get("/metrics")
def show() -> Response:
    """The program's metrics, in Prometheus' text format."""
    _authorize()
    return Response(generate_latest(_Metrics()), content_type=CONTENT_TYPE_LATEST)


def _authorize() -> None:
    """By METRICS_TOKEN; without that setting whoever calls from this very machine, but for proxies there."""
    token = current_app.extensions["swag_goals"].settings.metrics_token
    if token is None:
        if not _is_loopback(request.remote_addr or "") or any(name in request.headers for name in PROXIES):
            raise Problem("forbidden")
        return
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(sent.strip().encode(), token.encode()):
        raise Problem("token_invalid", {"WWW-Authenticate": 'Bearer realm="metrics"'})


def _is_loopback(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket's peer has none
        return False
    return (getattr(ip, "ipv4_mapped", None) or ip).is_loopback


class _Metrics:
    """What `generate_latest` asks for the metrics. What cannot be known is left out, as it is not zero."""

    def collect(self) -> Iterator[Metric]:
        breaker = current_app.extensions["swag_goals"].redis
        try:
            counted, status = breaker.call(lambda: _ask_redis(breaker.client))
        except RedisUnavailable:
            yield _gauge("redis_up", REDIS_UP, 0)
        else:
            yield _gauge("redis_up", REDIS_UP, 1)
            yield from _counters(counted)
            yield from _histograms(counted)
            yield from _queue(status)
        try:
            with pymongo.timeout(READINESS_TIMEOUT.total_seconds()):
                found, size = unfinished(), ledger_queries.size()
        except PyMongoError:
            yield _gauge("mongodb_up", "Whether MongoDB answers", 0)
        else:
            yield _gauge("mongodb_up", "Whether MongoDB answers", 1)
            yield from _ledger(found)
            yield _gauge("ledger_extensions", "Extensions in the ledger", size[0])
            yield _gauge("ledger_bytes", "Size of their records, before MongoDB compresses them", size[1])


def _ask_redis(connection: Redis) -> tuple[Counter[tuple[str, str]], QueueStatus]:
    counts.add("scrapes")  # something is written at each scrape, or a Redis that refuses that would be up
    with connection.pipeline(transaction=False) as pipeline:
        counts.send(pipeline)
    return read(connection), queue_status(connection)


def _counters(counted: Counter[tuple[str, str]]) -> Iterator[Metric]:
    for field, (name, meaning) in COUNTERS.items():
        label, values = LABELS.get(field, ("", [""]))
        family = CounterMetricFamily(f"swag_goals_{name}", meaning, labels=label.split(",") if label else [])
        for value in values:
            family.add_metric(value.split(",") if label else [], counted[field, value])
        yield family


def _histograms(counted: Counter[tuple[str, str]]) -> Iterator[Metric]:
    for field, meaning in TIMES.items():
        bounds = [*map(str, BUCKETS), "+Inf"]
        sums = accumulate(counted[field, str(number)] for number in range(len(bounds)))
        family = HistogramMetricFamily(f"swag_goals_{field}_seconds", meaning)
        family.add_metric([], list(zip(bounds, sums, strict=True)), counted[field, "ms"] / 1000)
        yield family


def _queue(status: QueueStatus) -> Iterator[Metric]:
    yield _gauge("queue_jobs", "Jobs that wait for a worker", status.waiting)
    yield _gauge("failed_jobs", "Jobs in RQ's registry of failed ones", status.failed)
    yield _gauge("workers", "Workers that take jobs", status.workers)
    yield _gauge("sweeper_up", "Whether a sweeper looked at the ledger within some seconds", status.sweeper)


def _ledger(found: dict[str, Unfinished]) -> Iterator[Metric]:
    number = GaugeMetricFamily("swag_goals_unfinished_extensions", "Extensions to be settled", labels=["status"])
    oldest = GaugeMetricFamily("swag_goals_oldest_unfinished_seconds", "Age of the oldest of them", labels=["status"])
    for status, each in found.items():
        number.add_metric([status], each.count)
        oldest.add_metric([status], each.oldest)
    yield number
    yield oldest
    overdue = sum(each.overdue for each in found.values())
    yield _gauge("overdue_extensions", "Those of them that are not settled in time", overdue)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"swag_goals_{name}", meaning, value=value)
