import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { ServerClock } from '../../swag_goals/console/clock.js';

const NOW = Date.parse('2026-01-31T12:00:00.000Z');
const iso = (/** @type {number} */ ms) => new Date(ms).toISOString();

beforeEach(() => mock.timers.enable({ apis: ['Date'], now: NOW }));
afterEach(() => mock.timers.reset());

test('it is the own clock until it is measured', () => {
  const clock = new ServerClock();

  assert.deepEqual([clock.now(), clock.ahead], [NOW, 0]);
});

for (const hours of [-7, 7]) {
  test(`a browser that is ${hours} hours wrong knows the time`, () => {
    const clock = new ServerClock();
    clock.measure(iso(NOW + hours * 3_600_000), NOW - 40, NOW + 40);

    assert.equal(clock.now(), NOW + hours * 3_600_000);
  });
}

test('an answer that agrees with what is known changes nothing, and one that does not is believed', () => {
  const clock = new ServerClock();
  clock.measure(iso(NOW + 1000), NOW, NOW);

  clock.measure(iso(NOW + 1200), NOW, NOW + 300);
  assert.equal(clock.ahead, 1000);
  clock.measure(iso(NOW + 5000), NOW, NOW + 300);
  assert.equal(clock.ahead, 4850);
});
