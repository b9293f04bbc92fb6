// `stream.authorized` as it comes through Pusher Channels.

import './vendor/pusher.min.js';

const { Pusher } = globalThis;
const PONG = 10_000; // ms to wait for a sign of life after silence

/**
 * Connect for the api's user.
 *
 * `onState(isLive)` is told when that changes, and after each subscription, since what was said before it was missed;
 * `onAuthorized(data)` each event.
 */
export async function connect(api, { onState, onAuthorized }) {
  const { key, ws_url: address } = await api.get('/console/pusher.json');
  const { protocol, hostname, port, pathname } = new URL(address);
  const pusher = new Pusher(key, {
    cluster: '',
    wsHost: hostname,
    wsPort: port || 80,
    wssPort: port || 443,
    wsPath: pathname.replace(/\/$/, ''),
    forceTLS: protocol === 'wss:',
    enabledTransports: ['ws'],
    pongTimeout: PONG,
    channelAuthorization: {
      customHandler: ({ channelName, socketId }, done) => {
        api.authorize(channelName, socketId).then((signed) => done(null, signed), (error) => done(error, null));
      },
    },
  });
  const tellState = () => {
    onState(pusher.connection.state === 'connected' && pusher.allChannels().every(({ subscribed }) => subscribed));
  };
  pusher.connection.bind('state_change', ({ previous, current }) => {
    if ([previous, current].includes('connected')) tellState();
  });

  const follow = (name) => {
    const channel = pusher.subscribe(name);
    channel.bind('pusher:subscription_succeeded', tellState);
    channel.bind('stream.authorized', onAuthorized);
  };
  return {
    /** Be subscribed to these channels and no others. */
    follow(names) {
      const followed = pusher.allChannels().map(({ name }) => name);
      followed.filter((name) => !names.includes(name)).forEach((name) => pusher.unsubscribe(name));
      names.filter((name) => !followed.includes(name)).forEach(follow);
    },
    /** Try at once what would be tried again some time. */
    wake() {
      if (pusher.connection.state === 'connected') return;
      pusher.disconnect();
      pusher.connect();
    },
    close() {
      pusher.unbind_all();
      pusher.connection.unbind_all();
      pusher.disconnect();
    },
  };
}

/** Where a viewer is told of a streamer's session. */
export function channelOf(streamerId, viewerId) {
  return `presence-stream-viewer@${streamerId}.sd.${viewerId}`;
}
