import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import './browser.js';
import { pass, settle } from './timers.js';

const { Api, isRefusal } = await import('../../swag_goals/console/api.js');
const { ServerClock } = await import('../../swag_goals/console/clock.js');

const DONE = { status: 202, body: { id: 'an extension' } };
const LOST = new TypeError('no answer');

let sent = /** @type {{url: URL, init: any}[]} */ ([]);
let waits = /** @type {number[]} */ ([]);

beforeEach(() => {
  [sent, waits] = [[], []];
  mock.timers.enable({ apis: ['setTimeout'] });
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

/** An api whose calls are answered by these, one after another, the last one again and again. */
function api(/** @type {({status: number, body?: any, headers?: Record<string, string>} | Error)[]} */ ...answers) {
  mock.method(globalThis, 'fetch', async (/** @type {URL} */ url, /** @type {any} */ init) => {
    init.signal.throwIfAborted();
    const answer = answers[Math.min(sent.push({ url, init }), answers.length) - 1] ?? LOST;
    if (answer instanceof Error) throw answer;
    return Response.json(answer.body ?? {}, answer);
  });
  return new Api('token', new ServerClock());
}

const extend = (/** @type {InstanceType<typeof Api>} */ one) =>
  one.extend('a'.repeat(24), 'key', (wait) => waits.push(wait));

test('every try has the same key, under the name that gateways leave alone and under the other', async () => {
  const done = extend(api(LOST, { status: 503 }, { status: 502 }, DONE));
  await pass(30_000);

  assert.deepEqual(await done, { extension: DONE.body, replayed: false });
  const keys = sent.map(({ init }) => [init.headers['Idempotency-Key'], init.headers['X-Request-ID']]);
  assert.deepEqual(keys, Array(4).fill(['key', 'key']));
});

test('it waits longer each time, as long as the service says where it does, and never more than ten seconds', async () => {
  mock.method(Math, 'random', () => 0);
  const retry = { status: 503, headers: { 'Retry-After': '3' } };
  const done = extend(api(LOST, LOST, retry, LOST, LOST, LOST, DONE));
  await pass(60_000);

  await done;
  assert.deepEqual(waits, [1, 2, 3, 8, 10, 10]);
});

test('an answer that breaks off is asked for again', async () => {
  const done = extend(api({ status: 202 }, DONE));
  mock.method(Response.prototype, 'json', () => Promise.reject(LOST), { times: 1 });
  await pass(5000);

  assert.equal((await done).extension.id, 'an extension');
});

for (const status of [400, 401, 403, 404, 409, 429]) {
  test(`a ${status} is not asked again`, async () => {
    await assert.rejects(extend(api({ status })), (error) => isRefusal(error, status));
    assert.equal(sent.length, 1);
  });
}

test('a refusal says what the service says, but for what it writes to programs', async () => {
  const words = (/** @type {number} */ status, headers = {}) =>
    extend(api({ status, headers, body: { title: 'No goal', detail: 'None runs.' } })).catch((error) => error.message);

  assert.equal(await words(404), 'No goal: None runs.');
  assert.equal(await words(429, { 'Retry-After': '7' }), 'Too many extensions for now. Press again in 7 s.');
});

test('who signs out while it waits knows so at once, and nothing is sent any more', async () => {
  const one = api(LOST);
  const gaveUp = assert.rejects(extend(one), { name: 'AbortError' });
  await settle();

  one.close();
  await gaveUp;
  await pass(30_000);

  assert.equal(sent.length, 1);
});

test('the clock learns from what is read', async () => {
  const clock = new ServerClock();
  const one = new Api('token', clock);
  mock.method(globalThis, 'fetch', async () => Response.json({ server_time: new Date(Date.now() + 60_000) }));

  await one.get('/anything');

  assert.ok(Math.abs(clock.ahead - 60_000) < 1000);
});
