// A payment's story, from what is known of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TransferReply } from '../src/api/types.ts';
import { storyOf } from '../src/rules/story.ts';

const at = (second: number) => `2026-12-01T09:30:0${second}.000Z`;
const transfer: TransferReply = { transaction_id: 'EA', merchant: 1, lot: '1', client_transaction_id: null, receiver_e164: '+2250707895086', operator: 'OM', amount: 500, fee: 0, currency: 'XOF',
  confirmed: true, state: 'VAL', reason: null, comment: null, operator_reference: 'sb-1', created_at: at(0), changed_at: at(2), validated_at: at(2), submitted_at: at(1), notify_url: '', notifications: [],
  deliveries: [{ endpoint: 0, number: 1, attempt: 1, at: at(3), duration_ms: 5, http_status: 200, error: '' }] };
const kinds = (part: Partial<TransferReply>) => storyOf({ ...transfer, ...part }).map(({ kind }) => kind);

test('a paid one was accepted, submitted, paid, told', () => {
  assert.deepEqual(kinds({}), ['accepted', 'submitted', 'paid', 'notified']);
});

test('one that waits has only begun', () => {
  assert.deepEqual(kinds({ state: 'NEW', submitted_at: null, validated_at: null, deliveries: [] }), ['accepted']);
});

test('what persons decided stands where it happened', () => {
  assert.deepEqual(kinds({ state: 'REJ', validated_at: null, reason: 'DECIDED_BY_PERSON', changed_at: at(6), settlements: [{ at: at(5), person: 'awa', outcome: 'rejected', evidence: 'x' }] }),
    ['accepted', 'submitted', 'notified', 'proposed', 'rejected']);
});
