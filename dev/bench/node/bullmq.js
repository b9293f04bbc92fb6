// BullMQ: `work` runs its worker, `enqueue` puts in the orders that come as JSON on standard input.
// What MongoDB is asked comes from the Python program as JSON, in which `<name>` stands for a value.
'use strict';

const http = require('node:http');
const { Queue, Worker } = require('bullmq');
const { MongoClient, ObjectId } = require('mongodb');
const Pusher = require('pusher');

const QUEUE = 'extensions';
const SIDE_BY_SIDE = Number(process.env.SIDE_BY_SIDE);
const connection = () => {
  const { hostname, port, pathname } = new URL(process.env.REDIS_URL);
  return { host: hostname, port: Number(port), db: Number(pathname.slice(1)), maxRetriesPerRequest: null };
};

function fill(part, values) {
  if (typeof part === 'string') return values[part] ?? part.replaceAll('<viewer>', values['<viewer>']);
  if (Array.isArray(part)) return part.map((each) => fill(each, values));
  if (part === null || typeof part !== 'object') return part;
  return Object.fromEntries(
    Object.entries(part).map(([name, each]) => [name.replaceAll('<viewer>', values['<viewer>']), fill(each, values)]),
  );
}

function event(record, { revision, at, after }, viewer) {
  const { nbf, duration, exp } = after[viewer];
  return {
    channel: `presence-stream-viewer@${record.streamer_id}.sd.${viewer}`,
    name: 'stream.authorized',
    data: {
      session_id: String(record.session_id),
      goal_id: String(record.goal_id),
      viewer_id: viewer,
      nbf: nbf.toISOString(),
      duration,
      exp: exp.toISOString(),
      extension_id: String(record._id),
      revision,
      server_time: at.toISOString(),
    },
  };
}

function agrees(record, order) {
  return (
    String(record.session_id) === order.session_id &&
    record.viewers.join() === order.viewers.join() &&
    record.nbf.toISOString() === order.nbf &&
    record.duration === order.duration &&
    record.notify_sd_viewers === order.notify_sd_viewers
  );
}

class Job {
  constructor(database, pusher, asked) {
    this.extensions = database.collection('extension');
    this.sessions = database.collection('session');
    this.pusher = pusher;
    this.asked = asked;
  }

  async run({ data: order }) {
    const record = await this.begin(new ObjectId(order.extension_id));
    if (!agrees(record, order)) throw new Error('the job differs from the ledger');
    const [viewer] = record.viewers;
    const values = {
      '<id>': record._id,
      '<session_id>': record.session_id,
      '<viewer>': viewer,
      '<nbf>': record.nbf,
      '<requested_at>': record.requested_at,
      '<deadline>': record.deadline,
    };
    const { filter, update, projection, settled, settlement } = this.asked;
    const session = await this.sessions.findOneAndUpdate(fill(filter, values), fill(update, values), {
      projection,
      returnDocument: 'after',
    });
    if (session === null) throw new Error('not applied');
    const [change] = session.swag_goals.changes;
    await this.pusher.triggerBatch([event(record, change, viewer)]);
    const changed = Object.entries(change).map(([name, value]) => [`<change.${name}>`, value]);
    const all = { ...values, ...Object.fromEntries(changed) };
    await this.extensions.updateOne(fill(settled, all), fill(settlement, all));
  }

  async begin(id) {
    const read = () => this.extensions.aggregate([{ $match: { _id: id } }, { $set: { read_at: '$$NOW' } }]).next();
    const record = await read();
    if (record.deadline - record.read_at >= this.asked.shortest_attempt) return record;
    await this.extensions.updateOne({ _id: id, status: 'pending' }, this.asked.later_deadline);
    return read();
  }
}

async function work() {
  const { protocol, username, password, hostname, port, pathname } = new URL(process.env.PUSHER_URL);
  const pusher = new Pusher({
    appId: pathname.split('/').pop(),
    key: username,
    secret: password,
    host: hostname,
    port,
    useTLS: protocol === 'https:',
    agent: new http.Agent({ keepAlive: true, maxSockets: SIDE_BY_SIDE }),
  });
  const client = new MongoClient(process.env.MONGODB_URI, { w: 'majority', readConcernLevel: 'majority' });
  await client.connect();
  const job = new Job(client.db(), pusher, JSON.parse(process.env.ASKED));
  const worker = new Worker(QUEUE, (each) => job.run(each), { connection: connection(), concurrency: SIDE_BY_SIDE });
  worker.on('failed', (_, error) => console.error(error));
  worker.on('error', (error) => console.error(error));
}

async function enqueue() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const queue = new Queue(QUEUE, { connection: connection() });
  const orders = JSON.parse(Buffer.concat(chunks));
  await queue.addBulk(orders.map((data) => ({ name: 'extend', data, opts: { removeOnComplete: true } })));
  await queue.close();
}

({ work, enqueue })[process.argv[2]]();
