"""Every state that can be reached, found breadth first, so that a trace that leads to one is a shortest one.

What concerns one extension alone is worked out once and then known by number, for all states that it is part of.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from tests.model.invariants import INVARIANTS, PAIR_INVARIANTS, is_settled
from tests.model.model import Model
from tests.model.rules import Rules
from tests.model.states import APPLIED, DONE, FIT, NONE, Extension, World

T = TypeVar("T", bound=Hashable)
# The world, and one extension or two: numbers.
State = tuple[int, ...]
Moves = list[tuple[str, int, int]]
DIES = "an attempt dies; "
TICK = "5 s pass"


@dataclass(frozen=True)
class Bounds:
    """How much is searched: so many attempts at a time, so much trouble; one extension, two, or one and its void."""

    attempts: int = 2
    trouble: int = 1
    kind: str = "one"


class Violation(Exception):
    """An invariant does not hold; `trace` leads there."""

    def __init__(self, invariant: str, trace: Sequence[str]) -> None:
        super().__init__("\n".join((f"{invariant} does not hold:", *trace)))
        self.invariant, self.trace = invariant, trace


class Numbers(Generic[T]):
    """Things that are known by number."""

    def __init__(self) -> None:
        self.things: list[T] = []
        self._numbers: dict[T, int] = {}

    def of(self, thing: T) -> int:
        number = self._numbers.setdefault(thing, len(self.things))
        if number == len(self.things):
            self.things.append(thing)
        return number


class Search:
    """All states of the model under some rules and bounds. `only` checks these invariants alone."""

    def __init__(self, rules: Rules, bounds: Bounds, only: Sequence[str] = ()) -> None:
        self.bounds, self._rules, self._model = bounds, rules, Model(rules)
        self._only = only or (*INVARIANTS, *PAIR_INVARIANTS)
        self._worlds, self._extensions = Numbers[World](), Numbers[Extension]()
        self.parents: dict[State, State | None] = {}
        # Worked out once for each; `cache` on the methods would keep all searches alive.
        self._number, self._local, self._begins = cache(self._number), cache(self._local), cache(self._begins)  # type: ignore[method-assign]
        self._befalls, self._dies, self._waits = cache(self._befalls), cache(self._dies), cache(self._waits)  # type: ignore[method-assign]
        self._broken = cache(self._broken)  # type: ignore[method-assign]

    def run(self) -> "Search":
        """Find them all.

        :raises Violation: an invariant does not hold.
        """
        level = list(self.first())
        self.parents = dict.fromkeys(level)
        while level:
            found: list[State] = []
            for state in level:
                for _, following in self.successors(state):
                    if following not in self.parents:
                        self.parents[following] = state
                        found.append(following)
                        self._check(following)
            level = found
        return self

    def first(self) -> Iterator[State]:
        """The clocks together or apart, and nothing recorded. Of two extensions, apart as they are worst."""
        nothing = self._number(Extension())
        for ledger, session in ((False, False), (False, True), (True, False), (True, True)):
            world = self._worlds.of(World(ledger, session, FIT, self.bounds.trouble))
            if self.bounds.kind == "one":
                yield world, nothing
            elif (ledger, session) == (False, True):
                yield world, nothing, nothing

    def successors(self, state: State) -> Iterator[tuple[str, State]]:
        """What may happen next, and the state after it."""
        if self.bounds.kind == "one":
            yield from self._of_one(*state)
        else:
            yield from self._of_two(*state)

    def _of_one(self, w: int, a: int) -> Iterator[tuple[str, State]]:
        yield TICK, (w, self._waits(a))
        for moves in (self._local(w, a), self._befalls(w, a), self._began(w, a)):
            for what, v, b in moves:
                yield what, (v, b)

    def _began(self, w: int, a: int) -> Iterator[tuple[str, int, int]]:
        if len(self._extensions.things[a].attempts) < self.bounds.attempts:
            yield from self._begins(w, a)
        else:
            for b in self._dies(a):
                yield from ((DIES + what, v, c) for what, v, c in self._begins(w, b))

    def _of_two(self, w: int, a: int, b: int) -> Iterator[tuple[str, State]]:
        ordered = _as_is if self.bounds.kind == "void" else _in_order
        yield TICK, ordered(w, self._waits(a), self._waits(b))
        for (what, v, c), (_, _, d) in zip(self._befalls(w, a), self._befalls(w, b), strict=True):
            yield what, ordered(v, c, d)
        for what, v, c, d in (*self._each(w, a, b), *self._began_of_two(w, a, b), *self._together(w, a, b)):
            yield what, ordered(v, c, d)

    def _each(self, w: int, a: int, b: int) -> Iterator[tuple[str, int, int, int]]:
        for what, v, c in self._local(w, a):
            yield what, v, c, b
        allowed = self._void_may if self.bounds.kind == "void" else _anything
        for what, v, c in self._local(w, b):
            if allowed(a, b, c):
                yield what, v, a, c

    def _began_of_two(self, w: int, a: int, b: int) -> Iterator[tuple[str, int, int, int]]:
        things = self._extensions.things
        if len(things[a].attempts) + len(things[b].attempts) < self.bounds.attempts:
            yield from ((what, v, c, b) for what, v, c in self._begins(w, a))
            yield from ((what, v, a, c) for what, v, c in self._begins(w, b))
            return
        for c, d in [*((c, b) for c in self._dies(a)), *((a, d) for d in self._dies(b))]:
            yield from ((DIES + what, v, x, d) for what, v, x in self._begins(w, c))
            yield from ((DIES + what, v, c, x) for what, v, x in self._begins(w, d))

    def _together(self, w: int, a: int, b: int) -> Iterator[tuple[str, int, int, int]]:
        """What is done to two of them in one update, or for one when the other is settled."""
        world, e, f = self._worlds.things[w], self._extensions.things[a], self._extensions.things[b]
        if self.bounds.kind == "void":
            if not e.record.voided and any(each.step == "gave" for each in f.attempts):
                said = e.record._replace(voided=True)
                yield "the voided record says so", w, self._number(e._replace(record=said, sure=said)), b
            return
        for what, trouble, c, d in self._model.land_together(world, e, f):
            yield what, self._worlds.of(trouble), self._number(c), self._number(d)

    def _void_may(self, a: int, b: int, c: int) -> bool:
        """A void is recorded only of what is given, and settled only when the voided record says so."""
        e, was, becomes = self._extensions.things[a], self._extensions.things[b], self._extensions.things[c]
        if was.record.status == NONE and self._rules.void_of_applied:
            return e.sure.status in (APPLIED, DONE)
        settles = becomes.record.status in (APPLIED, DONE) and was.record != becomes.record
        return not settles or e.sure.voided or not self._rules.void_is_said_first

    # Worked out once.

    def _number(self, e: Extension) -> int:
        return self._extensions.of(self._model.essential(e))

    def _numbers(self, steps: Iterator[tuple[str, World, Extension]]) -> Moves:
        return [(what, self._worlds.of(world), self._number(e)) for what, world, e in steps]

    def _local(self, w: int, a: int) -> Moves:
        return self._numbers(self._model.steps(self._worlds.things[w], self._extensions.things[a]))

    def _begins(self, w: int, a: int) -> Moves:
        return self._numbers(self._model.begins(self._worlds.things[w], self._extensions.things[a]))

    def _befalls(self, w: int, a: int) -> Moves:
        return self._numbers(self._model.befalls(self._worlds.things[w], self._extensions.things[a]))

    def _dies(self, a: int) -> list[int]:
        return sorted({self._number(e) for e in self._model.dies(self._extensions.things[a])})

    def _waits(self, a: int) -> int:
        return self._number(self._model.waits(self._extensions.things[a]))

    def _broken(self, a: int) -> str | None:
        e = self._extensions.things[a]
        return next(
            (name for name, holds in INVARIANTS.items() if name in self._only and not holds(e, self._rules)), None
        )

    # What is asked of them.

    def _check(self, state: State) -> None:
        broken = next(filter(None, map(self._broken, state[1:])), None)
        if broken is None and self.bounds.kind == "void":
            pair = [self._extensions.things[number] for number in state[1:]]
            broken = next(
                (name for name, holds in PAIR_INVARIANTS.items() if name in self._only and not holds(*pair)), None
            )
        if broken:
            raise Violation(broken, self.trace(state))

    def trace(self, state: State) -> list[str]:
        """What happened, until the state."""
        trace: list[str] = []
        while (parent := self.parents[state]) is not None:
            trace.append(next(what for what, following in self.successors(parent) if following == state))
            state = parent
        return trace[::-1]

    def unsettled(self) -> list[State]:
        """The states from which no settled one can be reached."""
        causes: dict[State, list[State]] = {state: [] for state in self.parents}
        for state in self.parents:
            for _, following in self.successors(state):
                causes[following].append(state)
        reaching = {state for state in self.parents if all(is_settled(self._extensions.things[e]) for e in state[1:])}
        waiting = list(reaching)
        while waiting:
            new = [cause for cause in causes[waiting.pop()] if cause not in reaching]
            reaching.update(new)
            waiting += new
        return [state for state in self.parents if state not in reaching]

    def happens(self, *order: str) -> bool:
        """Whether these steps can happen in this order, with others in between."""
        level = {(state, 0) for state in self.first()}
        known = set(level)
        while level:
            found = set()
            for state, done in level:
                for what, following in self.successors(state):
                    reached = done + (what.removeprefix(DIES) == order[done])
                    if reached == len(order):
                        return True
                    found.add((following, reached))
            level = found - known
            known |= level
        return False


def _as_is(w: int, a: int, b: int) -> State:
    return w, a, b


def _in_order(w: int, a: int, b: int) -> State:
    """Two extensions are alike: which of them comes first makes no difference."""
    return (w, a, b) if a <= b else (w, b, a)


def _anything(*_: int) -> bool:
    return True
