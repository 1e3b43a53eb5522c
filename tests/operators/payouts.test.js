// A few payouts through each simulated operator, with every fault at once: what payouts.js does with
// 20,000. They wait for the most part, so all of them go at a time.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OPERATORS, payouts } from './lib/payouts.js';

describe('at 5 % of every fault nobody is paid twice, both sides agree, all have ended and were told', { concurrency: true }, () => {
  for (const name of Object.keys(OPERATORS)) {
    test(name, async () => {
      const row = await payouts(name, { count: 60 });
      assert.ok(row.paid > 20, `${row.paid} were paid`);
      assert.ok(row.faults > 60, `${row.faults} faults happened`);
    });
  }
});
