// The viewer's page: what the viewer's browser knows, and how it came to know it.

import { Api, isRefusal } from './api.js';
import { ServerClock } from './clock.js';
import { Countdown } from './countdown.js';
import { $, element, entry, shortId } from './element.js';
import { clockFace, secondsLong, text, timeOfDay } from './language.js';
import { channelOf } from './live.js';
import { announce, run } from './page.js';
import { onThisSite, play } from './stream.js';
import { keepUpdated } from './updates.js';

const USUAL = 30_000; // ms
const SHOWN = 10; // events
const RIGHT = 100; // ms that nobody sees in whole seconds

const asked = new URLSearchParams(location.search);
for (const name of ['session', 'streamer']) $(name).value = asked.get(name) ?? '';
const stream = onThisSite(asked.get('stream') ?? '');

const signOut = run(async (token, ids) => {
  const clock = new ServerClock();
  const api = new Api(token, clock);
  const path = `/sessions/${ids.session}/permissions/me`;
  const received = /** @type {Received[]} */ ([]); // newest first

  let isShortened = false; // by the last change

  const first = await api.get(path);
  const countdown = new Countdown(first.viewer_id, clock, announce);
  $('countdown').replaceChildren(countdown.element);
  countdown.take(first);

  async function refresh(/** @type {Live} */ live) {
    live.follow([channelOf(ids.streamer, first.viewer_id)]);
    try {
      take(await api.get(path));
      showTrouble('');
    } catch (error) {
      if (!isRefusal(error, 404, 409)) throw error;
      countdown.clear();
      showTrouble(error.status === 409 ? error.message : '');
    }
    showFacts();
    return USUAL;
  }

  function onAuthorized(/** @type {Authorized} */ event) {
    if (event.session_id !== ids.session) return;
    const gained = event.duration - (countdown.permission?.duration ?? 0);
    const taken = take(event);
    received.unshift({ event, taken, gained });
    received.splice(SHOWN);
    if (taken && !isShortened) announce(text('extended_until', { time: timeOfDay(event.exp) }));
    showFacts();
    showReceived();
  }

  /** Whether it was taken; who has less time by it is told why. @param {Snapshot} snapshot */
  function take(snapshot) {
    const before = countdown.permission?.exp;
    const taken = countdown.take(snapshot);
    if (taken && before && snapshot.exp && snapshot.exp !== before) {
      isShortened = snapshot.exp < before;
      if (isShortened) announce(text('shortened_until', { time: timeOfDay(snapshot.exp) }));
    }
    return taken;
  }

  function showTrouble(/** @type {string} */ words) {
    if (words && words !== $('trouble').textContent) announce(words);
    $('trouble').textContent = words;
  }

  function showFacts() {
    const { nbf, duration, exp, revision, server_time: serverTime } = countdown.permission ?? {};
    $('shortened').textContent = isShortened && exp ? text('shortened_until', { time: timeOfDay(exp) }) : '';
    const facts = {
      session: shortId(ids.session ?? ''),
      starts: nbf ? timeOfDay(nbf) : '–',
      bought_in_all: clockFace(duration ?? 0),
      ends: exp ? timeOfDay(exp) : '–',
      revision: String(revision ?? '–'),
      as_of: serverTime ? timeOfDay(serverTime) : '–',
      own_clock: ownClock(clock.ahead),
    };
    const names = Object.keys(facts).map((name) => element('dt', {}, text(name)));
    const values = Object.values(facts).map((value) => element('dd', {}, value));
    $('facts').replaceChildren(...names.map((name, place) => element('div', {}, name, values[place] ?? '')));
  }

  function showReceived() {
    $('none-received').hidden = received.length > 0;
    $('received').replaceChildren(...received.map(item));
  }

  function render() {
    countdown.render();
    showFacts();
    showReceived();
  }
  render();
  $('stream').hidden = !stream;
  const end = stream && (await play($('video'), stream, await api.ticket(ids.session ?? '')));
  const { stop } = await keepUpdated(api, { refresh, onAuthorized, tick: () => countdown.tick(), signOut });
  const stopAll = () => {
    if (end) end();
    stop();
  };
  return { render, stop: stopAll };
});

function item(/** @type {Received} */ { event, taken, gained }) {
  const sign = gained < 0 ? 'minus_seconds' : 'plus_seconds';
  const head = taken
    ? { status: 'done', what: text(sign, { seconds: Math.abs(gained) }), chip: text('taken') }
    : { status: 'dropped', what: text('revision_of', { revision: event.revision }), chip: text('dropped') };
  const times = text('as_of_until', { time: timeOfDay(event.server_time), end: timeOfDay(event.exp) });
  return entry({ id: event.extension_id, ...head }, element('p', { class: 'hint' }, times));
}

function ownClock(/** @type {number} */ ahead) {
  if (Math.abs(ahead) < RIGHT) return text('right');
  return text(ahead > 0 ? 'slow' : 'fast', { time: secondsLong(Math.abs(ahead)) });
}
