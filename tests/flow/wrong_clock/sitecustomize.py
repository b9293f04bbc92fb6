"""Python runs this at its start where the folder is on PYTHONPATH: the process' clock is WRONG_BY seconds ahead."""

import datetime
import os
import time
from datetime import datetime as right_datetime
from typing import Any

WRONG_BY = float(os.environ["WRONG_BY"])

right_time = time.time


class AnyDatetime(type):
    """So that those which C makes still count as datetimes."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, right_datetime)


class WrongDatetime(right_datetime, metaclass=AnyDatetime):
    """Its `now` is as wrong as `time.time`."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> "WrongDatetime":
        return cls.fromtimestamp(time.time(), tz)


time.time = lambda: right_time() + WRONG_BY
datetime.datetime = WrongDatetime  # type: ignore[misc]
