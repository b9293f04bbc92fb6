// A viewer's browser, as far as Pusher goes: subscribes with the real pusher-js and prints what
// comes as lines of JSON. Each line of standard input is {"options": ...} first and then any number
// of {"subscribe": [channel, ...]}; its end ends the program, so that it never outlives its caller.
'use strict';

const { createHmac } = require('node:crypto');
const { createInterface } = require('node:readline');

/** @typedef {{url: string, key: string, secret?: string, endpoint?: string, token?: string}} Options */

const Pusher = /** @type {typeof import('pusher-js').default} */ (/** @type {any} */ (require('pusher-js')));

/** @type {import('pusher-js').default} */
let client;

/** @param {string} kind @param {object} fields */
function print(kind, fields) {
  // Milliseconds of the epoch as the machine's other clocks have it, with their fractions.
  const at = performance.timeOrigin + performance.now();
  process.stdout.write(`${JSON.stringify({ kind, at, ...fields })}\n`);
}

/**
 * Signs as the service would, for callers who hold the app's secret and listen to many at once.
 * @param {string} key @param {string} secret @returns {import('pusher-js').ChannelAuthorizationHandler}
 */
function signer(key, secret) {
  return ({ socketId, channelName }, done) => {
    const channelData = JSON.stringify({ user_id: channelName.split('.').pop() });
    const signature = createHmac('sha256', secret).update(`${socketId}:${channelName}:${channelData}`).digest('hex');
    done(null, { auth: `${key}:${signature}`, channel_data: channelData });
  };
}

function connect(/** @type {Options} */ { url, key, secret, endpoint, token }) {
  const { protocol, hostname, port } = new URL(url);
  client = new Pusher(key, {
    cluster: '',
    wsHost: hostname,
    wsPort: Number(port) || 80,
    wssPort: Number(port) || 443,
    forceTLS: protocol === 'wss:',
    enabledTransports: ['ws'],
    channelAuthorization: secret
      ? { customHandler: signer(key, secret) }
      : { transport: 'ajax', endpoint: endpoint ?? '', headers: { Authorization: `Bearer ${token}` } },
  });
  // After a refused connection pusher-js waits for 15 s; what happens then would be missed.
  setInterval(() => {
    if (client.connection.state === 'connected') return;
    client.disconnect();
    client.connect();
  }, 300);
}

function subscribe(/** @type {string} */ name) {
  const channel = client.subscribe(name);
  channel.bind('pusher:subscription_succeeded', () => print('subscribed', { channel: name }));
  channel.bind('pusher:subscription_error', (/** @type {unknown} */ error) =>
    print('refused', { channel: name, error }),
  );
  channel.bind_global((/** @type {string} */ event, /** @type {unknown} */ data) => {
    if (!event.startsWith('pusher:')) print('event', { channel: name, event, data });
  });
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const request = JSON.parse(line);
    if (request.options) connect(request.options);
    else request.subscribe.forEach(subscribe);
  })
  .on('close', () => process.exit());
