"""How fast all of it goes: from the call to the event."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from dev.bench.drain import last_notified, wait_done
from dev.bench.load import Callers
from dev.bench.rig import Rig

SIDE_BY_SIDE = 16  # calls


def rate(rig: Rig, urls: Sequence[str], count: int) -> float:
    """Extensions a second from the first call to the last one notified, the calls spread over these web processes.

    :raises dev.bench.checks.Wrong: it was not done, or not right.
    """
    rig.reset()
    shares = len(urls)
    callers = [Callers(rig.stack.settings, rig.streams[share::shares]) for share in range(shares)]
    with ThreadPoolExecutor(shares) as threads:
        calling = [
            threads.submit(caller.call_all, url, count // shares, SIDE_BY_SIDE // shares)
            for caller, url in zip(callers, urls, strict=True)
        ]
    calls = [call for each in calling for call in each.result()]
    wait_done(rig)
    ids = [call.extension for call in calls if call.extension]
    rig.check(ids)
    return len(ids) / (last_notified(rig, ids).timestamp() - min(call.at for call in calls))
