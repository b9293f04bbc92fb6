// One viewer's remaining time, as a bar that counts down.

import { element, shortId } from './element.js';
import { clockFace, text, timeOfDay } from './language.js';
import { remaining, supersedes, untilStart } from './permission.js';

const FULL = 300_000; // ms that fill the bar: what a viewer buys. With more left, that is full
const LOW = 30_000; // ms

export class Countdown {
  #clock;
  #announce;
  #viewer;
  #known = /** @type {Snapshot?} */ (null);
  #full = FULL;
  #left = 0;
  #who = element('p', { class: 'who' });
  #face = element('p', { class: 'face', 'aria-hidden': 'true' });
  #bar = element('div', { class: 'bar', role: 'meter', 'aria-valuemin': 0 }, element('span'));
  #facts = element('p', { class: 'hint' });
  #begins = element('p', { class: 'begins' });
  element = element('div', { class: 'countdown' }, this.#who, this.#face, this.#bar, this.#facts, this.#begins);

  /** @param {string} viewer @param {ServerClock} clock @param {(words: string) => void} announce */
  constructor(viewer, clock, announce) {
    this.#viewer = viewer;
    this.#clock = clock;
    this.#announce = announce;
    this.render();
  }

  get permission() {
    return this.#known;
  }

  /** Take an event or an answer, unless something later is known; whether it was taken. */
  take(/** @type {Snapshot} */ snapshot) {
    if (!supersedes(snapshot, this.#known)) return false;
    this.#known = snapshot;
    this.#left = remaining(snapshot, this.#clock.now());
    this.#full = Math.max(FULL, this.#left);
    this.render();
    return true;
  }

  /** There is no permission. */
  clear() {
    this.#known = null;
    this.render();
  }

  tick() {
    const before = this.#left;
    this.#show();
    const passed = (/** @type {number} */ limit) => before > limit && this.#left <= limit;
    if (passed(LOW)) this.#announce(text('announce_low', { viewer: this.#viewer.slice(-6) }));
    if (passed(0)) this.#announce(text('announce_over', { viewer: this.#viewer.slice(-6) }));
  }

  render() {
    this.#who.replaceChildren(`${text('viewer')} `, shortId(this.#viewer));
    this.#bar.setAttribute('aria-label', `${text('time_left')}, ${text('viewer')} ${this.#viewer.slice(-6)}`);
    this.#facts.textContent = this.#known?.exp
      ? text('bought', { time: clockFace(this.#known.duration ?? 0), end: timeOfDay(this.#known.exp) })
      : text('no_permission');
    this.#show();
  }

  #show() {
    const now = this.#clock.now();
    const begins = this.#known ? untilStart(this.#known, now) : 0;
    this.#left = this.#known ? remaining(this.#known, now) : 0;
    const seconds = Math.ceil(this.#left / 1000);
    this.element.dataset.state = this.#state(begins);
    this.#face.textContent = clockFace(seconds);
    this.#bar.setAttribute('aria-valuemax', String(Math.ceil(this.#full / 1000)));
    this.#bar.setAttribute('aria-valuenow', String(seconds));
    this.#bar.setAttribute('aria-valuetext', spokenTime(seconds));
    this.#begins.textContent = begins ? text('begins_in', { time: clockFace(Math.ceil(begins / 1000)) }) : '';
    this.#bar.style.setProperty('--left', String(this.#left / this.#full));
  }

  #state(/** @type {number} */ begins) {
    if (begins) return 'waiting';
    if (!this.#left) return 'over';
    return this.#left <= LOW ? 'low' : 'running';
  }
}

function spokenTime(/** @type {number} */ seconds) {
  return text('spoken_time', { minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
}
