// A Pusher server inside the test's process, for the real pusher-js.

/** How it treats who connects: `up` and `mute` let in, and `mute` answers no subscription. */
export const pusher = { is: 'up', connections: 0, channels: /** @type {string[]} */ ([]) };

const [OPEN, CLOSED] = [1, 3]; // as WebSocket has them
const sockets = /** @type {Set<FakeSocket>} */ (new Set());

/** Change how it is; who is connected is put out by this close code. @param {string} is @param {number} [code] */
export function become(is, code) {
  pusher.is = is;
  if (code) for (const socket of sockets) socket.end(code);
}

/** Everybody in the channel receives the event. @param {string} channel @param {string} event @param {unknown} data */
export function trigger(channel, event, data) {
  for (const socket of sockets) if (socket.channels.has(channel)) socket.receive({ event, channel, data });
}

class FakeSocket {
  onopen = () => {};
  onerror = (/** @type {unknown} */ _) => {};
  onclose = (/** @type {unknown} */ _) => {};
  onmessage = (/** @type {unknown} */ _) => {};
  channels = new Set();
  readyState = 0;

  constructor() {
    pusher.connections += 1;
    setImmediate(() => this.#greet());
  }

  #greet() {
    if (pusher.is === 'silent' || this.readyState === CLOSED) return;
    if (pusher.is === 'down') return this.end(1006);
    this.readyState = OPEN;
    this.onopen();
    if (pusher.is === 'closing') return this.refuse(4200);
    if (pusher.is === 'unknown app') return this.refuse(4001);
    sockets.add(this);
    const data = { socket_id: `1.${pusher.connections}`, activity_timeout: 3600 };
    this.receive({ event: 'pusher:connection_established', data });
  }

  send(/** @type {string} */ message) {
    const { event, data } = JSON.parse(message);
    if (event === 'pusher:ping') this.receive({ event: 'pusher:pong', data: {} });
    if (event !== 'pusher:subscribe' || pusher.is === 'mute') return;
    this.channels.add(data.channel);
    pusher.channels.push(data.channel);
    const presence = { presence: { ids: [], hash: {}, count: 0 } };
    const answer = { event: 'pusher_internal:subscription_succeeded', channel: data.channel, data: presence };
    setImmediate(() => this.receive(answer));
  }

  receive(/** @type {object} */ message) {
    if (this.readyState === OPEN) this.onmessage({ data: JSON.stringify(message) });
  }

  refuse(/** @type {number} */ code) {
    this.receive({ event: 'pusher:error', data: { code, message: 'no' } });
    setImmediate(() => this.end(code));
  }

  end(/** @type {number} */ code) {
    sockets.delete(this);
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    if (code === 1006) this.onerror({});
    this.onclose({ code, reason: '', wasClean: code !== 1006 });
  }

  close() {
    this.end(1000);
  }
}

Object.assign(globalThis, { WebSocket: FakeSocket });
