// The streamer's page.

import { Api } from './api.js';
import { backoff } from './backoff.js';
import { ServerClock } from './clock.js';
import { $ } from './element.js';
import { Goal } from './goal.js';
import { announce, run } from './page.js';
import { keepUpdated } from './updates.js';

const USUAL = 15_000; // ms between two looks at what events do not tell
const UNSETTLED = /** @type {const} */ ([250, 5000]); // ms, while an extension is not settled yet

const signOut = run(async (token) => {
  const clock = new ServerClock();
  const api = new Api(token, clock);
  /** @type {Map<string, Goal>} by goal and session: what is known of one session says nothing of the next */
  const goals = new Map();
  let looks = 0; // since something was asked for
  $('goals').replaceChildren();

  async function refresh(/** @type {Live?} */ live = null) {
    const items = /** @type {RunningGoal[]} */ ((await api.get('/goals')).items);
    const running = new Map(items.map((item) => [`${item.id} ${item.session_id}`, item]));
    for (const [key, item] of running) {
      if (goals.has(key)) continue;
      const goal = new Goal(item, api, clock, { announce, asked, signOut });
      goals.set(key, goal);
      $('goals').append(goal.element);
    }
    for (const [key, goal] of goals) {
      if (running.has(key) || goal.isNeeded) continue;
      goal.element.remove();
      goals.delete(key);
    }
    $('none').hidden = goals.size > 0;
    live?.follow([...goals.values()].flatMap((goal) => goal.channels));
    await Promise.all([...goals].map(([key, goal]) => goal.refresh(running.get(key))));
    if ([...goals.values()].every((goal) => goal.isSettled)) return USUAL;
    looks += 1;
    return backoff(looks, ...UNSETTLED);
  }
  function asked() {
    looks = 0;
    updates.refreshNow();
  }
  function onAuthorized(/** @type {Authorized} */ event) {
    goals.forEach((goal) => goal.take(event));
    asked();
  }
  const tick = () => goals.forEach((goal) => goal.tick());
  await refresh();
  const updates = await keepUpdated(api, { refresh, onAuthorized, tick, signOut });

  const leaving = new AbortController();
  // Who leaves before the answer would ask again with another key.
  window.addEventListener(
    'beforeunload',
    (event) => [...goals.values()].some((goal) => goal.isAsking) && event.preventDefault(),
    { signal: leaving.signal },
  );
  return {
    render: () => goals.forEach((goal) => goal.render()),
    stop() {
      leaving.abort();
      updates.stop();
    },
  };
});
