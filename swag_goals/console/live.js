// `stream.authorized` as it comes through Pusher Channels.

import './vendor/pusher.min.js';
import { isRefusal } from './api.js';
import { backoff, sleep } from './backoff.js';

const PONG = 10_000; // ms to wait for a sign of life after silence
const PATIENCE = 8000; // ms for one try to connect or to subscribe; pusher-js gives it 15, then 30 and 60 s
const RECONNECT = /** @type {const} */ ([2000, 15_000]); // ms between two tries
const AUTHORIZE = /** @type {const} */ ([4000, 30_000]);
const STEADY = 30_000; // ms live after which a loss counts as the first one again

/**
 * Connect for the api's user, and go on trying whatever happens. Events that came while it was not live were missed.
 * @param {Api} api
 * @param {{onState: (isLive: boolean) => void, onAuthorized: (event: Authorized) => void}} listeners
 */
export async function connect(api, { onState, onAuthorized }) {
  const { key, ws_url: address } = await api.get('/console/pusher.json');
  const { protocol, hostname, port, pathname } = new URL(address);
  const pusher = new Pusher(key, {
    cluster: '',
    wsHost: hostname,
    wsPort: Number(port) || 80,
    wssPort: Number(port) || 443,
    wsPath: pathname.replace(/\/$/, ''),
    forceTLS: protocol === 'wss:',
    enabledTransports: ['ws'],
    pongTimeout: PONG,
    unavailableTimeout: PATIENCE,
    channelAuthorization: { customHandler: authorize },
  });
  const { connection } = pusher;
  let names = /** @type {string[]?} */ (null); // of the channels, once they are known
  let refusal = /** @type {Problem?} */ (null);
  let wasLive = false;
  let liveSince = 0; // ms of the epoch
  let losses = 0;
  let retry = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);

  const isSubscribed = (/** @type {string} */ name) => Boolean(pusher.channel(name)?.subscribed);
  const isLive = () => connection.state === 'connected' && names !== null && names.every(isSubscribed);

  function report() {
    if (isLive() === wasLive) return;
    wasLive = !wasLive;
    if (wasLive) liveSince = Date.now();
    else if (Date.now() - liveSince > STEADY) losses = 0;
    onState(wasLive);
  }

  /** pusher-js asks once for each connection, without a timeout. @type {import('pusher-js').ChannelAuthorizationHandler} */
  async function authorize({ channelName, socketId }, done) {
    const isOpen = () => connection.state === 'connected' && connection.socket_id === socketId;
    const isWanted = () => isOpen() && (names ?? []).includes(channelName);
    const signed = await signature(channelName, socketId, isWanted);
    if (!isOpen()) return; // the next connection asks for itself
    done(signed ? null : new Error('no longer wanted'), signed);
    await sleep(PATIENCE);
    if (isWanted() && !isSubscribed(channelName)) reconnect(); // Pusher refused it, or does not answer
  }

  /** @param {string} channelName @param {string} socketId @param {() => boolean} isWanted */
  async function signature(channelName, socketId, isWanted) {
    for (let tries = 0; isWanted(); tries += 1) {
      try {
        const signed = await api.authorize(channelName, socketId);
        refusal = null;
        return signed;
      } catch (error) {
        refusal = isRefusal(error) ? error : null;
      }
      await sleep(backoff(tries, ...AUTHORIZE));
    }
    return null;
  }

  function reconnect(wait = backoff(losses, ...RECONNECT)) {
    losses += 1;
    pusher.disconnect();
    clearTimeout(retry);
    retry = setTimeout(() => pusher.connect(), wait);
  }

  connection.bind('state_change', report);
  connection.bind('unavailable', () => reconnect());
  // After this pusher-js connects at once, without end, or never again.
  connection.bind('error', () => queueMicrotask(reconnect));

  return {
    isLive,
    /** Why the service does not let this user into a channel, or null. */
    refusal: () => refusal,
    /** Be subscribed to these channels and no others. @param {string[]} wanted */
    follow(wanted) {
      names = wanted;
      for (const { name } of pusher.allChannels()) if (!names.includes(name)) pusher.unsubscribe(name);
      for (const name of names) {
        const isNew = !pusher.channel(name);
        const channel = pusher.subscribe(name); // also one that was just about to be left
        if (isNew) channel.bind('pusher:subscription_succeeded', report).bind('stream.authorized', onAuthorized);
      }
      report();
    },
    /** Try at once what would be tried again some time. */
    wake: () => isLive() || reconnect(0),
    close() {
      connection.unbind_all();
      pusher.disconnect();
      clearTimeout(retry);
    },
  };
}

/** Where a viewer is notified of a streamer's session. @param {string} streamerId @param {string} viewerId */
export function channelOf(streamerId, viewerId) {
  return `presence-stream-viewer@${streamerId}.sd.${viewerId}`;
}
