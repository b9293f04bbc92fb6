// The page's subscription, with the real pusher-js: it comes back by itself after whatever fault, and asks at a
// bounded pace until then.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import './browser.js';
import { become, pusher, trigger } from './pusher.js';
import { pass } from './timers.js';

const { connect } = await import('../../swag_goals/console/live.js');
const { Problem } = await import('../../swag_goals/console/api.js');

const [CHANNEL, OTHER] = ['presence-a', 'presence-b'];
const SIGNED = { auth: 'key:signature', channel_data: '{"user_id":"a"}' };
const MINUTE = 60_000;

let states = /** @type {boolean[]} */ ([]);
let received = /** @type {unknown[]} */ ([]);
let authorizations = 0;
let authorize = async (/** @type {string} */ _channel) => SIGNED;
let live = /** @type {Live} */ (/** @type {unknown} */ (null));

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  Object.assign(pusher, { is: 'up', connections: 0, channels: [] });
  [states, received, authorizations] = [[], [], 0];
  authorize = async () => SIGNED;
});

afterEach(() => {
  live.close();
  mock.timers.reset();
});

/** Connect, and follow these channels. @param {string[]} channels */
async function follow(...channels) {
  const api = {
    get: async () => ({ key: 'key', ws_url: 'ws://127.0.0.1:6001' }),
    authorize(/** @type {string} */ channel) {
      authorizations += 1;
      return authorize(channel);
    },
  };
  const listeners = {
    onState: (/** @type {boolean} */ isLive) => states.push(isLive),
    onAuthorized: (/** @type {unknown} */ event) => received.push(event),
  };
  live = await connect(/** @type {any} */ (api), listeners);
  live.follow(channels);
  await pass(500);
}

/** Whether an event arrives. */
function hears() {
  const before = received.length;
  trigger(CHANNEL, 'stream.authorized', {});
  return received.length === before + 1;
}

/** Fail the first so many authorizations. @param {number} count @param {() => Promise<never>} fail */
function failing(count, fail) {
  authorize = async () => (authorizations <= count ? fail() : SIGNED);
}

const refuse = (/** @type {number} */ status) => () => Promise.reject(new Problem(status, 0, { title: 'No' }));

test('it is live once all of its channels are subscribed', async () => {
  await follow(CHANNEL, OTHER);

  assert.deepEqual(pusher.channels, [CHANNEL, OTHER]);
  assert.deepEqual(states, [true]);
  assert.ok(hears());
});

test('it is not live before its channels are known', async () => {
  await follow();
  live.follow([CHANNEL]);

  assert.equal(live.isLive(), false);
  await pass(500);
  assert.equal(live.isLive(), true);
});

test('an authorization that failed is asked for again', async () => {
  failing(1, refuse(503));
  await follow(CHANNEL);
  assert.deepEqual([live.isLive(), live.refusal()], [false, null]);

  await pass(5000);

  assert.ok(live.isLive() && hears());
});

test('a refusal is known, and asked about ever more rarely', async () => {
  failing(Infinity, refuse(403));
  await follow(CHANNEL);
  assert.equal(live.refusal()?.message, 'No');

  await pass(5 * MINUTE);

  assert.ok(authorizations > 5 && authorizations < 25, `${authorizations} authorizations`);
});

test('who is let in after a refusal is live', async () => {
  failing(3, refuse(403));
  await follow(CHANNEL);
  await pass(MINUTE);

  assert.ok(hears());
  assert.equal(live.refusal(), null);
});

test('a channel that is refused does not silence the others', async () => {
  authorize = (channel) => (channel === CHANNEL ? Promise.resolve(SIGNED) : refuse(403)());
  await follow(OTHER, CHANNEL);
  await pass(5 * MINUTE);

  assert.ok(hears());
  assert.equal(pusher.connections, 1);
});

test('an answer for a connection that is gone is not used for the next one', async () => {
  let answer = (/** @type {typeof SIGNED} */ _) => {};
  const late = new Promise((resolve) => {
    answer = resolve;
  });
  authorize = async () => (authorizations === 1 ? late : SIGNED);
  await follow(CHANNEL);
  become('up', 1006);
  await pass(5000);
  answer(SIGNED);
  await pass(500);

  assert.deepEqual(pusher.channels, [CHANNEL]);
});

test('a subscription that Pusher does not answer is begun anew', async () => {
  pusher.is = 'mute';
  await follow(CHANNEL);
  pusher.is = 'up';

  await pass(12_000);

  assert.ok(hears());
});

for (const [is, code] of /** @type {const} */ ([
  ['down', 1006],
  ['silent', 1006],
  ['closing', 4200],
  ['unknown app', 4001],
])) {
  test(`Pusher that is ${is} is tried again, and not too often`, async () => {
    await follow(CHANNEL);
    become(is, code);
    await pass(2 * MINUTE);
    assert.ok(pusher.connections > 5 && pusher.connections < 20, `${pusher.connections} connections`);
    assert.deepEqual([states, authorizations], [[true, false], 1]);

    become('up');
    await pass(25_000);

    assert.ok(hears());
  });
}

test('a Pusher that drops whoever it let in is not joined without end', async () => {
  await follow(CHANNEL);
  for (let passed = 0; passed < 5 * MINUTE; passed += 500) {
    become('up', 4200);
    await pass(500);
  }

  assert.ok(authorizations < 35, `${authorizations} authorizations in five minutes`);
});

test('a page that is looked at again does not wait', async () => {
  await follow(CHANNEL);
  become('down', 1006);
  await pass(MINUTE);
  become('up');

  live.wake();
  await pass(500);

  assert.ok(hears());
});

test('a channel that is left while it waits, and followed again, is subscribed', async () => {
  failing(2, refuse(503));
  await follow(CHANNEL);
  live.follow([]);
  await pass(MINUTE);
  assert.equal(live.isLive(), true);
  const before = authorizations;

  live.follow([CHANNEL]);
  await pass(MINUTE);

  assert.ok(hears());
  assert.ok(authorizations > before);
});

test('after a sign-out nothing is tried any more', async () => {
  failing(Infinity, refuse(503));
  await follow(CHANNEL);

  live.close();
  await pass(MINUTE);

  assert.deepEqual([authorizations, pusher.connections], [1, 1]);
});
