// The service's clock, as a browser whose own may be wrong by hours can know it.

export class ServerClock {
  #offset = NaN; // ms by which the service is ahead of the browser; a number once it is measured

  /**
   * Learn from an answer that was made at `serverTime`, between these two moments of the browser's clock.
   * @param {string} serverTime @param {number} sent @param {number} received
   */
  measure(serverTime, sent, received) {
    const time = Date.parse(serverTime);
    const [least, most] = [time - received, time - sent];
    // What agrees with the answer is kept, so that the countdown does not tremble.
    if (this.#offset >= least && this.#offset <= most) return;
    this.#offset = (least + most) / 2;
  }

  /** Milliseconds of the epoch. */
  now() {
    return Date.now() + this.ahead;
  }

  get ahead() {
    return this.#offset || 0;
  }
}
