"""More web processes on the servers of a rig: the same routes by others, or by this program otherwise."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from dev.bench.rig import Rig
from dev.stack.stack import Stack


@dataclass(frozen=True)
class Web:
    """A web process: where it is, and its pid."""

    url: str
    pid: int


@contextmanager
def webs(rig: Rig, lines: Mapping[str, str]) -> Iterator[dict[str, Web]]:
    """One for each of these commands, by its name."""
    with ExitStack() as exit_stack:
        up = {}
        for name, line in lines.items():
            stack = Stack(processes={"web": 1}, lines={"web": line}, settings=rig.stack.settings)
            exit_stack.enter_context(stack)
            up[name] = Web(stack.urls["web"], stack.pid("web") or 0)
        yield up
