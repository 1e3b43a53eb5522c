// HTTP as raw as the tests need it: any method with any body, the target exactly as it is given, every
// header as it came.
import http from 'node:http';
import https from 'node:https';
import { replyCheck } from './spec.js';

// tls: what node's tls.connect wants to know; without it the request goes in the clear.
// Resolves with {status, headers, text}; json() reads the text. Rejects when there is no whole reply, and when a
// reply of the API's is none that openapi.json tells of (statuses: lib/spec.js).
export function request(port, { method = 'GET', target, headers = {}, body, agent, tls, chunked = false, statuses }) {
  return new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const length = bytes === undefined || chunked ? {} : { 'Content-Length': bytes.length };
    const sent = (tls === undefined ? http : https).request(
      { host: '127.0.0.1', port, method, path: target, agent, ...tls, headers: { ...length, ...headers } },
      (response) => {
        const pieces = [];
        response.on('data', (piece) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          if (!response.complete) {
            reject(new Error('the reply was cut off'));
            return;
          }
          const text = Buffer.concat(pieces).toString();
          const reply = { status: response.statusCode, headers: response.headers, text, json: () => JSON.parse(text) };
          try {
            replyCheck(method, target, reply, { statuses });
            resolve(reply);
          } catch (error) {
            reject(error);
          }
        });
      });
    sent.on('error', reject);
    if (chunked) sent.write(bytes); // Without a length that comes first.
    sent.end(chunked ? undefined : bytes);
  });
}

// name=value&… as browsers write it; what is undefined is left out.
export function urlencoded(fields) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

export const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
export const JSON_TYPE = { 'Content-Type': 'application/json' };

// A multipart/form-data body and its header.
export function multipart(fields, boundary = '----payoutdtest7MA4YWxk') {
  const parts = Object.entries(fields).map(([name, value]) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  return { headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
    body: `${parts.join('')}--${boundary}--\r\n` };
}
