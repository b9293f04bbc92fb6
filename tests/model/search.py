"""Every state that can be reached, found breadth first, so that a trace that leads to one is a shortest one.

What concerns one extension alone is worked out once and then known by number. States that differ only in the other
extension go on together: of these there are hundreds, and what one does alone is the same beside all of them.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from tests.model.invariants import INVARIANTS, PAIR_INVARIANTS, is_settled
from tests.model.model import Model
from tests.model.rules import Rules
from tests.model.states import APPLIED, DONE, FIT, NONE, Extension, World

T = TypeVar("T", bound=Hashable)
# The world and two extensions, or one and nothing: numbers.
State = tuple[int, int, int]
# The world and one extension; what happens, and the half after it.
Half = tuple[int, int]
Moves = list[tuple[str, Half]]
# By the halves, the other extensions. Of an extension and its void once by the one and once by the other.
Level = list[defaultdict[Half, set[int]]]
EXTENSION, ITS_VOID = 0, 1
NOTHING = 0  # the number of an extension that is not recorded
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
        self._number(Extension())
        self._roles = (EXTENSION, ITS_VOID) if bounds.kind == "void" else (EXTENSION,)
        self._levels: list[Level] = []
        # Worked out once for each; `cache` on the methods would keep all searches alive.
        self._steps, self._begins, self._dies = cache(self._steps), cache(self._begins), cache(self._dies)  # type: ignore[method-assign]
        self._befalls, self._waits, self._busy = cache(self._befalls), cache(self._waits), cache(self._busy)  # type: ignore[method-assign]
        self._does, self._broken = cache(self._does), cache(self._broken)  # type: ignore[method-assign]

    def run(self) -> "Search":
        """Find them all.

        :raises Violation: an invariant does not hold.
        """
        level = self._level()
        for w, a, b in self.first():
            level[EXTENSION][w, a].add(b)
        level = self._from_both_sides(level)
        known = self._level()
        while any(level):
            self._levels.append(level)
            for known_there, new in zip(known, level, strict=True):
                for half, others in new.items():
                    known_there[half] |= others
            level = self._from_both_sides(self._after(level, known))
            self._check(level)
        return self

    def _after(self, level: Level, known: Level) -> Level:
        """What comes next and is not known."""
        found = self._level()
        for role, halves in enumerate(level):
            for half, others in halves.items():
                for _, target, made in self._moves(role, half, others):
                    if new := made - known[role][target]:
                        found[role][target] |= new
        return found

    def _level(self) -> Level:
        return [defaultdict(set) for _ in self._roles]

    def _from_both_sides(self, found: Level) -> Level:
        """Each state by either of its extensions; two that are alike stand there both ways round."""
        if self.bounds.kind == "one":
            return found
        whole = self._level()
        for there, others_there, halves in zip(whole, whole[::-1], found, strict=True):
            for (w, a), others in halves.items():
                there[w, a] |= others
                for b in others:
                    others_there[w, b].add(a)
        return whole

    @property
    def states(self) -> Iterator[State]:
        """Those that were found; of two extensions each pair once."""
        return (state for level in self._levels for state in self._states_of(level))

    def _states_of(self, level: Level) -> Iterator[State]:
        states = ((w, a, b) for (w, a), others in level[EXTENSION].items() for b in others)
        return (state for state in states if state == self._in_order(*state))

    def _in_order(self, w: int, a: int, b: int) -> State:
        """Two extensions are alike: which of them comes first makes no difference."""
        return (w, b, a) if self.bounds.kind == "two" and b < a else (w, a, b)

    def first(self) -> Iterator[State]:
        """The clocks together or apart, and nothing recorded. Of two extensions, apart as they are worst."""
        for ledger, session in ((False, False), (False, True), (True, False), (True, True)):
            if self.bounds.kind == "one" or (ledger, session) == (False, True):
                yield self._worlds.of(World(ledger, session, FIT, self.bounds.trouble)), NOTHING, NOTHING

    def successors(self, state: State) -> Iterator[tuple[str, State]]:
        """What may happen next, and the state after it."""
        w, a, b = state
        for what, (v, c), made in self._moves(EXTENSION, (w, a), {b}):
            yield from ((what, self._in_order(v, c, d)) for d in made)
        if self.bounds.kind != "one":
            for what, (v, d), made in self._moves(self._roles[-1], (w, b), {a}):
                yield from ((what, self._in_order(v, c, d)) for c in made)

    def _moves(self, role: int, half: Half, others: set[int]) -> Iterator[tuple[str, Half, set[int]]]:
        """What may happen to the one beside each of the others, the half after it, and what becomes of these."""
        w, a = half
        for what, target in self._steps(w, a):
            yield what, target, others if role == EXTENSION else self._allowing(others, a, target[1])
        room = self.bounds.attempts - self._busy(a)
        full = {b for b in others if self._busy(b) >= room} if room else others
        for what, target in self._begins(w, a):
            yield what, target, others - full
            yield DIES + what, target, {c for b in full for c in self._dies(b)}
        for c in self._dies(a):
            yield from ((DIES + what, target, full) for what, target in self._begins(w, c))
        if role == EXTENSION:
            yield from self._befalls_both(half, others)

    def _befalls_both(self, half: Half, others: set[int]) -> Iterator[tuple[str, Half, set[int]]]:
        w, a = half
        if self.bounds.kind == "one":
            yield from ((what, target, others) for what, target in (*self._befalls(w, a), (TICK, (w, self._waits(a)))))
            return
        yield TICK, (w, self._waits(a)), {self._waits(b) for b in others}
        for number, (what, target) in enumerate(self._befalls(w, a)):
            yield what, target, {self._befalls(w, b)[number][1][1] for b in others}
        world, e = self._worlds.things[w], self._extensions.things[a]
        if self.bounds.kind == "void":
            said = e.record._replace(voided=True)
            if not e.record.voided and (gave := {b for b in others if self._does(b, "gave")}):
                yield "the voided record says so", (w, self._number(e._replace(record=said, sure=said))), gave
        elif self._does(a, "sent"):
            for f in (self._extensions.things[b] for b in others if self._does(b, "sent")):
                for what, after, c, d in self._model.land_together(world, e, f):
                    yield what, (self._worlds.of(after), self._number(c)), {self._number(d)}

    def _allowing(self, others: Iterable[int], void: int, after: int) -> set[int]:
        """A void is recorded only of what is given, and settled only when the voided record says so."""
        was, becomes = self._extensions.things[void].record, self._extensions.things[after].record
        sure = {b: self._extensions.things[b].sure for b in others}
        if was.status == NONE and self._rules.void_of_applied:
            return {b for b, each in sure.items() if each.status in (APPLIED, DONE)}
        if becomes.status in (APPLIED, DONE) and was != becomes and self._rules.void_is_said_first:
            return {b for b, each in sure.items() if each.voided}
        return set(sure)

    # Worked out once.

    def _number(self, e: Extension) -> int:
        return self._extensions.of(self._model.essential(e))

    def _numbers(self, steps: Iterator[tuple[str, World, Extension]]) -> Moves:
        return [(what, (self._worlds.of(world), self._number(e))) for what, world, e in steps]

    def _steps(self, w: int, a: int) -> Moves:
        return self._numbers(self._model.steps(self._worlds.things[w], self._extensions.things[a]))

    def _begins(self, w: int, a: int) -> Moves:
        return self._numbers(self._model.begins(self._worlds.things[w], self._extensions.things[a]))

    def _befalls(self, w: int, a: int) -> Moves:
        return self._numbers(self._model.befalls(self._worlds.things[w], self._extensions.things[a]))

    def _dies(self, a: int) -> set[int]:
        return {self._number(e) for e in self._model.dies(self._extensions.things[a])}

    def _waits(self, a: int) -> int:
        return self._number(self._model.waits(self._extensions.things[a]))

    def _busy(self, a: int) -> int:
        return len(self._extensions.things[a].attempts)

    def _does(self, a: int, step: str) -> bool:
        return any(each.step == step for each in self._extensions.things[a].attempts)

    def _broken(self, a: int) -> str | None:
        e = self._extensions.things[a]
        return next(
            (name for name, holds in INVARIANTS.items() if name in self._only and not holds(e, self._rules)), None
        )

    # What is asked of them.

    def _check(self, level: Level) -> None:
        for role, halves in enumerate(level):
            for (w, a), others in halves.items():
                if broken := self._broken(a):
                    pair = (a, min(others)) if role == EXTENSION else (min(others), a)
                    raise Violation(broken, self.trace(self._in_order(w, *pair)))
        if self.bounds.kind == "void":
            self._check_pairs(level[EXTENSION])

    def _check_pairs(self, halves: Mapping[Half, set[int]]) -> None:
        checked = [(name, holds) for name, holds in PAIR_INVARIANTS.items() if name in self._only]
        for (w, a), others in halves.items():
            e = self._extensions.things[a]
            for b in others:
                for name, holds in checked:
                    if not holds(e, self._extensions.things[b]):
                        raise Violation(name, self.trace((w, a, b)))

    def trace(self, state: State) -> list[str]:
        """What happened, until the state."""
        w, a, b = state
        depths = (depth for depth, level in enumerate(self._levels) if b in level[EXTENSION].get((w, a), ()))
        trace: list[str] = []
        for level in self._levels[: next(depths, None)][::-1]:
            what, state = next(
                (what, before)
                for before in self._states_of(level)
                for what, following in self.successors(before)
                if following == state
            )
            trace.append(what)
        return trace[::-1]

    def unsettled(self) -> list[State]:
        """The states from which no settled one can be reached."""
        causes: dict[State, list[State]] = {state: [] for state in self.states}
        for state in causes:
            for _, following in self.successors(state):
                causes[following].append(state)
        reaching = {state for state in causes if all(map(is_settled, self._extensions_of(state)))}
        waiting = list(reaching)
        while waiting:
            new = [cause for cause in causes[waiting.pop()] if cause not in reaching]
            reaching.update(new)
            waiting += new
        return [state for state in causes if state not in reaching]

    def _extensions_of(self, state: State) -> list[Extension]:
        numbers = state[1:2] if self.bounds.kind == "one" else state[1:]
        return [self._extensions.things[number] for number in numbers]

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
