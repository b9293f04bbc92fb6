"""What was measured: numbers with their repetitions, and what they should be."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal


@dataclass(frozen=True)
class Measured:
    """One thing, measured several times."""

    what: str
    unit: str
    values: Sequence[float]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)

    def __truediv__(self, other: "Measured") -> Sequence[float]:
        """The ratio of each repetition to that of the other in the same round."""
        return [mine / its for mine, its in zip(self.values, other.values, strict=True)]


@dataclass(frozen=True)
class Aim:
    """A number that should be at most, or at least, so much; the ratios of several rounds, as a rule."""

    what: str
    values: Sequence[float]
    side: Literal["at most", "at least"]
    bound: float

    @property
    def median(self) -> float:
        """The middle one, which counts."""
        return median(self.values)

    @property
    def reached(self) -> bool:
        """Whether it is."""
        return self.median <= self.bound if self.side == "at most" else self.median >= self.bound


@dataclass(frozen=True)
class Curve:
    """How something went: `y` over `x`."""

    what: str
    x: Sequence[float]
    y: Sequence[float]


@dataclass
class Result:
    """What one benchmark found. `curves` are for its plot, with the names of their axes."""

    measured: list[Measured] = field(default_factory=list)
    aims: list[Aim] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    axes: tuple[str, str] = ("", "")


def spread(values: Sequence[float]) -> str:
    """The median and, of several, the least and the most: `4.61 (4.50 to 4.79)`."""
    middle = short(median(values))
    return f"{middle} ({short(min(values))} to {short(max(values))})" if len(values) > 1 else middle


def short(value: float) -> str:
    """Three digits that count."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2  # noqa: PLR2004
    return f"{value:,.{digits}f}"
