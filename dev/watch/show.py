"""What a viewer sees whose time ends, is extended, and is extended again before it ends."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from playwright.sync_api import Browser
from playwright.sync_api import TimeoutError as NoFrame
from pymongo import MongoClient

from dev.stack import api, sample
from dev.stack.sample import Sample
from dev.watch.origin import origin
from dev.watch.proxy import proxy
from dev.watch.viewer import Viewer, viewer

BOUGHT = 4.0  # seconds that are left as the stream begins
STOPS_WITHIN = 3.0  # seconds after the end: two, and a segment
GOES_ON_WITHIN = 1.5  # seconds after an extension
PAUSE = 0.5  # seconds without a new frame that nobody would call a stall; there are ten in a second
RECORDED = 202
Say = Callable[[str], None]
Door = Callable[[Mapping[str, str], str], AbstractContextManager[str]]


class NotSeen(Exception):
    """Something that is to be seen was not; the message says what."""


def show(settings: Mapping[str, str], browser: Browser, say: Say, door: Door = proxy) -> None:
    """Watch, step by step.

    :param settings: of a Stack with all its processes.
    :param door: what stands before the stream.
    :raises NotSeen: at the first step that does not go as it should.
    :raises NotBundled: there is none for this platform.
    """
    ids = sample.insert(settings["MONGODB_URI"])
    token = sample.mint(settings, ids.viewer, "PAID,HUMAN", 3600)
    streamer = Streamer(settings, ids)
    with origin() as behind, door(settings, behind) as site:
        end = move_end(settings, ids, BOUGHT)
        with viewer(browser, site, ids, token) as seen:
            try:
                stops_and_goes_on(streamer, seen, end, say)
                plays_past_the_end(streamer, seen, say)
            except NoFrame:
                raise NotSeen("Not as it should be: no new frame was shown.") from None


class Streamer:
    """Whoever has the button."""

    def __init__(self, settings: Mapping[str, str], ids: Sample) -> None:
        self.settings, self.ids = settings, ids
        self._token = sample.mint(settings, ids.streamer, "PAID,HUMAN,CREATOR", 3600)

    def extend(self) -> float:
        """Press it; when that was, in seconds of the epoch."""
        pressed = time.time()
        answer = api.extend(self.settings["API_URL"], self.ids.goal, self._token)
        require(answer.status == RECORDED, f"the extension was answered {answer.status}")
        return pressed


def stops_and_goes_on(streamer: Streamer, seen: Viewer, end: float, say: Say) -> None:
    """The time ends, and is extended after that."""
    first = seen.first_frame_after(0, within=20)
    say(f"The stream plays, {first - (end - BOUGHT):.1f} s after its viewer came, who has {BOUGHT:.0f} s.")

    stopped = seen.last_frame() - end
    say(f"It stops {stopped:.1f} s after the end: each playlist and segment is asked for, and refused now.")
    require(0 <= stopped <= STOPS_WITHIN, f"it stopped {stopped:.1f} s after the end")

    pressed = streamer.extend()
    went_on = seen.first_frame_after(pressed, within=10) - pressed
    say(f"The streamer extends. It goes on by itself, {went_on:.1f} s after the press.")
    require(went_on <= GOES_ON_WITHIN, f"it went on {went_on:.1f} s after the extension")


def plays_past_the_end(streamer: Streamer, seen: Viewer, say: Say) -> None:
    """The time is extended before it ends."""
    seen.wait_until(time.time() + 1)
    refused, since = len(seen.refusals), time.time()
    end = move_end(streamer.settings, streamer.ids, BOUGHT)
    seen.wait_until(end - 1.5)
    streamer.extend()
    pause = seen.longest_pause(since, end + STOPS_WITHIN + 0.5)
    stalls, refusals = seen.stalls(since), len(seen.refusals) - refused
    say(f"Extended 1.5 s before the next end, it plays on past it: {stalls} stalls, {refusals} refusals.")
    require(stalls == 0 and refusals == 0, f"there were {stalls} stalls and {refusals} refusals")
    require(pause < PAUSE, f"no new frame was shown for {pause:.1f} s")


def move_end(settings: Mapping[str, str], ids: Sample, seconds: float) -> float:
    """Let the viewer's time end so many seconds from now, as nobody wants to wait for a minute; when that is."""
    exp = datetime.now(UTC) + timedelta(seconds=seconds)
    with MongoClient[dict[str, Any]](settings["MONGODB_URI"], w="majority") as client:
        sessions = client.get_default_database()["session"]
        sessions.update_one({"_id": ObjectId(ids.session)}, {"$set": {f"viewers.{ids.viewer}.exp": exp}})
    return exp.timestamp()


def require(is_so: bool, otherwise: str) -> None:
    """Go on only if it is so.

    :raises NotSeen: it is not.
    """
    if not is_so:
        raise NotSeen(f"Not as it should be: {otherwise}.")
