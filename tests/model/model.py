"""Decision 2 as a model: the ledger's records, the session, the attempts under way, and what may happen next.

Read it beside docs/decisions/0002-guard-with-deadline.rst. Time goes in ticks of five seconds, and what happens
within one may happen in any order: so a deadline that lies in this tick has not passed, and a time that lies in it
may have come. All times are relative to now, by the foremost clock; the ledger's clock and the session's may each
be behind by as much as is allowed, since both may be on different members or behind different routers.

A write either stands on a majority, or on the primary alone: then its writer is told nothing, and either it reaches
a majority later or a failover takes it back. An answer that is lost and a process that dies are the same to
everybody else: an attempt that goes no further.
"""

from collections.abc import Iterator

from tests.model.rules import Rules
from tests.model.states import (
    APPLIED,
    DONE,
    FIT,
    GONE,
    NONE,
    PENDING,
    REJECTED,
    UNFIT,
    Attempt,
    Entry,
    Extension,
    Record,
    World,
)

Step = tuple[str, World, Extension]
ANOTHER = -99  # a deadline that is not the record's any more, nor will be
TIMED = ("begun", "sent", "refused", "looking", "clear")


class Model:
    """What may happen next to one extension, whatever happens to others."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        # A time that is longer ago is as good as this one; so is a release that may come by any clock.
        self.long_ago = -(rules.over + rules.clock_difference)
        self.has_come = -rules.clock_difference

    def steps(self, world: World, e: Extension) -> Iterator[Step]:
        """Everything that may happen to it next, with what comes of it. Beginning attempts are `begins`."""
        yield from self._recorded(world, e)
        if e.record.status == NONE:
            return
        for number, attempt in enumerate(e.attempts):
            others = e.attempts[:number] + e.attempts[number + 1 :]
            yield from self._goes_on(world, e, attempt, others)
        yield from self._sweeper_releases(world, e)
        yield from self._operator_reopens(world, e)
        if not self.rules.claims_due and not e.record.due:
            yield "a sweeper claims what was due when it looked", world, _both(e, e.record._replace(due=True))
        if e.record != e.sure:
            yield "the record reaches a majority", world, e._replace(sure=e.record)
        if e.entry != e.sure_entry:
            yield "the session reaches a majority", world, _session_is_sure(e)

    # The record.

    def _recorded(self, world: World, e: Extension) -> Iterator[Step]:
        now = self._ledger_now(world)
        if e.record.status == NONE:
            fresh = Record(PENDING, now + self.rules.attempt, due=True)
            yield "recorded and acknowledged", world, _both(e, fresh)
            unsure = e._replace(record=fresh)
            yield from self._in_trouble("recorded without a majority", world, unsure)
            if not self.rules.record_on_majority:
                yield from self._in_trouble(
                    "acknowledged without a majority", world, unsure._replace(acknowledged=True)
                )
        elif e.sure.status == NONE:
            yield "a repeat is acknowledged", world, e._replace(sure=e.record)
            if not self.rules.repeat_on_majority:
                yield "a repeat is acknowledged by what it reads", world, e._replace(acknowledged=True)

    # An attempt.

    def dies(self, e: Extension) -> Iterator[Extension]:
        """Without one of its attempts."""
        for number in range(len(e.attempts)):
            yield e._replace(attempts=e.attempts[:number] + e.attempts[number + 1 :])

    def begins(self, world: World, e: Extension) -> Iterator[Step]:
        """A worker takes the extension's job, and reads the record."""
        rules, now = self.rules, self._ledger_now(world)
        read = e.sure if rules.deadline_on_majority else e.record
        if read.status == PENDING and rules.moves_if_short and read.deadline - now < rules.min_attempt:
            yield "an attempt finds its deadline too near", world, _with(e, Attempt("short"))
        elif read.status == PENDING:
            yield "an attempt begins", world, _with(e, Attempt("begun", read.deadline))
        elif read.status == APPLIED:
            yield "an attempt to notify begins", world, _with(e, Attempt("gave"))
        elif read.status == REJECTED and read.due and (now >= read.deadline + rules.over or not rules.look_waits):
            yield "the last look begins", world, _with(e, Attempt("looking", read.deadline))

    def _moves_deadline(self, world: World, e: Extension, others: tuple[Attempt, ...]) -> Iterator[Step]:
        """And reads the record again, from a majority."""
        rules, ahead = self.rules, self._ledger_now(world) + self.rules.attempt
        if e.record.status != PENDING and rules.moves_while_pending:
            return
        moved = e.record._replace(deadline=max(e.record.deadline, ahead) if rules.never_back else ahead)
        begun = Attempt("begun", moved.deadline)
        yield "it begins with a new deadline", world, _with(_both(e, moved), begun, others)
        unsure = e._replace(record=moved)
        yield from self._in_trouble("a new deadline without a majority", world, _with(unsure, None, others))
        if not rules.deadline_on_majority:
            what = "it begins with a new deadline without a majority"
            yield from self._in_trouble(what, world, _with(unsure, begun, others))

    def _goes_on(self, world: World, e: Extension, attempt: Attempt, others: tuple[Attempt, ...]) -> Iterator[Step]:
        match attempt.step:
            case "short":
                yield from self._moves_deadline(world, e, others)
            case "begun":
                yield from self._update_begins(world, e, attempt, others)
                yield from self._verdict(world, e, attempt, others)
            case "sent":
                yield from self._update_lands(world, e, others)
                yield from self._verdict(world, e, attempt, others)
            case "gave":
                yield from self._settles(world, e)
            case "refused":
                yield from self._rejects(world, e, attempt)
            case "looking":
                yield from self._looks(world, e, attempt, others)
            case "clear":
                yield from self._closes(world, e, attempt)

    def _update_begins(
        self, world: World, e: Extension, attempt: Attempt, others: tuple[Attempt, ...]
    ) -> Iterator[Step]:
        if self._session_now(world) <= attempt.deadline or not self.rules.deadline:
            yield (
                "its update begins",
                world,
                _with(e, attempt._replace(step="sent", left=self.rules.update_runs), others),
            )

    def can_land(self, world: World, e: Extension) -> bool:
        """Whether the update of an attempt would match."""
        return world.session == FIT and not (e.entry.guarded and self.rules.guard)

    def landed(self, e: Extension) -> Extension:
        """With the seconds added, on the primary."""
        return e._replace(entry=Entry(min(e.entry.given + 1, 2), self.rules.appends or e.entry.guarded))

    def _update_lands(self, world: World, e: Extension, others: tuple[Attempt, ...]) -> Iterator[Step]:
        if self.can_land(world, e):
            yield "the seconds are added", world, _with(_session_is_sure(self.landed(e)), Attempt("gave"), others)
            unsure = self.landed(e)
            yield from self._in_trouble("the seconds are added without a majority", world, _with(unsure, None, others))
            if not self.rules.grant_on_majority:
                yield from self._in_trouble(
                    "the seconds count as added without a majority", world, _with(unsure, Attempt("gave"), others)
                )

    def land_together(
        self, world: World, e: Extension, f: Extension
    ) -> Iterator[tuple[str, World, Extension, Extension]]:
        """The updates of attempts at two extensions are one."""
        lands = [self.can_land(world, each) for each in (e, f)]
        if not all(lands) and (self.rules.guards_each or not any(lands)):
            return
        for one in _without_each_sent(e):
            for other in _without_each_sent(f):
                landed = self.landed(one), self.landed(other)
                c, d = (_with(_session_is_sure(each), Attempt("gave")) for each in landed)
                yield "the seconds of two are added at once", world, c, d
                if world.trouble:
                    troubled = world._replace(trouble=world.trouble - 1)
                    yield "the seconds of two are added at once, without a majority", troubled, *landed

    def _verdict(self, world: World, e: Extension, attempt: Attempt, others: tuple[Attempt, ...]) -> Iterator[Step]:
        """Why the update did not match; linearizable, so that what it saw is on a majority by then."""
        asked = _session_is_sure(e) if self.rules.linearizable else e
        if e.entry.guarded and self.rules.knows_its_own:
            yield "it finds itself in the guard", world, _with(asked, Attempt("gave"), others)
        elif attempt.step == "looking":
            yield "the last look finds nothing", world, _with(asked, attempt._replace(step="clear"), others)
        elif not self.rules.settles_given:
            yield "it counts as applied, whatever the guard says", world, _with(asked, Attempt("gave"), others)
        elif world.session != FIT:
            yield "the session is not fit for it", world, _with(asked, Attempt("refused", attempt.deadline), others)

    # What it writes into the ledger; it may do so more than once, and late.

    def _settles(self, world: World, e: Extension) -> Iterator[Step]:
        """As far as Pusher has taken the events by then; and it may do so again, when Pusher has taken them."""
        rules = self.rules
        told = e._replace(notified=True)
        yield from self._settled(world, e, "settled as applied", APPLIED, due=rules.due_until_notified)
        yield from self._settled(world, e, "settled as given up", APPLIED, gave_up=rules.says_gave_up)
        yield from self._settled(world, told if rules.done_if_notified else e, "notified and settled as done", DONE)

    def _settled(
        self, world: World, e: Extension, what: str, status: str, *, due: bool = False, gave_up: bool = False
    ) -> Iterator[Step]:
        rules, was = self.rules, e.record
        if was.status == DONE and rules.done_stays:
            return
        release_at = was.release_at if was.release_at is not None else was.deadline + rules.over
        if not rules.release_waits:
            release_at = self._ledger_now(world)
        settled = was._replace(status=status, due=due, release_at=release_at, gave_up=gave_up)
        if settled != was:
            yield what, world, _both(e, settled)
            yield from self._in_trouble(f"{what}, without a majority", world, e._replace(record=settled))

    def _rejects(self, world: World, e: Extension, attempt: Attempt) -> Iterator[Step]:
        was = e.record
        if (was.status == PENDING and was.deadline == attempt.deadline) or (
            was.status in (APPLIED, DONE) and not self.rules.rejects_pending
        ):
            rejected = was._replace(status=REJECTED, due=self.rules.is_looked_at)
            yield "it is rejected", world, _both(e, rejected)
            yield from self._in_trouble("it is rejected without a majority", world, e._replace(record=rejected))

    def _looks(self, world: World, e: Extension, attempt: Attempt, others: tuple[Attempt, ...]) -> Iterator[Step]:
        yield from self._verdict(world, e, attempt, others)
        if not self.rules.look_asks:
            yield "the last look asks nobody", world, _with(e, attempt._replace(step="clear"), others)

    def _closes(self, world: World, e: Extension, attempt: Attempt) -> Iterator[Step]:
        was, rules = e.record, self.rules
        same = was.deadline == attempt.deadline or not rules.closes_by_deadline
        if (was.status == REJECTED or not rules.closes_rejected) and same and was.due:
            yield "the rejection is closed", world, _both(e, was._replace(status=REJECTED, due=False))

    def _sweeper_releases(self, world: World, e: Extension) -> Iterator[Step]:
        read = e.sure if self.rules.release_from_majority else e.record
        comes = read.release_at
        if comes is None and not self.rules.released_when_settled and read.status == PENDING:
            comes = read.deadline + self.rules.over
        if comes is not None and self._ledger_now(world) >= comes:
            forgotten = _session_is_sure(e._replace(entry=e.entry._replace(guarded=False)))
            if forgotten != e:
                yield "the guard forgets, and the sweeper dies", world, forgotten
            noted = _both(forgotten, e.record._replace(release_at=None))
            if noted != e:
                yield "the guard forgets, and it is noted", world, noted

    def _operator_reopens(self, world: World, e: Extension) -> Iterator[Step]:
        was, rules = e.record, self.rules
        ahead = was._replace(due=True, deadline=max(was.deadline, self._ledger_now(world) + rules.attempt))
        if was.status == REJECTED or (was.status == APPLIED and not rules.reopens_rejected):
            yield from self._in_trouble("an operator reopens it", world, _both(e, ahead._replace(status=PENDING)))
        elif was.status == DONE and not rules.reopens_unfinished:
            yield from self._in_trouble("an operator reopens a done one", world, _both(e, ahead))

    # Time, and what befalls everybody.

    def befalls(self, world: World, e: Extension) -> Iterator[Step]:
        """Failovers, and what other programs do to the session. For each extension the same, in the same order."""
        if world.session != FIT:
            again = "mends the session" if world.session == UNFIT else "makes the session again"
            yield f"another program {again}", world._replace(session=FIT), e
        if not world.trouble:
            return
        world = world._replace(trouble=world.trouble - 1)
        of_ledger, of_session = self._ledger_fails_over(e), self._session_fails_over(e)
        yield "the ledger fails over", world, of_ledger
        apart = world._replace(ledger_behind=not world.ledger_behind)
        yield "the ledger fails over to a clock that is apart", apart, of_ledger
        yield "the session fails over", world, of_session
        apart = world._replace(session_behind=not world.session_behind)
        yield "the session fails over to a clock that is apart", apart, of_session
        if world.session == FIT:
            yield "another program breaks the session", world._replace(session=UNFIT), e
        if world.session != GONE:
            yield "another program removes the session", world._replace(session=GONE), _removed(e)

    def waits(self, e: Extension) -> Extension:
        """A tick later. An update that may not run any longer is over; nobody hears of it."""
        record, sure = self._older(e.record), self._older(e.sure)
        attempts = [self._older_attempt(each) for each in e.attempts if each.step != "sent" or each.left > 0]
        return e._replace(record=record, sure=sure, attempts=tuple(sorted(attempts)))

    def _older(self, record: Record) -> Record:
        release_at = record.release_at
        return record._replace(
            deadline=max(record.deadline - 1, self.long_ago),
            release_at=None if release_at is None else max(release_at - 1, self.has_come),
        )

    def _older_attempt(self, attempt: Attempt) -> Attempt:
        if attempt.step not in TIMED:
            return attempt
        left = attempt.left - 1 if attempt.step == "sent" and self.rules.time_out else attempt.left
        deadline = ANOTHER if attempt.deadline == ANOTHER else max(attempt.deadline - 1, self.long_ago)
        return attempt._replace(deadline=deadline, left=left)

    def essential(self, e: Extension) -> Extension:
        """Without what can make no difference any more, so that states which only differ in that are one.

        Of a deadline that an attempt read, when it is too late to begin by it, no more counts than whether it is
        still the record's; and an attempt that can do nothing but die is dead.
        """
        record, sure = self._essential_record(e.record), self._essential_record(e.sure)
        attempts = [self._essential_attempt(each, e, record, sure) for each in e.attempts]
        if e.record == e.sure:
            attempts = [each for each in attempts if not self._can_only_die(each, record)]
        notified = e.notified and DONE in (e.record.status, e.sure.status)
        was_done = e.was_done or sure.status == DONE
        return e._replace(
            record=record, sure=sure, attempts=tuple(sorted(attempts)), notified=notified, was_done=was_done
        )

    def _essential_record(self, record: Record) -> Record:
        is_over = (record.status in (APPLIED, DONE) and record.release_at is None) or (
            record.status == REJECTED and not record.due
        )
        return record._replace(deadline=self.long_ago) if is_over or record.status == DONE else record

    def _essential_attempt(self, attempt: Attempt, e: Extension, record: Record, sure: Record) -> Attempt:
        may_begin = attempt.step == "begun" and attempt.deadline >= -self.rules.clock_difference
        if attempt.step not in TIMED or may_begin:
            return attempt
        if attempt.deadline in (e.record.deadline, e.sure.deadline):
            its = record if attempt.deadline == e.record.deadline else sure
            return attempt._replace(deadline=its.deadline)
        return attempt._replace(deadline=ANOTHER)

    def _can_only_die(self, attempt: Attempt, record: Record) -> bool:
        match attempt.step:
            case "gave":
                return record.status == DONE and self.rules.done_stays
            case "short":
                return record.status != PENDING and self.rules.moves_while_pending and (record.status != REJECTED)
            case "refused":
                return self.rules.rejects_pending and (record.status != PENDING or attempt.deadline != record.deadline)
            case "clear":
                return (self.rules.closes_rejected and record.status != REJECTED) or not record.due
        return False

    def _ledger_fails_over(self, e: Extension) -> Extension:
        """What no majority has is taken back."""
        return e._replace(record=e.sure)

    def _session_fails_over(self, e: Extension) -> Extension:
        """So it is here, and no update goes on."""
        return e._replace(entry=e.sure_entry, attempts=tuple(each for each in e.attempts if each.step != "sent"))

    def _ledger_now(self, world: World) -> int:
        return -self.rules.clock_difference if world.ledger_behind else 0

    def _session_now(self, world: World) -> int:
        return -self.rules.clock_difference if world.session_behind else 0

    def _in_trouble(self, what: str, world: World, e: Extension) -> Iterator[Step]:
        if world.trouble:
            yield what, world._replace(trouble=world.trouble - 1), e


def _with(e: Extension, attempt: Attempt | None, others: tuple[Attempt, ...] | None = None) -> Extension:
    attempts = e.attempts if others is None else others
    return e._replace(attempts=tuple(sorted((*attempts, attempt))) if attempt else attempts)


def _without_each_sent(e: Extension) -> Iterator[Extension]:
    for number, each in enumerate(e.attempts):
        if each.step == "sent":
            yield e._replace(attempts=e.attempts[:number] + e.attempts[number + 1 :])


def _both(e: Extension, record: Record) -> Extension:
    """A write of the record that a majority has; and with it what stood there before."""
    return e._replace(record=record, sure=record)


def _session_is_sure(e: Extension) -> Extension:
    return e._replace(sure_entry=e.entry, ever_given=e.ever_given or e.entry.given > 0)


def _removed(e: Extension) -> Extension:
    """Another program removes the session."""
    return e._replace(entry=Entry(), sure_entry=Entry())
