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
  #known = null;
  #full = FULL;
  #left = 0;
  #who = element('p', { class: 'who' });
  #face = element('p', { class: 'face', 'aria-hidden': 'true' });
  #bar = element('div', { class: 'bar', role: 'meter', 'aria-valuemin': 0 }, element('span'));
  #facts = element('p', { class: 'hint' });
  #begins = element('p', { class: 'begins' });
  element = element('div', { class: 'countdown' }, this.#who, this.#face, this.#bar, this.#facts, this.#begins);

  constructor(viewer, clock, announce) {
    this.#viewer = viewer;
    this.#clock = clock;
    this.#announce = announce;
    this.render();
  }

  get permission() {
    return this.#known;
  }

  /** Take what an event or an answer says, unless something later is known; whether it was taken. */
  take(told) {
    if (!supersedes(told, this.#known)) return false;
    this.#known = told;
    this.#left = remaining(told, this.#clock.now());
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
    for (const [limit, message] of [[LOW, 'announce_low'], [0, 'announce_over']]) {
      if (before > limit && this.#left <= limit) this.#announce(text(message, { viewer: this.#viewer.slice(-6) }));
    }
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
    this.#bar.setAttribute('aria-valuemax', Math.ceil(this.#full / 1000));
    this.#bar.setAttribute('aria-valuenow', seconds);
    this.#bar.setAttribute('aria-valuetext', spokenTime(seconds));
    this.#begins.textContent = begins ? text('begins_in', { time: clockFace(Math.ceil(begins / 1000)) }) : '';
    this.#bar.style.setProperty('--left', this.#left / this.#full);
  }

  #state(begins) {
    if (begins) return 'waiting';
    if (!this.#left) return 'over';
    return this.#left <= LOW ? 'low' : 'running';
  }
}

function spokenTime(seconds) {
  return text('spoken_time', { minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
}
