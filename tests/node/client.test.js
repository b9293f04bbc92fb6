// The documented client, with the real pusher-js: it subscribes again by itself, and meanwhile asks at a bounded pace.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import './browser.js';
import { become, pusher, trigger } from './pusher.js';
import { pass } from './timers.js';
import '../../swag_goals/console/vendor/pusher.min.js';
import { follow } from '../../docs/howto/browser-client.mjs';

const VIEWER = { streamerId: 'a', viewerId: 'b', sessionId: 'c', currentToken: () => 'token' };
const CHANNEL = 'presence-stream-viewer@a.sd.b';
const SIGNED = { auth: 'key:signature', channel_data: '{"user_id":"b"}' };
const MINUTE = 60_000;

const clients = /** @type {import('pusher-js').default[]} */ ([]);
let seen = /** @type {number[]} */ ([]);
let requests = 0;
let stands = { status: 200, duration: 300 };

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  Object.assign(pusher, { is: 'up', connections: 0, channels: [] });
  [seen, requests, stands] = [[], 0, { status: 200, duration: 300 }];
  mock.method(globalThis, 'fetch', async () => {
    requests += 1;
    return Response.json(snapshot(stands.duration), { status: stands.status });
  });
});
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
  mock.timers.reset(); // and with it every wait, since the client runs for as long as its page is open
  mock.restoreAll();
});

/** @param {number} duration */
const snapshot = (duration) => ({ session_id: 'c', duration, revision: duration, server_time: '' });

/** Follow, where the first so many authorizations fail. @param {number} failing */
async function followed(failing = 0) {
  let tries = 0;
  const client = new Pusher('key', {
    cluster: '',
    wsHost: '127.0.0.1',
    forceTLS: false,
    enabledTransports: ['ws'],
    channelAuthorization: {
      customHandler: (_, done) => {
        tries += 1;
        if (tries <= failing) done(new Error('503'), null);
        else done(null, SIGNED);
      },
    },
  });
  clients.push(client);
  follow('http://localhost', client, VIEWER, ({ duration }) => seen.push(duration));
  await pass(500);
}

test('an event is known as it comes', async () => {
  await followed();
  trigger(CHANNEL, 'stream.authorized', snapshot(360));

  assert.deepEqual(seen, [300, 360]);
});

test('a failed authorization is made good, and what comes meanwhile is known within six seconds', async () => {
  await followed(1);
  stands.duration = 360;
  await pass(6000);
  assert.deepEqual(seen, [300, 360]);

  await pass(20_000);
  trigger(CHANNEL, 'stream.authorized', snapshot(420));
  assert.deepEqual(seen, [300, 360, 420]);
});

for (const [is, code] of /** @type {const} */ ([
  ['down', 1006],
  ['silent', 1006],
  ['closing', 4200],
  ['unknown app', 4001],
])) {
  test(`while Pusher is ${is} it asks about every four seconds, and it is back soon after Pusher`, async () => {
    await followed();
    become(is, code);
    await pass(2 * MINUTE);
    assert.ok(requests > 22 && requests < 45, `${requests} requests`);
    assert.ok(pusher.connections > 5 && pusher.connections < 40, `${pusher.connections} connections`);

    become('up');
    await pass(20_000);
    trigger(CHANNEL, 'stream.authorized', snapshot(360));

    assert.deepEqual(seen, [300, 360]);
  });
}

test('a refresh that fails after the subscription is made good', async () => {
  stands = { status: 503, duration: 360 };
  await followed();
  stands.status = 200;

  await pass(6000);

  assert.deepEqual(seen, [360]);
});

test('while it hears everything it asks twice a minute', async () => {
  await followed();
  await pass(10 * MINUTE);

  assert.ok(requests < 25, `${requests} requests`);
});
