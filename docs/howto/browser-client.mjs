const LONGEST_WAIT = 10; // seconds, between two tries

/** Extend a goal once, however often it has to be asked: every try has the same key. */
export async function extend(api, goalId, token, key = crypto.randomUUID()) {
  for (let wait = 1; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    const answer = await fetch(`${api}/goals/${goalId}/extend?lang=zh-hant`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${token}`, 'X-Request-ID': key },
      credentials: 'omit',
      signal: AbortSignal.timeout(20_000), // the service answers within 15
    }).catch(() => null);
    if (answer?.ok) return answer.json();
    if (answer && answer.status < 500) throw await answer.json();
    const seconds = Number(answer?.headers.get('Retry-After')) || wait;
    await new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });
  }
}

/** Call `changed` with the viewer's permission, and again whenever there is a newer one. */
export function follow(api, pusher, { streamerId, viewerId, sessionId, token }, changed) {
  let known = null;

  function take(told) {
    const [revision, before] = [told.revision ?? 0, known?.revision ?? 0];
    if (known && (revision < before || (revision === before && told.server_time <= known.server_time))) return;
    known = told;
    changed(told);
  }

  async function ask() {
    const headers = { Authorization: `Bearer ${token}` };
    const url = `${api}/sessions/${sessionId}/permissions/me`;
    const answer = await fetch(url, { headers, credentials: 'omit' }).catch(() => null);
    if (answer?.ok) take(await answer.json());
    else if (!answer || answer.status >= 500) setTimeout(ask, 2000);
  }

  const channel = pusher.subscribe(`presence-stream-viewer@${streamerId}.sd.${viewerId}`);
  channel.bind('stream.authorized', (told) => told.session_id === sessionId && take(told));
  // At first and after each reconnect: what was said before is not said again.
  channel.bind('pusher:subscription_succeeded', ask);
}
