// docs/api/openapi.json as a judge: whether a reply of the API's is one that it tells of.
import fs from 'node:fs';
import Ajv from 'ajv/dist/2020.js';

export const spec = JSON.parse(fs.readFileSync(new URL('../../../docs/api/openapi.json', import.meta.url), 'utf8'));
const ajv = new Ajv({ strictTypes: false, validateFormats: false });
ajv.addVocabulary(Object.keys(spec)); // The document's own members are no schema's.
ajv.addSchema(spec, 'openapi');

const pointer = (...parts) => `openapi#/${parts.map((part) =>
  encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;

function demand(what, value, ...parts) {
  const check = ajv.getSchema(pointer(...parts));
  if (check === undefined) throw new Error(`openapi.json: there is no ${parts.join(' ')}`);
  if (!check(value)) {
    throw new Error(`openapi.json says otherwise of ${what}: ${ajv.errorsText(check.errors)}\n${JSON.stringify(value)}`);
  }
}

// The path of a request line as the server takes it; undefined when the API has none such.
function pathOf(target) {
  let path = target.replace(/^\w+:\/\/[^/]*/, '').split('?')[0];
  try {
    path = decodeURIComponent(path);
  } catch {
    return undefined; // Then it is none of the API's.
  }
  path = path.replace(/\/+/g, '/').replace(/[/ \t]+$/, '');
  return Object.hasOwn(spec.paths, path) ? path : undefined;
}

// Throws unless the reply {status, headers, text} is one that the API gives to such a request. statuses: false for a
// server whose settings give refusals other statuses than the codes' own.
export function replyCheck(method, target, reply, { statuses = true } = {}) {
  const path = pathOf(target);
  if (path === undefined || method === 'HEAD' || method === 'OPTIONS') return;
  // To a method that is not there the answer is a refusal like any other.
  const by = method.toLowerCase() in spec.paths[path] ? method.toLowerCase() : Object.keys(spec.paths[path])[0];
  const { responses } = spec.paths[path][by];
  const body = JSON.parse(reply.text);
  const what = `${method} ${path}, answered with ${reply.status}`;
  if (statuses || body.code === 0) {
    if (!(reply.status in responses)) throw new Error(`openapi.json knows no status ${reply.status} of ${what}: ${reply.text}`);
    demand(what, body, 'paths', path, by, 'responses', reply.status, 'content', 'application/json', 'schema');
  } else {
    const told = Object.entries(responses).find(([status, { content }]) => status !== '200'
      && content['application/json'].schema.properties.code.enum.includes(body.code));
    if (told === undefined) throw new Error(`openapi.json knows no code ${body.code} of ${what}`);
    demand(what, body, 'paths', path, by, 'responses', told[0], 'content', 'application/json', 'schema');
  }
  for (const name of Object.keys(responses[reply.status]?.headers ?? {})) {
    if (reply.headers[name.toLowerCase()] === undefined) throw new Error(`openapi.json promises ${name} to ${what}`);
  }
}

// Throws unless a notification {headers, body} is one that the API sends.
export function notificationCheck({ headers, body }) {
  const { requestBody, parameters } = spec.webhooks.transfer.post;
  const type = headers['content-type'];
  if (!(type in requestBody.content)) throw new Error(`openapi.json knows no notification of ${type}`);
  const value = type === 'application/json' ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body));
  demand('a notification', value, 'webhooks', 'transfer', 'post', 'requestBody', 'content', type, 'schema');
  for (const { name } of parameters) {
    if (headers[name] === undefined) throw new Error(`openapi.json promises ${name} to a notification`);
  }
}
