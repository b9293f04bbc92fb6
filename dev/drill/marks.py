"""Marks: a file says at which point, and over which extension, the next process to come there dies."""

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import wrapt

from dev.drill import points
from dev.drill.points import Call, Point
from dev.stack.keeper import ROOT

FOLDER = "DRILL_MARKS"
DEATHS = Path(__file__).parent / "deaths"


class Marks:
    """The marks in one folder, as the drill sets them.

    :raises ImportError, AttributeError: a point is not in the program any more.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for point in points.ALL:
            point.check()

    @property
    def settings(self) -> Mapping[str, str]:
        """The environment of processes that are to obey."""
        return {FOLDER: str(self._folder), "PYTHONPATH": os.pathsep.join((str(DEATHS), str(ROOT)))}

    def set(self, point: Point, extension: object) -> None:
        """Let the first process die that comes to the point with this extension."""
        _mark(self._folder, point, extension).touch()

    def clear(self) -> None:
        """Let nobody die any more, also not where nobody came by so far."""
        for mark in self._folder.iterdir():
            mark.unlink(missing_ok=True)

    def waiting(self, point: Point, extension: object) -> bool:
        """Whether nobody has died of it yet."""
        return _mark(self._folder, point, extension).exists()


def watch() -> None:
    """In a process of the program: look for marks at every point, from the import of its module on."""
    folder = Path(os.environ[FOLDER])
    for point in points.ALL:
        wrapt.register_post_import_hook(_guard(point, folder), point.module)


def _guard(point: Point, folder: Path) -> Callable[[ModuleType], object]:
    def around(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        if not point.after:
            _die_if_marked(folder, point, Call(instance, args, kwargs))
        result = wrapped(*args, **kwargs)
        if point.after:
            _die_if_marked(folder, point, Call(instance, args, kwargs, result))
        return result

    return lambda module: wrapt.wrap_function_wrapper(module, point.attribute, around)


def _die_if_marked(folder: Path, point: Point, call: Call) -> None:
    for extension in point.of(call):
        with suppress(FileNotFoundError):
            _mark(folder, point, extension).unlink()
            os.kill(os.getpid(), signal.SIGKILL)


def _mark(folder: Path, point: Point, extension: object) -> Path:
    return folder / f"{point.name} {extension}"
