import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import './browser.js';
import { pass, settle } from './timers.js';

const { pollWait, Refresher } = await import('../../swag_goals/console/refresh.js');
const { backoff } = await import('../../swag_goals/console/backoff.js');

let reported = /** @type {unknown[]} */ ([]);
let refresher = new Refresher(async () => 0);

beforeEach(() => {
  reported = [];
  mock.timers.enable({ apis: ['setTimeout'] });
  Object.assign(globalThis, { reportError: (/** @type {unknown} */ error) => reported.push(error) });
});
afterEach(() => {
  refresher.stop();
  mock.timers.reset();
});

/** Refresh by this work; the moments at which it began are kept. @param {(count: number) => Promise<number>} work */
function refreshing(work) {
  let count = 0;
  refresher = new Refresher(() => {
    count += 1;
    return work(count);
  });
  return () => count;
}

test('it comes again when it is due', async () => {
  const count = refreshing(async () => 10_000);
  await refresher.now();

  await pass(9000);
  assert.equal(count(), 1);
  await pass(2000);
  assert.equal(count(), 2);
});

test('one that throws is reported, and the next one comes', async () => {
  const fault = new TypeError('a fault of the page');
  const count = refreshing((number) => (number === 1 ? Promise.reject(fault) : Promise.resolve(10_000)));
  await refresher.now();
  assert.deepEqual(reported, [fault]);

  await pass(6000);

  assert.equal(count(), 2);
});

test('what is asked for while it runs is done once more after it', async () => {
  let finish = (/** @type {number} */ _) => {};
  const running = new Promise((resolve) => {
    finish = resolve;
  });
  const count = refreshing(() => running);
  void refresher.now();
  void refresher.now();
  void refresher.now();
  assert.equal(count(), 1);

  finish(10_000);
  await settle();

  assert.equal(count(), 2);
});

test('soon is within five seconds', async () => {
  const count = refreshing(async () => 60_000);
  await refresher.now();

  refresher.soon();
  await pass(4550);

  assert.equal(count(), 2);
});

test('after it was stopped nothing comes', async () => {
  const count = refreshing(async () => 1000);
  await refresher.now();

  refresher.stop();
  refresher.soon();
  await pass(10_000);

  assert.equal(count(), 1);
});

test('without events a page asks about every four seconds, each at moments of its own', () => {
  const waits = Array.from({ length: 1000 }, pollWait);

  assert.ok(Math.min(...waits) >= 3000 && Math.max(...waits) <= 4500);
  assert.ok(Math.max(...waits) - Math.min(...waits) > 1000);
});

test('waits double up to the longest, and are shortened by half at the most', () => {
  const waits = (/** @type {number} */ random) => {
    mock.method(Math, 'random', () => random);
    return [0, 1, 2, 3, 9].map((tries) => backoff(tries, 1000, 6000));
  };

  assert.deepEqual(waits(0), [1000, 2000, 4000, 6000, 6000]);
  assert.deepEqual(waits(1), [500, 1000, 2000, 3000, 3000]);
  mock.restoreAll();
});
