// The viewer's page: what the viewer's browser knows, and how it came to know it.

import { Api, isRefusal } from './api.js';
import { ServerClock } from './clock.js';
import { Countdown } from './countdown.js';
import { element, shortId } from './element.js';
import { clockFace, secondsLong, text, timeOfDay } from './language.js';
import { channelOf, connect } from './live.js';
import { announce, run, showConnection } from './page.js';
import { everySecond, Refresher } from './refresh.js';

const USUAL = 30_000; // ms
const NOT_LIVE = 5000;
const HEARD = 10; // events
const RIGHT = 100; // ms that nobody sees in whole seconds

const $ = (id) => document.getElementById(id);

for (const [name, value] of new URLSearchParams(location.search)) {
  if (name === 'session' || name === 'streamer') $(name).value = value;
}

const signOut = run(async (token, ids) => {
  const clock = new ServerClock();
  const api = new Api(token, clock);
  const path = `/sessions/${ids.session}/permissions/me`;
  const heard = []; // {event, taken, gained}, newest first
  let isLive = false;

  const first = await api.get(path);
  const countdown = new Countdown(first.viewer_id, clock, announce);
  $('countdown').replaceChildren(countdown.element);
  countdown.take(first);

  const refresher = new Refresher(async () => {
    try {
      countdown.take(await api.get(path));
      showTrouble('');
      showConnection(isLive);
    } catch (error) {
      showConnection(isLive && isRefusal(error));
      if (error.status === 401) signOut(error.message);
      if ([404, 409].includes(error.status)) countdown.clear();
      if (error.status === 409) showTrouble(error.message);
    }
    showFacts();
    return isLive ? USUAL : NOT_LIVE;
  });

  function hear(event) {
    if (event.session_id !== ids.session) return;
    const gained = event.duration - (countdown.permission?.duration ?? 0);
    const taken = countdown.take(event);
    heard.unshift({ event, taken, gained });
    heard.splice(HEARD);
    if (taken) announce(text('extended_until', { time: timeOfDay(event.exp) }));
    showFacts();
    showHeard();
  }

  function showTrouble(words) {
    if (words && words !== $('trouble').textContent) announce(words);
    $('trouble').textContent = words;
  }

  function showFacts() {
    const { nbf, duration, exp, revision, server_time: serverTime } = countdown.permission ?? {};
    const facts = {
      session: shortId(ids.session),
      starts: nbf ? timeOfDay(nbf) : '–',
      bought_in_all: clockFace(duration ?? 0),
      ends: exp ? timeOfDay(exp) : '–',
      revision: revision ?? '–',
      as_of: serverTime ? timeOfDay(serverTime) : '–',
      own_clock: ownClock(clock.ahead),
    };
    $('facts').replaceChildren(
      ...Object.entries(facts).map(([name, value]) => element('div', {}, element('dt', {}, text(name)), element('dd', {}, value))),
    );
  }

  function showHeard() {
    $('nothing-heard').hidden = heard.length > 0;
    $('heard').replaceChildren(
      ...heard.map(({ event, taken, gained }) => element(
        'li',
        { 'data-status': taken ? 'done' : 'dropped' },
        element(
          'p',
          { class: 'summary' },
          element('strong', {}, taken ? text('plus_seconds', { seconds: gained }) : text('revision_of', event)),
          ' ',
          element('span', { class: 'chip' }, text(taken ? 'taken' : 'dropped')),
          ' ',
          shortId(event.extension_id),
        ),
        element('p', { class: 'hint' }, text('told_at', { time: timeOfDay(event.server_time), end: timeOfDay(event.exp) })),
      )),
    );
  }

  const live = await connect(api, {
    onState(nowLive) {
      isLive = nowLive;
      showConnection(isLive);
      refresher.now();
    },
    onAuthorized: hear,
  });
  showConnection(false);
  live.follow([channelOf(ids.streamer, first.viewer_id)]);
  const stopTicking = everySecond(
    () => countdown.tick(),
    () => {
      live.wake();
      refresher.now();
    },
  );
  function render() {
    countdown.render();
    showFacts();
    showHeard();
  }
  render();

  return {
    render,
    stop() {
      stopTicking();
      refresher.stop();
      api.close();
      live.close();
    },
  };
});

function ownClock(ahead) {
  if (Math.abs(ahead) < RIGHT) return text('right');
  return text(ahead > 0 ? 'slow' : 'fast', { time: secondsLong(Math.abs(ahead)) });
}
