// Collections of requests, run by newman.
import newman from 'newman';
import { replyCheck } from './spec.js';

function executions(collection, variables) {
  const envVar = Object.entries(variables).map(([key, value]) => ({ key, value }));
  return new Promise((resolve, reject) => {
    newman.run({ collection, envVar, reporters: [], timeoutRequest: 10000 }, (error, summary) => {
      const failed = error ?? summary.run.failures[0]?.error;
      if (failed) reject(failed);
      else resolve(summary.run.executions);
    });
  });
}

// What newman sent and got, by the request's name; every reply is held against openapi.json, and a test of the
// collection's own that fails rejects. variables: name → value.
export async function collectionRun(collection, variables = {}) {
  const replies = {};
  for (const { item, request, response } of await executions(collection, variables)) {
    const headers = Object.fromEntries(response.headers.map(({ key, value }) => [key.toLowerCase(), value]));
    const text = response.stream.toString();
    const reply = { status: response.code, headers, text, json: () => JSON.parse(text),
      names: response.headers.map(({ key }) => key), sent: request };
    replyCheck(request.method, request.url.getPath(), reply);
    replies[item.name] = reply;
  }
  return replies;
}
