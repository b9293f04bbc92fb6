// The service's API, for one signed-in user. The token stays in here.

import { language, text } from './language.js';

const TIMEOUT = 20_000; // ms; the service answers within 15 s
const LONGEST_WAIT = 10; // s, between two tries

// The service tells these to whoever calls it; here a person looks at a page.
const OWN_WORDS = { 401: 'token_ended', 429: 'too_many' };

/** An answer of the service that is not what was asked for: the fields of RFC 9457, in the page's language. */
class Problem extends Error {
  constructor(status, retryAfter, { title = `HTTP ${status}`, detail = '' }) {
    super(status in OWN_WORDS ? text(OWN_WORDS[status], { seconds: retryAfter }) : `${title}${detail && ': '}${detail}`);
    this.status = status;
    this.retryAfter = retryAfter; // s, or 0
  }
}

/** Whether the service said no; else it may have done what was asked, or not. */
export function isRefusal(error) {
  return error instanceof Problem && error.status < 500;
}

export class Api {
  #token;
  #clock;
  #clientId = crypto.randomUUID();
  #sessionId = crypto.randomUUID();
  #closing = new AbortController();

  constructor(token, clock) {
    this.#token = token;
    this.#clock = clock;
  }

  /** What stands at this path. Throws a Problem, or what fetch throws where there is no answer. */
  async get(path) {
    const sent = Date.now();
    const response = await this.#send('GET', path);
    const received = Date.now();
    const answer = await response.json();
    if (answer.server_time) this.#clock.measure(answer.server_time, sent, received);
    return answer;
  }

  /** The signature with which Pusher lets this user into the channel. */
  async authorize(channelName, socketId) {
    const body = new URLSearchParams({ channel_name: channelName, socket_id: socketId });
    return (await this.#send('POST', '/pusher/auth', {}, body)).json();
  }

  /**
   * Extend the goal once, however often it has to be asked: every try has the same key.
   *
   * Without an answer, or with one that leaves it open (5xx), nobody knows whether the seconds are given; the same
   * call settles it. `onWait(seconds)` is told before each repeat. Throws a Problem where the service refuses.
   */
  async extend(goalId, key, onWait) {
    for (let tries = 1; ; tries += 1) {
      let wait = Math.min(2 ** (tries - 1), LONGEST_WAIT);
      try {
        const response = await this.#send('PUT', `/goals/${goalId}/extend`, { 'X-Request-ID': key });
        return { extension: await response.json(), replayed: response.headers.get('Idempotent-Replayed') === 'true' };
      } catch (error) {
        if (this.#closing.signal.aborted || isRefusal(error)) throw error;
        wait = error.retryAfter || wait;
      }
      onWait(wait);
      await new Promise((resolve) => { setTimeout(resolve, wait * 1000); });
    }
  }

  /** Give up whatever is under way. */
  close() {
    this.#closing.abort();
  }

  async #send(method, path, headers = {}, body = undefined) {
    const url = new URL(path, location.origin);
    url.searchParams.set('lang', language());
    const response = await fetch(url, {
      method,
      body,
      headers: {
        Authorization: `Bearer ${this.#token}`,
        'X-Client-ID': this.#clientId,
        'X-Session-ID': this.#sessionId,
        ...headers,
      },
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(TIMEOUT)]),
    });
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    throw new Problem(response.status, Number(response.headers.get('Retry-After')) || 0, problem);
  }
}
