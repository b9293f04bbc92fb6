const LONGEST_WAIT = 10; // seconds, between two tries

/** What was answered, or null where it did not arrive whole. */
async function ask(url, token, { headers, ...options } = {}) {
  try {
    const answer = await fetch(url, {
      ...options,
      headers: { ...headers, Authorization: `Bearer ${token}` },
      credentials: 'omit',
      signal: AbortSignal.timeout(20_000), // the service answers within 15
    });
    const { ok, status } = answer;
    return { ok, status, body: await answer.json(), retryAfter: Number(answer.headers.get('Retry-After')) };
  } catch {
    return null;
  }
}

/** Extend a goal once, however often it has to be asked: every try has the same key. */
export async function extend(api, goalId, token, key = crypto.randomUUID()) {
  for (let wait = 1; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    const answer = await ask(`${api}/goals/${goalId}/extend?lang=zh-hant`, token, {
      method: 'PUT',
      headers: { 'X-Request-ID': key },
    });
    if (answer?.ok) return answer.body;
    if (answer && answer.status < 500) throw { ...answer.body, retryAfter: answer.retryAfter };
    const seconds = answer?.retryAfter || wait;
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

  async function look() {
    const answer = await ask(`${api}/sessions/${sessionId}/permissions/me`, token);
    if (answer?.ok) take(answer.body);
    else if (!answer || answer.status >= 500) setTimeout(look, 2000);
  }

  const channel = pusher.subscribe(`presence-stream-viewer@${streamerId}.sd.${viewerId}`);
  channel.bind('stream.authorized', (told) => told.session_id === sessionId && take(told));
  look();
  // After each subscription and after sleep: what was said meanwhile is not said again.
  channel.bind('pusher:subscription_succeeded', look);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) look(); });
}
