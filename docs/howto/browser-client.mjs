const MAX_WAIT = 10; // seconds, between two tries

/** @param {number} ms @returns {Promise<void>} */
const sleep = (ms) => new Promise((resolve) => void setTimeout(resolve, ms));

/**
 * What was answered, or null where it did not arrive whole.
 * @param {string} url @param {string} token @param {RequestInit} options
 */
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

/**
 * Extend a goal once, however often it has to be asked: every try has the same key.
 * @param {string} api @param {string} goalId @param {string} token
 */
export async function extend(api, goalId, token, key = crypto.randomUUID()) {
  const headers = { 'Idempotency-Key': key, 'X-Request-ID': key }; // gateways replace the second
  for (let wait = 1; ; wait = Math.min(wait * 2, MAX_WAIT)) {
    const answer = await ask(`${api}/goals/${goalId}/extend?lang=zh-hant`, token, { method: 'PUT', headers });
    if (answer?.ok) return answer.body;
    if (answer && answer.status < 500) throw { ...answer.body, retryAfter: answer.retryAfter };
    await sleep(1000 * (answer?.retryAfter || wait));
  }
}

/**
 * Call `changed` with a snapshot of the viewer's permission, and again whenever there is a newer one.
 * @param {string} api @param {import('pusher-js').default} pusher
 * @param {{streamerId: string, viewerId: string, sessionId: string, currentToken: () => string}} viewer
 * @param {(snapshot: any) => void} changed
 */
export function follow(api, pusher, { streamerId, viewerId, sessionId, currentToken }, changed) {
  let known = { revision: -1, server_time: '' };
  let isCurrent = false;

  /** @param {any} snapshot */
  function take(snapshot) {
    const [revision, before] = [snapshot.revision ?? 0, known.revision ?? 0];
    if (revision < before || (revision === before && snapshot.server_time <= known.server_time)) return;
    known = snapshot;
    changed(snapshot);
  }

  async function refresh() {
    const answer = await ask(`${api}/sessions/${sessionId}/permissions/me`, currentToken());
    isCurrent = Boolean(answer?.ok);
    if (answer?.ok) take(answer.body);
  }

  const channel = pusher.subscribe(`presence-stream-viewer@${streamerId}.sd.${viewerId}`);
  channel.bind('stream.authorized', (/** @type {any} */ event) => event.session_id === sessionId && take(event));
  channel.bind('pusher:subscription_succeeded', refresh); // what was sent before it is not sent again
  document.addEventListener('visibilitychange', () => document.hidden || refresh());
  // By itself pusher-js would connect again at once, without end, or never.
  pusher.connection.bind('error', () => queueMicrotask(() => pusher.disconnect()));

  async function watch() {
    for (let round = 1; ; round += 1) {
      if (!channel.subscribed || !isCurrent || round % 8 === 0) await refresh();
      // pusher-js asks for an authorization once, and tries to connect for up to a minute: give it three rounds.
      if (!channel.subscribed && round % 3 === 0) pusher.disconnect();
      pusher.connect(); // does nothing where it is connected, or is trying
      await sleep(3000 + 1500 * Math.random()); // or a thousand pages would come at once
    }
  }
  void watch();
}
