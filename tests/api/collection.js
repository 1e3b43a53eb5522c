// Writes docs/api/payout.postman_collection.json anew, from what a payoutd of its own answers: node collection.js
import fs from 'node:fs';
import { collectionMake } from './lib/collection.js';
import { Payoutd } from './lib/payoutd.js';
import { Receiver } from './lib/receiver.js';

const payoutd = await Payoutd.start();
const receiver = await Receiver.start();
try {
  const made = await collectionMake(payoutd, await payoutd.merchant({ money: 663000 }), receiver.url());
  fs.writeFileSync(new URL('../../docs/api/payout.postman_collection.json', import.meta.url), `${JSON.stringify(made, null, 2)}\n`);
} finally {
  await payoutd.end();
  await receiver.stop();
}
