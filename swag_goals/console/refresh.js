// Asking again: after what may have gone by unseen, and every now and then whatever happens.

const ASLEEP = 5000; // ms without a tick that a page in view does not have by itself

export class Refresher {
  #work;
  #timer;
  #running = false;
  #again = false;
  #stopped = false;

  /** `work` resolves to the milliseconds after which it is due again, and does not reject. */
  constructor(work) {
    this.#work = work;
  }

  /** Do it now; once more after it if it is under way, as it may have read already. */
  async now() {
    this.#again = true;
    if (this.#running) return;
    this.#running = true;
    clearTimeout(this.#timer);
    let wait;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      wait = await this.#work();
    }
    this.#running = false;
    if (!this.#stopped) this.#timer = setTimeout(() => this.now(), wait);
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}

/**
 * Call `tick` every second, and `woke` when the page may have missed something: it is looked at again, the network is
 * back, the machine slept or its clock was set. Returns what ends it.
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
