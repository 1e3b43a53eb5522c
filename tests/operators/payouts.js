// Pays N people through each simulated operator, with every fault at once, and writes the table of
// docs/operators.md: node tests/operators/payouts.js [--count N] [--percent P] [--seed S] [--pace P] [--operators a,b]
import { parseArgs } from 'node:util';
import { OPERATORS, payouts } from './lib/payouts.js';

const { values } = parseArgs({ options: {
  count: { type: 'string', default: '20000' },
  percent: { type: 'string', default: '5' },
  seed: { type: 'string', default: '1' },
  pace: { type: 'string', default: '2' },
  operators: { type: 'string', default: Object.keys(OPERATORS).join(',') },
} });

const number = (value) => value.toLocaleString('en');
console.log('| operator | payouts | paid | sum, equal on both sides | rejected | by a person | paid twice '
  + '| calls | faults | callbacks | seconds |');
console.log('|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|');
for (const name of values.operators.split(',')) {
  const row = await payouts(name, { count: Number(values.count), percent: Number(values.percent),
    seed: Number(values.seed), pace: Number(values.pace), deadlineMs: 3600000 });
  console.log(`| ${name} | ${[row.count, row.paid, row.paidAmount, row.rejected, row.settled, row.doubles, row.calls,
    row.faults, row.callbacks, Math.round(row.seconds)].map(number).join(' | ')} |`);
}
