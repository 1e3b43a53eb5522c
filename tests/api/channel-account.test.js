// A channel's number stands for the account that it was first used for: an operator asked under another account says
// that it never saw what the first one has in hand, which would then be paid twice.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Payoutd, payoutdRun } from './lib/payoutd.js';

describe('the number of a channel', () => {
  let payoutd;
  const settings = { operator_channels_dir: 'channels' };

  function channel(folder, { account = '6f1d6e1a', port = 1, number = 9 } = {}) {
    const secret = path.join(folder, 'secret');
    fs.mkdirSync(path.join(folder, 'channels'), { recursive: true });
    fs.writeFileSync(secret, 'what-no-row-and-no-sentence-holds\n', { mode: 0o600 });
    fs.writeFileSync(path.join(folder, 'channels/mtn-ci.conf'), `[channel]
connector = mtn_momo
number = ${number}
operators = MOMO
url = http://127.0.0.1:${port}
environment = mtnivorycoast
account = ${account}
secret_file = ${secret}
secret_second_file = ${secret}
float_ask = 0ms
`);
  }

  function task(...words) {
    const flags = ['store_url', 'secrets_key_file', 'operator_channels_dir']
      .map((name) => `--${name.replaceAll('_', '-')}=${payoutd.settings[name]}`);
    return payoutdRun([...words, ...flags], { cwd: payoutd.folder });
  }

  // Why it does not start: its sentences about channels.
  async function refused() {
    await assert.rejects(payoutd.run(), /payoutd ended with 1/);
    assert.match(payoutd.events('not started')[0].why, /stands for another account/);
    payoutd.agent.destroy();
    return payoutd.events('channels').map(({ mistake }) => mistake);
  }

  before(async () => {
    payoutd = await Payoutd.start(settings, { prepare: (folder) => channel(folder) });
    await payoutd.stop();
  });
  after(() => payoutd?.end());

  test('is that of the same account at every start', async () => {
    await payoutd.run();
    await payoutd.stop();
  });

  test('starts nothing with another account, and says whose it was', async () => {
    channel(payoutd.folder, { account: 'another' });
    assert.deepEqual(await refused(), ['channel mtn-ci: number 9 was first used for another account ' +
      '(mtn_momo http://127.0.0.1:1 6f1d6e1a mtnivorycoast), and is now for mtn_momo http://127.0.0.1:1 another ' +
      'mtnivorycoast: give this one a number of its own, or, when it is the same account under another address, say ' +
      'so: payoutd accept-channel mtn-ci --person NAME']);
    await refused(); // It was no first use.
  });

  test('starts with that account under a number of its own', async () => {
    channel(payoutd.folder, { account: 'another', number: 10 });
    await payoutd.run();
    await payoutd.stop();
    channel(payoutd.folder, { account: 'another', number: 9 });
    await refused(); // What went through 9 is still the first one's, though no file has it now.
  });

  test('goes on when a person says that the operator moved, which is an act', async () => {
    channel(payoutd.folder, { port: 2 });
    await refused();
    assert.equal(task('accept-channel', 'mtn-ci').status, 2); // Nobody says so.
    assert.equal(task('accept-channel', 'mtn-sn', '--person', 'Awa').status, 1);
    await refused();
    const done = task('accept-channel', 'mtn-ci', '--person', 'Awa');
    assert.equal(done.status, 0, done.stderr);
    assert.match(task('accept-channel', 'mtn-ci', '--person', 'Awa').stdout, /already/);
    await payoutd.run();
    const { acts } = await payoutd.admin('/acts');
    const written = acts.filter(({ what }) => what === 'CHANNEL_ACCEPT');
    assert.equal(written.length, 1);
    assert.equal(written[0].person, 'payoutd:Awa');
    assert.equal(written[0].subject, 'mtn-ci');
    assert.deepEqual(written[0].before, { url: 'http://127.0.0.1:1' });
    assert.deepEqual(written[0].after, { url: 'http://127.0.0.1:2' });
    assert.equal(task('accept-channel', 'mtn-ci', '--person', 'Awa').status, 1); // payoutd runs: the store is its own.
    await payoutd.stop();
  });
});
