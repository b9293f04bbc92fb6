"""The client of the how-to page, against the whole system: Node's fetch and the real pusher-js."""

import json
import subprocess
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

import pytest
from bson import ObjectId
from pymongo.database import Database

from dev.stack.bundled import node
from dev.stack.keeper import ROOT
from dev.stack.stack import Stack
from tests import factories

START = """
import { createRequire } from 'node:module';
import { once, EventEmitter } from 'node:events';
import { extend, follow } from '%(client)s';
globalThis.document = new EventTarget();
const Pusher = createRequire('%(node)s/')('pusher-js');
const { api, goal, ws, key, streamer, viewer } = %(given)s;
"""


def run(stack: Stack, one: factories.OneToOne, script: str) -> Any:
    """What the script prints as JSON, run as a page that includes the client."""
    given = {
        "api": stack.settings["API_URL"],
        "goal": one.goal_id,
        "ws": {"cluster": "", "wsHost": "127.0.0.1", "wsPort": urlsplit(stack.settings["PUSHER_WS_URL"]).port},
        "key": urlsplit(stack.settings["PUSHER_URL"]).username,
        "streamer": factories.token(stack.settings, one.streamer_id),
        "viewer": {
            "streamerId": one.streamer_id,
            "viewerId": one.viewers[0],
            "sessionId": one.session_id,
            "token": factories.token(stack.settings, one.viewers[0], scopes=[]),
        },
    }
    names = {
        "client": ROOT / "docs/howto/browser-client.mjs",
        "node": ROOT / "dev/stack/node",
        "given": json.dumps(given),
    }
    command = [node(), "--input-type=module", "--eval", START % names + script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


LOST = "throw new TypeError('the answer is lost');"
BROKEN_OFF = "answer.json = async () => { throw new TypeError('the answer breaks off'); };"


@pytest.mark.parametrize("fault", [LOST, BROKEN_OFF])
def test_a_call_whose_answer_does_not_arrive_is_repeated_and_extends_once(
    stack: Stack, database: Database[dict[str, Any]], fault: str
) -> None:
    one = factories.one_to_one(database)

    extension = run(
        stack,
        one,
        """
        const { fetch } = globalThis;
        let calls = 0;
        const keys = [];
        globalThis.fetch = async (...call) => {
          const { Authorization, ...sent } = call[1].headers;
          keys.push(sent);
          const answer = await fetch(...call);
          calls += 1;
          if (calls === 1) { FAULT }
          return answer;
        };
        const extension = await extend(api, goal, streamer);
        console.log(JSON.stringify({ ...extension, calls, keys }));
        """.replace("FAULT", fault),
    )

    assert extension["calls"] == 2
    assert extension["keys"][0]["Idempotency-Key"] == extension["keys"][0]["X-Request-ID"]
    assert extension["keys"][0] == extension["keys"][1]
    [recorded] = database["extension"].find({"goal_id": ObjectId(one.goal_id)})
    assert (str(recorded["_id"]), recorded["requests"]) == (extension["id"], 2)


def test_what_is_refused_is_not_repeated_but_thrown(stack: Stack, database: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(database)

    problem = run(
        stack,
        one,
        "await extend(api, viewer.sessionId, streamer).catch((problem) => console.log(JSON.stringify(problem)));",
    )

    assert (problem["status"], problem["code"]) == (404, "goal_not_found")


FOLLOW = """
const changes = new EventEmitter();
const seen = [];
const pusher = new Pusher(key, {
  ...ws,
  forceTLS: false,
  enabledTransports: ['ws'],
  channelAuthorization: {
    transport: 'ajax',
    endpoint: `${api}/pusher/auth`,
    headers: { Authorization: `Bearer ${viewer.token}` },
  },
});
follow(api, pusher, { ...viewer, currentToken: () => viewer.token }, (snapshot) => {
  seen.push(snapshot);
  changes.emit('change');
});
async function until(duration) {
  while (seen.at(-1)?.duration !== duration) await once(changes, 'change');
}
await until(300);
"""
END = """
console.log(JSON.stringify(seen));
process.exit();
"""


def changes_of(seen: list[dict[str, Any]]) -> list[int]:
    """The durations one after another; a second event says the same at a later time."""
    return [duration for duration, _ in groupby(permission["duration"] for permission in seen)]


def test_a_viewer_sees_each_extension_once_and_in_order(stack: Stack, database: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(database)

    seen = run(
        stack,
        one,
        FOLLOW
        + """
        await extend(api, goal, streamer);
        await until(360);
        const [channel] = pusher.allChannels();
        channel.emit('stream.authorized', { ...seen[1], revision: seen[1].revision - 1, duration: 1 });
        channel.emit('stream.authorized', { ...seen[1], server_time: '2020-01-01T00:00:00.000Z', duration: 2 });
        channel.emit('stream.authorized', { ...seen[1], duration: 3 });
        await extend(api, goal, streamer);
        await until(420);
        """
        + END,
    )

    assert changes_of(seen) == [300, 360, 420]


WITHOUT_A_CONNECTION = """
pusher.disconnect();
const { links } = await extend(api, goal, streamer);
for (let status = 'pending'; status !== 'done';) {
  const headers = { Authorization: `Bearer ${streamer}` };
  ({ status } = await (await fetch(api + links.self, { headers })).json());
}
pusher.connect();
await until(360);
"""
ASLEEP = """
pusher.allChannels()[0].unbind('stream.authorized');
await extend(api, goal, streamer);
const looks = setInterval(() => document.dispatchEvent(new Event('visibilitychange')), 100);
await until(360);
clearInterval(looks);
"""


@pytest.mark.parametrize("meanwhile", [WITHOUT_A_CONNECTION, ASLEEP], ids=["without a connection", "asleep"])
def test_what_was_missed_is_known_afterwards(stack: Stack, database: Database[dict[str, Any]], meanwhile: str) -> None:
    seen = run(stack, factories.one_to_one(database), FOLLOW + meanwhile + END)

    assert changes_of(seen) == [300, 360]
