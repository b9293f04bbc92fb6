// Time that passes when a test says so.

import { mock } from 'node:test';

const STEP = 50; // ms

/** Let this many milliseconds pass, and whatever is due in them happen. */
export async function pass(/** @type {number} */ ms) {
  for (let passed = 0; passed < ms; passed += STEP) {
    mock.timers.tick(Math.min(STEP, ms - passed));
    await settle();
  }
}

/** Let promises that can settle do so. @returns {Promise<void>} */
export function settle() {
  return new Promise((resolve) => void setImmediate(resolve));
}
