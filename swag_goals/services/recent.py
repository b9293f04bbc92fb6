"""What was used last, and no more of it than there is room for."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The `most` that were used last, and up to as many others. Safe to use from several threads.

    Two plain dicts, of which the older goes when the newer is full: one that keeps an order takes more memory.
    """

    def __init__(self, most: int) -> None:
        self._most = self._room = most
        self._newer: dict[K, V] = {}
        self._older: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """What is kept under the key."""
        value = self._newer.get(key)
        if value is None and (value := self._older.get(key)) is not None:
            self.put(key, value)
        return value

    def put(self, key: K, value: V, weight: int = 1) -> None:
        """Keep it, in the room that `weight` ones take."""
        if self._room < weight:
            self._older, self._newer, self._room = self._newer, {}, self._most
        self._room -= weight
        self._newer[key] = value
