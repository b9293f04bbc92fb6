import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import './browser.js';

const { Countdown } = await import('../../swag_goals/console/countdown.js');
const { ServerClock } = await import('../../swag_goals/console/clock.js');

const NOW = Date.parse('2026-01-31T12:00:00.000Z');
const VIEWER = 'b'.repeat(24);
const after = (/** @type {number} */ seconds) => new Date(NOW + seconds * 1000).toISOString();

let announced = /** @type {string[]} */ ([]);

beforeEach(() => {
  announced = [];
  mock.timers.enable({ apis: ['Date'], now: NOW });
});
afterEach(() => mock.timers.reset());

/** A viewer's bar with so many seconds left, as it stands. @param {number} seconds @param {number} begins */
function bar(seconds, begins = -1000) {
  const countdown = new Countdown(VIEWER, new ServerClock(), (words) => announced.push(words));
  countdown.take({ nbf: after(begins), duration: 300, exp: after(seconds), revision: 1, server_time: after(0) });
  const { attributes, dataset } = /** @type {any} */ (countdown.element);
  const meter = /** @type {any} */ (countdown.element).children[2];
  return { countdown, meter, attributes, state: () => dataset.state };
}

/** Let it count on. @param {{countdown: {tick: () => void}}} bar @param {number} seconds */
function pass({ countdown }, seconds) {
  for (let passed = 0; passed < seconds; passed += 1) {
    mock.timers.tick(1000);
    countdown.tick();
  }
}

test('it counts down by the second and ends at nothing', () => {
  const it = bar(3);
  const seen = [it.meter.attributes['aria-valuenow']];
  for (let second = 0; second < 4; second += 1) {
    pass(it, 1);
    seen.push(it.meter.attributes['aria-valuenow']);
  }

  assert.deepEqual(seen, ['3', '2', '1', '0', '0']);
});

test('the bar is full with what a viewer buys, and with more than that', () => {
  assert.equal(bar(150).meter.attributes['--left'], '0.5');
  assert.equal(bar(300).meter.attributes['--left'], '1');
  assert.equal(bar(900).meter.attributes['--left'], '1');
});

test('it says once that little is left, and once that it is up', () => {
  const it = bar(32);
  pass(it, 40);

  assert.deepEqual(announced, ['Viewer bbbbbb has 30 seconds left.', 'The time of viewer bbbbbb is up.']);
});

test('its state is that of the time', () => {
  const it = bar(62, 1);
  const seen = [it.state()];
  for (const seconds of [1, 35, 30]) {
    pass(it, seconds);
    seen.push(it.state());
  }

  assert.deepEqual(seen, ['waiting', 'running', 'low', 'over']);
});

test('after the permission is gone nothing is left, and a new one counts', () => {
  const it = bar(100);
  it.countdown.clear();
  assert.equal(it.meter.attributes['aria-valuenow'], '0');

  it.countdown.take({ nbf: null, duration: 60, exp: after(60), revision: 0, server_time: after(0) });
  assert.equal(it.meter.attributes['aria-valuenow'], '60');
});
