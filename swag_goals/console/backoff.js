// Waiting between tries.

/**
 * Milliseconds to wait after so many tries: `first`, then twice as long each time, at most `longest`. Shortened at
 * random by up to a half, so that a thousand pages which lost the same do not ask at once.
 * @param {number} tries @param {number} first @param {number} longest
 */
export function backoff(tries, first, longest) {
  return Math.min(first * 2 ** tries, longest) * (1 - Math.random() / 2);
}

/** @param {number} ms @param {AbortSignal} [signal] rejects when it is aborted @returns {Promise<void>} */
export function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
