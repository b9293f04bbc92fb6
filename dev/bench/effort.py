"""How much is done: enough for figures to publish, or for a first look."""

from collections.abc import Callable
from dataclasses import dataclass

Step = Callable[[str], None]


@dataclass(frozen=True)
class Effort:
    """`rounds` repetitions with about `seconds` for each contestant, `share` of what is done only once."""

    rounds: int
    seconds: float
    share: float

    def part(self, whole: int) -> int:
        """So many of the whole."""
        return round(whole * self.share)


FULL = Effort(rounds=5, seconds=3.0, share=1.0)
QUICK = Effort(rounds=2, seconds=1.0, share=0.05)
