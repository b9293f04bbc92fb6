"""The times that a promise of one process rests on fit those that another one allows itself."""

import re
from datetime import timedelta

from dev.stack.keeper import ROOT
from swag_goals import time_limits as t


def test_no_attempt_is_at_work_when_it_counts_as_over() -> None:
    """An update begins before the deadline, runs as long as MongoDB's timeout, and a failover sets the clock back."""
    assert t.MONGODB_TIMEOUT + t.MAX_CLOCK_DIFFERENCE + timedelta(seconds=5) <= t.ATTEMPT_OVER


def test_the_time_after_which_a_guard_forgets_is_this_one() -> None:
    """Pinned: with 20 s there is no slack, with 10 s and a failover an extension is given twice."""
    assert timedelta(seconds=25) == t.ATTEMPT_OVER
    assert timedelta(seconds=10) == t.MONGODB_TIMEOUT == t.MAX_CLOCK_DIFFERENCE == t.ATTEMPT


def test_an_attempt_has_time_for_its_update_and_begins_with_a_deadline_of_its_own() -> None:
    assert t.MIN_ATTEMPT < t.ATTEMPT
    assert t.MIN_ATTEMPT > t.MONGODB_CONNECT_TIMEOUT


def test_a_job_that_nothing_happened_to_is_never_late() -> None:
    assert t.OVERDUE < t.LATE < t.ATTEMPT


def test_a_lost_job_is_retried_before_it_counts_as_late() -> None:
    assert t.OVERDUE + t.SWEEP_PAUSE < t.LATE


def test_a_sweeper_counts_as_running_while_it_looks_at_a_mongodb_that_does_not_answer() -> None:
    assert t.SWEEPER_TTL > t.MONGODB_TIMEOUT + t.SWEEP_PAUSE


def test_a_caller_is_answered_in_time_with_the_waits_for_a_thread_for_revocations_and_for_redis() -> None:
    limits_and_enqueue = 2 * 2 * t.WEB_REDIS_TIMEOUT  # a connection and an answer each
    before = t.MAX_QUEUED + t.REVOCATIONS_TIMEOUT
    assert before + t.ANSWER_TIMEOUT + limits_and_enqueue < t.MAX_ANSWER


def test_a_stop_waits_for_idle_clients_far_less_than_for_calls() -> None:
    assert 2 * t.LINGER < t.MAX_WEB_STOP / 4


def test_a_client_that_pauses_is_given_up_before_one_that_goes_on() -> None:
    assert t.MAX_PAUSE < t.MAX_REQUEST < t.KEEP_ALIVE


def test_a_revocation_is_in_force_in_time() -> None:
    assert t.REVOCATIONS_FRESH + t.REVOCATIONS_TIMEOUT <= t.REVOCATIONS_STALE
    assert t.REVOCATIONS_STALE + t.REVOCATIONS_TIMEOUT <= t.MAX_REVOCATION


def test_a_viewer_who_is_extended_is_let_in_within_a_second_and_a_half() -> None:
    """A player asks again a quarter of a second after a refusal, and needs about as long for the first segment."""
    assert t.NO_FRESH + timedelta(seconds=0.25) + timedelta(seconds=0.8) < timedelta(seconds=1.5)


def test_a_change_to_a_permission_is_in_force_in_time() -> None:
    assert timedelta(seconds=2) >= t.YES_FRESH > t.NO_FRESH
    assert t.YES_FRESH + t.LOOKUP_TIMEOUT + t.REVOCATIONS_FRESH < t.MAX_REVOCATION


def test_a_lookup_that_fails_is_over_before_a_proxy_gives_up() -> None:
    """The pages on proxies let them wait for a second."""
    assert timedelta(seconds=1) > t.LOOKUP_TIMEOUT
    assert t.YES_FRESH < t.MAX_KNOWN == timedelta(minutes=1)


def test_a_job_is_not_cut_off_by_its_limit() -> None:
    """It reads the ledger twice, moves deadlines, updates, asks for a refusal and settles; alone, it notifies too."""
    assert 6 * t.MONGODB_TIMEOUT + t.PUSHER_TIMEOUT < t.JOB_TIMEOUT


def test_what_is_given_is_settled_before_a_sweeper_would_retry_it() -> None:
    assert 2 * t.NOTIFY_BEFORE_SETTLING < t.OVERDUE


def test_viewers_are_notified_within_15_seconds_of_pushers_return() -> None:
    """A call that hangs and a rest are over; then what waits is due, and there is time to send it."""
    assert timedelta(seconds=15) > t.PUSHER_TIMEOUT + t.PUSHER_REST + t.MAX_RETRY_WAIT


def test_every_process_ends_before_the_platform_kills_it() -> None:
    assert t.MAX_WORKER_STOP + t.PUSHER_TIMEOUT < t.PLATFORM_KILL  # no signal interrupts a call to Pusher
    assert t.MAX_WEB_STOP < t.PLATFORM_KILL


def test_a_worker_stays_registered_between_two_heartbeats_beside_a_frozen_redis() -> None:
    block = t.WORKER_TTL - timedelta(seconds=15)  # RQ's own margin
    assert block > timedelta(0)
    assert t.HEARTBEAT + t.WORKER_REDIS_TIMEOUT < t.WORKER_TTL


def test_connections_are_kept_longer_than_by_the_routers_in_front() -> None:
    assert timedelta(seconds=90) < t.KEEP_ALIVE


def test_the_documented_proxy_fits_them() -> None:
    page = (ROOT / "docs/howto/behind-a-proxy.rst").read_text()
    seconds = {name: timedelta(seconds=int(text)) for name, text in re.findall(r"(\w+_timeout) +(\d+)s;", page)}
    assert seconds["keepalive_timeout"] < t.KEEP_ALIVE
    assert seconds["proxy_read_timeout"] > t.MAX_ANSWER


def test_the_promises_are_the_documented_ones() -> None:
    decision = (ROOT / "docs/decisions/0002-guard-with-deadline.rst").read_text()
    assert f"{t.ATTEMPT_OVER.seconds} s" in decision


def test_an_export_stays_behind_every_record_that_is_still_being_written() -> None:
    assert t.MONGODB_TIMEOUT + t.MAX_CLOCK_DIFFERENCE < t.MAX_BEHIND == timedelta(seconds=30)


def test_a_long_read_waits_for_more_than_one_choice_of_a_server() -> None:
    assert 2 * t.MONGODB_TIMEOUT < t.MAX_FAILOVER
