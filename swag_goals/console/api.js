// The service's API, for one signed-in user. The token stays in here.

import { backoff, sleep } from './backoff.js';
import { language, text } from './language.js';

const TIMEOUT = 20_000; // ms; the service answers within 15 s
const AUTHORIZATION_TIMEOUT = 5000; // ms; it asks no majority for one
const RETRY = /** @type {const} */ ([1000, 10_000]); // ms between two tries

// The service writes these for whoever calls it; here a person looks at a page.
const OWN_WORDS = /** @type {Record<number, string>} */ ({ 401: 'token_ended', 429: 'too_many' });

/** An answer of the service that is not what was asked for: the fields of RFC 9457, in the page's language. */
export class Problem extends Error {
  /** @param {number} status @param {number} retryAfter in s, or 0 @param {{title?: string, detail?: string}} body */
  constructor(status, retryAfter, { title = `HTTP ${status}`, detail = '' }) {
    const own = OWN_WORDS[status];
    super(own ? text(own, { seconds: retryAfter }) : `${title}${detail && ': '}${detail}`);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * Whether the service said no, by one of the statuses where some are given; else it may have done what was asked.
 * @param {unknown} error @param {number[]} statuses @returns {error is Problem}
 */
export function isRefusal(error, ...statuses) {
  return error instanceof Problem && (statuses.length ? statuses.includes(error.status) : error.status < 500);
}

export class Api {
  #token;
  #clock;
  #clientId = crypto.randomUUID();
  #sessionId = crypto.randomUUID();
  #closing = new AbortController();

  /** @param {string} token @param {ServerClock} clock */
  constructor(token, clock) {
    this.#token = token;
    this.#clock = clock;
  }

  /** What stands at this path. Throws a Problem, or what fetch throws where there is no answer. @param {string} path */
  async get(path) {
    const sent = Date.now();
    const response = await this.#send('GET', path);
    const received = Date.now();
    const answer = await response.json();
    if (answer.server_time) this.#clock.measure(answer.server_time, sent, received);
    return answer;
  }

  /** A ticket of the caller's for the session, which its player shows. @param {string} sessionId */
  async ticket(sessionId) {
    return (await (await this.#send('POST', `/sessions/${sessionId}/tickets`)).json()).ticket;
  }

  /** The signature by which Pusher lets this user into it. @param {string} channelName @param {string} socketId */
  async authorize(channelName, socketId) {
    const body = new URLSearchParams({ channel_name: channelName, socket_id: socketId });
    return (await this.#send('POST', '/pusher/auth', { body, timeout: AUTHORIZATION_TIMEOUT })).json();
  }

  /**
   * Extend the goal once, however often it has to be asked: every try has the same key.
   *
   * Without an answer, or with one that leaves it open (5xx), nobody knows whether the seconds are given; the same
   * call settles it. `onWait(seconds)` is called before each retry. Throws a Problem where the service refuses.
   * @param {string} goalId @param {string} key @param {(seconds: number) => void} onWait
   */
  async extend(goalId, key, onWait) {
    // Gateways replace an X-Request-ID, and a retry by another key would be paid twice.
    const headers = { 'Idempotency-Key': key, 'X-Request-ID': key };
    for (let tries = 0; ; tries += 1) {
      try {
        const response = await this.#send('PUT', `/goals/${goalId}/extend`, { headers });
        return { extension: await response.json(), replayed: response.headers.get('Idempotent-Replayed') === 'true' };
      } catch (error) {
        if (this.isClosed || isRefusal(error)) throw error;
        const asked = error instanceof Problem && error.retryAfter;
        const seconds = asked || Math.ceil(backoff(tries, ...RETRY) / 1000);
        onWait(seconds);
        await sleep(seconds * 1000, this.#closing.signal);
      }
    }
  }

  /** Give up whatever is under way. */
  close() {
    this.#closing.abort();
  }

  get isClosed() {
    return this.#closing.signal.aborted;
  }

  /**
   * @param {string} method @param {string} path
   * @param {{headers?: Record<string, string>, body?: URLSearchParams, timeout?: number}} options
   */
  async #send(method, path, { headers = {}, body, timeout = TIMEOUT } = {}) {
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
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeout)]),
    });
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    throw new Problem(response.status, Number(response.headers.get('Retry-After')) || 0, problem);
  }
}
