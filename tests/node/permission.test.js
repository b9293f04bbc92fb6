import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remaining, supersedes, untilStart } from '../../swag_goals/console/permission.js';

const NOON = '2026-01-31T12:00:00.000Z';
const LATER = '2026-01-31T12:01:00.000Z';
const at = Date.parse;

/** @param {number?} revision */
const snapshot = (revision, server_time = NOON) => ({ nbf: null, duration: 300, exp: LATER, revision, server_time });

for (const [name, given, known, taken] of /** @type {const} */ ([
  ['the first one', snapshot(1), null, true],
  ['a higher revision, though earlier', snapshot(2, NOON), snapshot(1, LATER), true],
  ['a lower revision, though later', snapshot(1, LATER), snapshot(2, NOON), false],
  ['the same revision, later', snapshot(1, LATER), snapshot(1, NOON), true],
  ['the same one again', snapshot(1, NOON), snapshot(1, NOON), false],
  ['a revision after a session without one', snapshot(1, NOON), snapshot(null, LATER), true],
  ['none after a revision', snapshot(null, LATER), snapshot(1, NOON), false],
])) {
  test(`${name} is ${taken ? 'taken' : 'dropped'}`, () => assert.equal(supersedes(given, known), taken));
}

test('what is left is what lies between now and the end', () => {
  const permission = { nbf: NOON, duration: 60, exp: LATER };

  assert.equal(remaining(permission, at(NOON) + 20_000), 40_000);
  assert.equal(remaining(permission, at(LATER) + 1), 0);
});

test('before it begins, all of it is left and none is used', () => {
  const permission = { nbf: NOON, duration: 60, exp: LATER };

  assert.equal(remaining(permission, at(NOON) - 5000), 60_000);
  assert.equal(untilStart(permission, at(NOON) - 5000), 5000);
  assert.equal(untilStart(permission, at(NOON) + 1), 0);
});

test('nothing is left of nothing', () => {
  const nothing = { nbf: null, duration: null, exp: null };

  assert.deepEqual([remaining(nothing, 0), untilStart(nothing, 0)], [0, 0]);
});
