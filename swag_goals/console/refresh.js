// Asking again: after what may have gone by unseen, and every now and then whatever happens.

const ASLEEP = 5000; // ms without a tick that a page in view does not have by itself

/** Milliseconds to the next refresh while events do not come; at random, or a thousand pages would ask at once. */
export const pollWait = () => 3000 + Math.random() * 1500;

export class Refresher {
  #work;
  #timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  #running = false;
  #again = false;
  #stopped = false;

  /** @param {() => Promise<number>} work resolves to the milliseconds after which it is due again */
  constructor(work) {
    this.#work = work;
  }

  /** Do it now; once more after it if it is under way, as it may have read already. */
  async now() {
    this.#again = true;
    if (this.#running) return;
    this.#running = true;
    let wait = 0;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      wait = await this.#work().catch((error) => {
        reportError(error); // a fault of the page: it is shown to nobody, and the next time may be better
        return pollWait();
      });
    }
    this.#running = false;
    this.#schedule(wait);
  }

  /** Do it within seconds. */
  soon() {
    if (!this.#running) this.#schedule(pollWait());
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(/** @type {number} */ wait) {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => this.now(), wait);
  }
}

/**
 * Call `tick` every second, and `woke` when the page may have missed something: it is looked at again, the network is
 * back, the machine slept or its clock was set. Returns what ends it.
 * @param {() => void} tick @param {() => void} woke
 */
export function everySecond(tick, woke) {
  const ending = new AbortController();
  const { signal } = ending;
  let last = Date.now();
  const timer = setInterval(() => {
    const passed = Date.now() - last;
    last += passed;
    if (!document.hidden && (passed < 0 || passed > ASLEEP)) woke();
    tick();
  }, 1000);
  document.addEventListener('visibilitychange', () => document.hidden || woke(), { signal });
  window.addEventListener('online', woke, { signal });
  return () => {
    clearInterval(timer);
    ending.abort();
  };
}
