// The streamer's page.

import { Api, isRefusal } from './api.js';
import { ServerClock } from './clock.js';
import { Goal } from './goal.js';
import { connect } from './live.js';
import { announce, run, showConnection } from './page.js';
import { everySecond, Refresher } from './refresh.js';

const USUAL = 15_000; // ms between two looks at what events do not tell
const NOT_LIVE = 5000;
const SOON = 250; // doubled with each look at an extension that is not settled yet

const signOut = run(async (token) => {
  const clock = new ServerClock();
  const api = new Api(token, clock);
  const goals = new Map(); // by goal and session: what is known of one session says nothing of the next
  let live = null;
  let isLive = false;
  let soon = SOON;
  document.getElementById('goals').replaceChildren();

  async function read() {
    const { items } = await api.get('/goals');
    const running = new Map(items.map((item) => [`${item.id} ${item.session_id}`, item]));
    for (const [key, goal] of goals) {
      if (running.has(key) || goal.isAsking) continue;
      goal.element.remove();
      goals.delete(key);
    }
    for (const [key, item] of running) {
      if (goals.has(key)) continue;
      const goal = new Goal(item, api, clock, { announce, asked, refused });
      goals.set(key, goal);
      document.getElementById('goals').append(goal.element);
    }
    document.getElementById('none').hidden = goals.size > 0;
    live?.follow([...goals.values()].flatMap((goal) => goal.channels));
    await Promise.all([...running].map(([key, item]) => goals.get(key).refresh(item)));
  }

  function asked() {
    soon = SOON;
    refresher.now();
  }

  function refused(problem) {
    if (problem.status === 401) signOut(problem.message);
  }

  const refresher = new Refresher(async () => {
    try {
      await read();
      showConnection(isLive);
    } catch (error) {
      showConnection(isLive && isRefusal(error));
      refused(error);
      return NOT_LIVE;
    }
    if ([...goals.values()].every((goal) => goal.isSettled)) return isLive ? USUAL : NOT_LIVE;
    soon = Math.min(soon * 2, NOT_LIVE);
    return soon;
  });

  await read();
  live = await connect(api, {
    onState(nowLive) {
      isLive = nowLive;
      showConnection(isLive);
      refresher.now();
    },
    onAuthorized(event) {
      goals.forEach((goal) => goal.take(event));
      asked();
    },
  });
  showConnection(false);
  refresher.now();
  const stopTicking = everySecond(
    () => goals.forEach((goal) => goal.tick()),
    () => {
      live.wake();
      refresher.now();
    },
  );
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
      stopTicking();
      refresher.stop();
      api.close();
      live.close();
    },
  };
});
