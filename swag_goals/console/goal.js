// One running goal of the streamer: its viewers' time, the Extend button, its extensions.

import { isRefusal } from './api.js';
import { Countdown } from './countdown.js';
import { element, shortId } from './element.js';
import { language, text } from './language.js';
import { channelOf } from './live.js';
import { isSettled, timeline, why } from './timeline.js';

const SHOWN = 10; // extensions
const NOTHING = { nbf: null, duration: null, exp: null };
const UNKNOWN = [401, 403]; // do not say whether an earlier try was recorded

// The keys of presses that nobody knows the outcome of, by goal. They outlive a sign-out: the next press settles them.
const unsettled = new Map();

export class Goal {
  #api;
  #clock;
  #page;
  #goal;
  #countdowns = new Map(); // by viewer
  #extensions = [];
  #asked = new Set(); // ids of extensions whose outcome the streamer waits for
  #replayed = new Set();
  #title = element('h3');
  #viewers = element('ul', { class: 'viewers' });
  #unreadable = element('p', { class: 'remark' });
  #button = element('button', { type: 'button', class: 'primary extend' });
  #note = element('p', { class: 'note' });
  #words = () => '';
  #link = element('a', { target: '_blank' });
  #extensionsTitle = element('h4');
  #timeline = element('ol', { class: 'timeline' });
  element;

  /** `page` is told by `announce(words)`, by `asked()` after a call, and by `refused(problem)`. */
  constructor(goal, api, clock, page) {
    this.#goal = goal;
    this.#api = api;
    this.#clock = clock;
    this.#page = page;
    this.#title.id = `goal-${goal.id}`;
    const head = element('div', { class: 'summary' }, this.#title, this.#link);
    const now = element('div', {}, head, this.#viewers, this.#unreadable, this.#button, this.#note);
    const past = element('div', {}, this.#extensionsTitle, this.#timeline);
    this.element = element('article', { class: 'card goal', 'aria-labelledby': this.#title.id }, now, past);
    // A key held down, or the second click of a double click, is no second wish.
    this.#button.addEventListener('keydown', (event) => event.repeat && event.preventDefault());
    this.#button.addEventListener('click', (event) => event.detail > 1 || this.#extend());
    for (const each of [this.#button, this.#link]) each.setAttribute('aria-describedby', this.#title.id);
    if (unsettled.has(goal.id)) this.#words = () => text('unsettled');
    this.render();
  }

  get isAsking() {
    return this.#button.disabled;
  }

  get isSettled() {
    return this.#extensions.every(isSettled);
  }

  get channels() {
    return this.#goal.viewers.map((viewer) => channelOf(this.#goal.streamer_id, viewer));
  }

  /** Read the goal's permissions and extensions. Throws what the api throws. */
  async refresh(goal) {
    this.#goal = goal;
    this.#syncViewers();
    const ledger = this.#api.get(`/goals/${goal.id}/extensions?limit=${SHOWN}`).then(({ items }) => this.#show(items));
    await Promise.all([ledger, goal.session_id && this.#readPermissions(goal.session_id)]);
  }

  /** Take an event. */
  take(event) {
    if (event.session_id === this.#goal.session_id) this.#countdowns.get(event.viewer_id)?.take(event);
  }

  tick() {
    this.#countdowns.forEach((countdown) => countdown.tick());
  }

  render() {
    this.#title.replaceChildren(`${text('session')} `, shortId(this.#goal.session_id ?? this.#goal.id));
    this.#button.textContent = text(this.isAsking ? 'asking' : 'extend');
    this.#note.textContent = this.#words();
    this.#link.textContent = text('viewers_page');
    this.#link.href = `/console/viewer?${new URLSearchParams({
      session: this.#goal.session_id ?? '', streamer: this.#goal.streamer_id, lang: language(),
    })}`;
    this.#extensionsTitle.textContent = text('extensions');
    this.#timeline.replaceChildren(...timeline(this.#extensions, this.#replayed));
    this.#countdowns.forEach((countdown) => countdown.render());
  }

  #syncViewers() {
    const { viewers } = this.#goal;
    if (viewers.join() === [...this.#countdowns.keys()].join()) return;
    const kept = (viewer) => this.#countdowns.get(viewer) ?? new Countdown(viewer, this.#clock, this.#page.announce);
    this.#countdowns = new Map(viewers.map((viewer) => [viewer, kept(viewer)]));
    const items = [...this.#countdowns.values()].map((countdown) => element('li', {}, countdown.element));
    this.#viewers.replaceChildren(...items);
  }

  async #readPermissions(sessionId) {
    try {
      const { permissions, ...standing } = await this.#api.get(`/sessions/${sessionId}/permissions`);
      this.#countdowns.forEach((countdown, viewer) => {
        countdown.take({ ...(permissions[viewer] ?? NOTHING), ...standing });
      });
      this.#unreadable.textContent = '';
    } catch (error) {
      if (![404, 409].includes(error.status)) throw error;
      this.#unreadable.textContent = error.message; // the session is gone, or no session any more
      this.#countdowns.forEach((countdown) => countdown.clear());
    }
  }

  #show(extensions) {
    if (JSON.stringify(extensions) === JSON.stringify(this.#extensions)) return;
    this.#extensions = extensions;
    this.render();
    for (const extension of extensions.filter(({ id }) => this.#asked.has(id))) this.#tellOutcome(extension);
  }

  #tellOutcome(extension) {
    if (extension.status === 'pending') return;
    this.#asked.delete(extension.id);
    const rejected = () => text('rejected_because', { why: why(extension) });
    const given = () => text('given', { seconds: extension.duration });
    this.#say(extension.status === 'rejected' ? rejected : given);
  }

  async #extend() {
    const { id } = this.#goal;
    const key = unsettled.get(id) ?? crypto.randomUUID();
    this.#ask(true);
    try {
      const { extension, replayed } = await this.#api.extend(id, key, (seconds) => {
        unsettled.set(id, key);
        this.#say(() => text('repeating', { seconds }));
      });
      unsettled.delete(id);
      if (replayed) this.#replayed.add(extension.id);
      this.#asked.add(extension.id);
      this.#say(() => text('recorded'));
      this.#show([extension, ...this.#extensions.filter((each) => each.id !== extension.id)]);
    } catch (error) {
      if (!isRefusal(error)) { // signed out
        unsettled.set(id, key);
        return;
      }
      if (!UNKNOWN.includes(error.status)) unsettled.delete(id);
      this.#say(() => error.message);
      this.#page.refused(error);
    } finally {
      this.#ask(false);
      this.#page.asked();
    }
  }

  #ask(isAsking) {
    const { activeElement } = document;
    this.#button.disabled = isAsking;
    // A button that is disabled loses the focus, and with it the place of whoever has no mouse.
    if (!isAsking && (activeElement === document.body || activeElement === this.#button)) this.#button.focus();
    this.render();
  }

  #say(words) {
    this.#words = words;
    this.#note.textContent = words();
    this.#page.announce(words());
  }
}
