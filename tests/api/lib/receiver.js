// A merchant's server: answers the ping, takes notifications, and checks both of their signatures.
import { createHmac } from 'node:crypto';
import { EventEmitter } from 'node:events';
import http from 'node:http';
import { notificationCheck } from './spec.js';
import { untilEvent } from './wait.js';

// The fields of a notification, in the order in which they stand and are signed.
export const FIELDS = ['transaction_id', 'client_transaction_id', 'lot', 'amount', 'receiver', 'operator',
  'treatment_status', 'sending_status', 'comment', 'operator_transaction_id', 'validated_at'];

export function xToken(secret, fields) {
  return createHmac('sha256', secret).update(FIELDS.map((name) => fields[name]).join('')).digest('hex');
}

// Standard Webhooks v1: the key is base64 after whsec_, the text "id.timestamp.body".
export function webhookSignature(secret, id, timestamp, body) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

export class Receiver extends EventEmitter {
  // Every call in the order it came: {method, url, headers, body, fields, at}.
  calls = [];
  // What openapi.json says against notifications that came; stop() throws it.
  breaches = [];
  // What to answer: a status, or null to cut the connection. May be replaced at any time.
  answer = () => 200;

  static async start() {
    const receiver = new Receiver();
    receiver.server = http.createServer((request, response) => receiver.#take(request, response));
    await new Promise((resolve) => { receiver.server.listen(0, '127.0.0.1', resolve); });
    receiver.port = receiver.server.address().port;
    return receiver;
  }

  #take(request, response) {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', async () => {
      const body = Buffer.concat(pieces).toString();
      const call = { method: request.method, url: request.url, headers: request.headers, body,
        fields: Object.fromEntries(new URLSearchParams(body)), at: Date.now() };
      this.calls.push(call);
      if (call.method === 'POST') this.#judge(call);
      const status = await this.answer(call);
      if (status === null) {
        request.socket.destroy();
      } else {
        response.statusCode = status;
        response.end();
      }
      call.answered = status;
      this.emit('call', call);
    });
  }

  #judge(call) {
    try {
      notificationCheck(call);
    } catch (error) {
      this.breaches.push(error);
    }
  }

  url(path = '/notify') {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  get pings() {
    return this.calls.filter((call) => call.method === 'GET');
  }

  get posts() {
    return this.calls.filter((call) => call.method === 'POST');
  }

  // Those of one transfer, by either id.
  postsOf(id) {
    return this.posts.filter(({ fields }) => fields.transaction_id === id || fields.client_transaction_id === id);
  }

  // Waits until check() is true, looking at each call.
  until(check, what) {
    return untilEvent(this, 'call', check,
      () => `${what}; heard: ${JSON.stringify(this.posts.map(({ fields }) => fields))}`);
  }

  // Waits for the transfer's end; all of its posts.
  async end(id) {
    await this.until(() => this.postsOf(id).some(({ fields, answered }) =>
      answered === 200 && (fields.treatment_status === 'VAL' || fields.treatment_status === 'REJ')),
    `the end of ${id} is heard`);
    return this.postsOf(id);
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => { this.server.close(resolve); });
    if (this.breaches.length > 0) throw this.breaches[0];
  }
}
