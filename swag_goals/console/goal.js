// One running goal of the streamer: its viewers' time, the Extend button, its extensions.

import { isRefusal } from './api.js';
import { Countdown } from './countdown.js';
import { element, shortId } from './element.js';
import { language, text } from './language.js';
import { channelOf } from './live.js';
import { isSettled, timeline, why } from './timeline.js';

const SHOWN = 10; // extensions
const MOST = 200; // extensions that the service lists at once
const NOTHING = { nbf: null, duration: null, exp: null };
const KEPT = 60_000; // ms that what became of a press is shown after the goal has ended
const SETTLING = [404, 409]; // of the refusals these alone say that no earlier try was recorded

// The keys of presses that nobody knows the outcome of, by goal. They outlive a sign-out: the next press settles them.
const unsettled = /** @type {Map<string, string>} */ (new Map());

export class Goal {
  #api;
  #clock;
  #page;
  #goal;
  #countdowns = /** @type {Map<string, Countdown>} */ (new Map()); // by viewer
  #extensions = /** @type {Extension[]} */ ([]);
  #asked = /** @type {Set<string>} */ (new Set()); // ids of extensions whose outcome the streamer waits for
  #keptUntil = 0; // ms of the epoch
  #replayed = /** @type {Set<string>} */ (new Set());
  #title = element('h3');
  #viewers = element('ul', { class: 'viewers' });
  #unreadable = element('p', { class: 'remark' });
  #button = element('button', { type: 'button', class: 'primary extend' });
  #note = element('p', { class: 'note' });
  #words = () => '';
  #link = element('a', { target: '_blank' });
  #extensionsTitle = element('h4');
  #timeline = element('ol', { class: 'timeline' });

  /** @param {RunningGoal} goal @param {Api} api @param {ServerClock} clock @param {GoalListener} page */
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

  /** Whether what became of a press is still to come, or to be seen. */
  get isNeeded() {
    return this.isAsking || this.#asked.size > 0 || Date.now() < this.#keptUntil;
  }

  get isSettled() {
    return this.#extensions.every(isSettled);
  }

  get channels() {
    return this.#goal.viewers.map((viewer) => channelOf(this.#goal.streamer_id, viewer));
  }

  /** Read all of it; throws what the api throws. @param {RunningGoal} [goal] as it is now; none where it has ended */
  async refresh(goal) {
    if (this.#button.hidden !== !goal) {
      this.#button.hidden = !goal;
      this.render();
    }
    if (!goal && !this.#asked.size && this.isSettled) return;
    this.#goal = goal ?? this.#goal;
    const { id, session_id: sessionId } = this.#goal;
    this.#syncViewers();
    const limit = Math.min(SHOWN + this.#asked.size, MOST);
    const ledger = this.#api.get(`/goals/${id}/extensions?limit=${limit}`).then(({ items }) => this.#show(items));
    await Promise.all([ledger, sessionId && this.#readPermissions(sessionId)]);
  }

  take(/** @type {Authorized} */ event) {
    if (event.session_id === this.#goal.session_id) this.#countdowns.get(event.viewer_id)?.take(event);
  }

  tick() {
    this.#countdowns.forEach((countdown) => countdown.tick());
  }

  render() {
    const ended = this.#button.hidden ? ` · ${text('ended')}` : '';
    this.#title.replaceChildren(`${text('session')} `, shortId(this.#goal.session_id ?? this.#goal.id), ended);
    this.#button.textContent = text(this.isAsking ? 'asking' : 'extend');
    this.#note.textContent = this.#words();
    this.#link.textContent = text('viewers_page');
    const { session_id: session, streamer_id: streamer } = this.#goal;
    const query = new URLSearchParams({ session: session ?? '', streamer, lang: language() });
    this.#link.href = `/console/viewer?${query}`;
    this.#extensionsTitle.textContent = text('extensions');
    this.#timeline.replaceChildren(...timeline(this.#extensions, this.#replayed));
    this.#countdowns.forEach((countdown) => countdown.render());
  }

  #syncViewers() {
    const { viewers } = this.#goal;
    if (viewers.join() === [...this.#countdowns.keys()].join()) return;
    const made = (/** @type {string} */ viewer) => new Countdown(viewer, this.#clock, this.#page.announce);
    const known = this.#countdowns;
    this.#countdowns = new Map(viewers.map((viewer) => [viewer, known.get(viewer) ?? made(viewer)]));
    const items = [...this.#countdowns.values()].map((countdown) => element('li', {}, countdown.element));
    this.#viewers.replaceChildren(...items);
  }

  async #readPermissions(/** @type {string} */ sessionId) {
    try {
      const { permissions, ...standing } = await this.#api.get(`/sessions/${sessionId}/permissions`);
      for (const [viewer, countdown] of this.#countdowns) {
        countdown.take({ ...(permissions[viewer] ?? NOTHING), ...standing });
      }
      this.#unreadable.textContent = '';
    } catch (error) {
      if (!isRefusal(error, 404, 409)) throw error;
      this.#unreadable.textContent = error.message; // the session is gone, or no session any more
      this.#countdowns.forEach((countdown) => countdown.clear());
    }
  }

  #show(/** @type {Extension[]} */ extensions) {
    const isNew = JSON.stringify(extensions) !== JSON.stringify(this.#extensions);
    this.#extensions = extensions;
    if (isNew) this.render();
    for (const extension of extensions.filter(({ id }) => this.#asked.has(id))) this.#sayOutcome(extension);
  }

  #sayOutcome(/** @type {Extension} */ extension) {
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
        this.#say(() => text('retrying', { seconds }));
      });
      unsettled.delete(id);
      if (replayed) this.#replayed.add(extension.id);
      this.#asked.add(extension.id);
      this.#say(() => text('recorded'));
      this.#show([extension, ...this.#extensions.filter((each) => each.id !== extension.id)]);
    } catch (error) {
      if (isRefusal(error)) this.#sayRefusal(error);
      else unsettled.set(id, key); // signed out
    } finally {
      this.#ask(false);
      this.#page.asked();
    }
  }

  #sayRefusal(/** @type {Problem} */ problem) {
    if (SETTLING.includes(problem.status)) unsettled.delete(this.#goal.id);
    this.#say(() => problem.message);
    if (problem.status === 401) this.#page.signOut(problem.message);
  }

  #ask(/** @type {boolean} */ isAsking) {
    const { activeElement } = document;
    this.#button.disabled = isAsking;
    // A button that is disabled loses the focus, and with it the place of whoever has no mouse.
    if (!isAsking && (activeElement === document.body || activeElement === this.#button)) this.#button.focus();
    this.render();
  }

  #say(/** @type {() => string} */ words) {
    this.#keptUntil = Date.now() + KEPT;
    this.#words = words;
    this.#note.textContent = words();
    this.#page.announce(words());
  }
}
