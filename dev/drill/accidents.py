"""What happens to which part, and when: a plan made from the seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

# On average, in seconds. Workers also die inside their jobs; a start takes a core for more than a second.
EVERY = {
    "web": 13.0,
    "worker": 10.0,
    "sweeper": 13.0,
    "redis": 15.0,
    "primary": 22.0,
    "links": 28.0,
    "disk": 28.0,
    "pusher": 25.0,
    "program": 50.0,
}
# How, and for how many seconds at most. A primary that is frozen is another's secondary when it comes back.
REDIS = (("killed", 0.0), ("down", 4.0), ("frozen", 6.0))
PRIMARY = (("killed", 0.0), ("frozen", 9.0))
# Between members: one of them from both others, the primary from both, two of the three from each other; or one of
# them from clients too.
LINKS = (("member cut off", 9.0), ("primary cut off", 9.0), ("two cut apart", 9.0), ("member gone", 6.0))
DISK = (("slow", 9.0),)


@dataclass(frozen=True)
class Accident:
    """At `at` seconds after the start of the load, for `lasts` seconds.

    `part` is the name of a process, or `primary` for MongoDB's, `links` for the ways between its members, `disk` for
    that of one of them, `pusher` for the way to it, or `program` for all processes of the program.
    """

    at: float
    part: str
    kind: str
    lasts: float = 0.0

    @property
    def sort(self) -> str:
        """Killed, frozen, cut off or slow, whatever it is that is so."""
        if self.part in ("links", "pusher"):
            return "cut off"
        return "killed" if self.kind in ("down", "terminated") else self.kind


def plan(chance: random.Random, seconds: float, processes: Sequence[str], pace: float = 1.0) -> list[Accident]:
    """Accidents to these processes and the servers, for a load of so many seconds, in their order.

    With a `pace` below 1 processes die less often, for machines that cannot start so many.
    """
    found = []
    for kind in ("web", "worker", "sweeper"):
        if names := [name for name in processes if name.startswith(kind)]:
            moments = _moments(chance, seconds, EVERY[kind] / pace)
            found += [Accident(at, chance.choice(names), "killed") for at in moments]
    for part, ways in (("redis", REDIS), ("primary", PRIMARY), ("links", LINKS), ("disk", DISK)):
        for number, at in enumerate(_moments(chance, seconds, EVERY[part]), chance.randrange(len(ways))):
            kind, longest = ways[number % len(ways)]
            found.append(Accident(at, part, kind, longest * chance.uniform(0.3, 1)))
    found += [Accident(at, "pusher", "down", chance.uniform(2, 6)) for at in _moments(chance, seconds, EVERY["pusher"])]
    found += [Accident(at, "program", "terminated") for at in _moments(chance, seconds, EVERY["program"] / pace)]
    return sorted(found, key=lambda accident: accident.at)


def _moments(chance: random.Random, seconds: float, every: float) -> list[float]:
    """One at random in each stretch of the time, with a pause to the next one."""
    stretches = max(1, round(seconds / every))
    return [(number + chance.uniform(0.1, 0.7)) * seconds / stretches for number in range(stretches)]
