// A place of its own for each payoutd in the server that tests/postgres/server.py runs.
'use strict';
const { spawnSync } = require('node:child_process');

let made = 0;

// The URL of a store of one's own; undefined when there is no such server.
exports.storeUrl = () => {
  const server = process.env.PAYOUT_TEST_POSTGRES;
  if (server === undefined) return undefined;
  const name = `n${process.pid}_${++made}`;
  const done = spawnSync('psql', [server, '--no-psqlrc', '--quiet', '--command', `CREATE SCHEMA ${name}`],
    { encoding: 'utf8' });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(done.stderr);
  return `${server}&options=-csearch_path%3D${name}`;
};
