"""What a viewer of RTMP sees whose time ends, is extended, and is extended again before it ends."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from dev.stack import api, sample
from dev.watch.nginx_rtmp import UPDATE, nginx_rtmp
from dev.watch.rtmp import Player, player, streamer
from dev.watch.show import Say, Streamer, move_end, require

BOUGHT = 6.0  # seconds that are left as the player connects
CUT_WITHIN = 2 * UPDATE + 1.0  # seconds after the end: two questions, and what the second one takes
ANSWERED_WITHIN = 10.0  # seconds in which a player plays or is refused
PLAYS_AGAIN_WITHIN = 10.0  # seconds after an extension
GAP = 0.2  # seconds of the stream from one frame to the next; there are ten in a second
ISSUED = 201
Play = Callable[[], AbstractContextManager[Player]]


def show(settings: Mapping[str, str], nginx: Path, ffmpeg: Path, say: Say) -> None:
    """Watch, step by step.

    :param settings: of a Stack with all its processes.
    :raises NotSeen: at the first step that does not go as it should.
    """
    ids = sample.insert(settings["MONGODB_URI"])
    token = sample.mint(settings, ids.viewer, "PAID,HUMAN", 3600)
    presses = Streamer(settings, ids)
    issued = api.ask(settings["API_URL"], "POST", f"/sessions/{ids.session}/tickets", token, {})
    require(issued.status == ISSUED, f"the viewer's ticket was answered {issued.status}")

    with nginx_rtmp(settings, nginx) as server, streamer(ffmpeg, f"{server}/{ids.session}") as sends:
        began = time.monotonic()

        def play() -> AbstractContextManager[Player]:
            return player(ffmpeg, f"{server}/{ids.session}?ticket={issued.body['ticket']}")

        is_refused(play, "Without time", say)
        is_cut_off(play, move_end(settings, ids, BOUGHT), say)
        is_refused(play, "After that", say)
        plays_again(play, presses, say)
        plays_past_the_end(play, presses, say)
        require(sends.poll() is None, "the streamer was cut off")
        say(f"The streamer was never cut off, in {time.monotonic() - began:.0f} s.")


def is_refused(play: Play, when: str, say: Say) -> None:
    """Nothing is played."""
    with play() as seen:
        plays = seen.plays(ANSWERED_WITHIN)
        require(not plays, f"{when.lower()} the player was let in")
        require(seen.ends(0), f"{when.lower()} the player was kept waiting")
    say(f"{when} the player is refused by nginx-rtmp.")


def is_cut_off(play: Play, end: float, say: Say) -> None:
    """The time ends while it plays."""
    with play() as seen:
        require(seen.plays(ANSWERED_WITHIN), f"with {BOUGHT:.0f} s left nothing was played")
        require(seen.ends(end + CUT_WITHIN - time.time()), f"it still played {CUT_WITHIN:.0f} s after the end")
        cut = (seen.ended or 0) - end
    require(cut >= 0, f"it was cut off {-cut:.1f} s before the end")
    say(f"With {BOUGHT:.0f} s left it plays, and is cut off {cut:.1f} s after the end, at the next update.")


def plays_again(play: Play, presses: Streamer, say: Say) -> None:
    """The time is extended after its end, and the player connects until it is let in."""
    pressed = presses.extend()
    while time.time() < pressed + PLAYS_AGAIN_WITHIN:
        with play() as seen:
            if seen.plays(ANSWERED_WITHIN):
                say(f"The streamer extends. It plays again, {(seen.first_frame or 0) - pressed:.1f} s after the press.")
                return
    require(False, f"{PLAYS_AGAIN_WITHIN:.0f} s after an extension nothing was played")


def plays_past_the_end(play: Play, presses: Streamer, say: Say) -> None:
    """The time is extended before it ends."""
    end = move_end(presses.settings, presses.ids, BOUGHT)
    with play() as seen:
        require(seen.plays(ANSWERED_WITHIN), f"with {BOUGHT:.0f} s left nothing was played")
        time.sleep(max(0.0, end - 1.5 - time.time()))
        presses.extend()
        cut = seen.ends(end + CUT_WITHIN - time.time())
        require(not cut, "extended before the end it was cut off")
        past, gap = (seen.last_frame or 0) - end, seen.longest_gap()
    say(f"Extended 1.5 s before the next end, it plays on past it, on one connection, {past:.1f} s so far.")
    require(past > 2 * UPDATE, f"the last frame came {past:.1f} s after the end")
    require(gap <= GAP, f"{gap:.1f} s of the stream did not come")
