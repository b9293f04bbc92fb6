"""A viewer who watches the stream on the viewer's page, in a real browser, and what is seen of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

from playwright.sync_api import Browser, Page, Response

from dev.stack.sample import Sample

# Frames are counted, not seconds: hls.js nudges the clock of an element that stands still.
LOOK = """() => {
  const video = document.getElementById('video');
  window.seen = { frames: [], stalls: [] };
  video.addEventListener('waiting', () => window.seen.stalls.push(Date.now() / 1000));
  const count = () => video.getVideoPlaybackQuality().totalVideoFrames;
  setInterval(() => {
    const frames = count();
    if (frames !== (window.seen.frames.at(-1) ?? [0, 0])[1]) window.seen.frames.push([Date.now() / 1000, frames]);
  }, 20);
}"""


@dataclass
class Viewer:
    """The page. Times are seconds of the epoch."""

    page: Page
    refusals: list[float] = field(default_factory=list)  # when a playlist or segment was refused

    def first_frame_after(self, time: float, within: float) -> float:
        """When the first new frame was shown after a time.

        :raises playwright.sync_api.TimeoutError: none is, within so many seconds from now.
        """
        newer = "time => (window.seen.frames.find(([at]) => at > time) ?? [0])[0]"
        found = self.page.wait_for_function(newer, arg=time, timeout=within * 1000, polling=20).json_value()
        return float(found)

    def last_frame(self, still: float = 1.0) -> float:
        """When the last frame was shown, once none has been for so many seconds."""
        quiet = "still => window.seen.frames.length && Date.now() / 1000 - window.seen.frames.at(-1)[0] > still"
        self.page.wait_for_function(quiet, arg=still, polling=20)
        return float(self.page.evaluate("window.seen.frames.at(-1)[0]"))

    def longest_pause(self, since: float, until: float) -> float:
        """The longest time between two frames, in seconds."""
        self.wait_until(until)
        shown = self.page.evaluate("window.seen.frames.map(([at]) => at)")
        times = [since, *(at for at in shown if since < at < until), until]
        return float(max(later - earlier for earlier, later in pairwise(times)))

    def stalls(self, since: float) -> int:
        """How often the player itself had nothing to show since then."""
        stalls = self.page.evaluate("window.seen.stalls")
        return sum(at > since for at in stalls)

    def wait_until(self, when: float) -> None:
        """Let the page go on until then."""
        self.page.wait_for_timeout(max(0.0, when - time.time()) * 1000)


@contextmanager
def viewer(browser: Browser, site: str, ids: Sample, token: str) -> Iterator[Viewer]:
    """A viewer who has just signed in, on the site where the stream is too."""
    context = browser.new_context()
    try:
        seen = Viewer(context.new_page())

        def on_response(response: Response) -> None:
            if "/live/" in response.url and not response.ok:
                seen.refusals.append(time.time())

        seen.page.on("response", on_response)
        stream = f"/live/{ids.session}/index.m3u8"
        seen.page.goto(f"{site}/console/viewer?session={ids.session}&streamer={ids.streamer}&stream={stream}")
        seen.page.evaluate(LOOK)
        seen.page.locator("#token").fill(token)
        seen.page.locator("#sign-in button").click()
        yield seen
    finally:
        context.close()
