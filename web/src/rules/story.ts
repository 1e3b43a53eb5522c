// A payment's story, from what is known of it: the request, its way to the operator, the end, what was told. Pure.
import type { StoryLine, TransferReply } from '../api/types.ts';

// The oldest first.
export function storyOf(transfer: TransferReply): StoryLine[] {
  const lines: StoryLine[] = [{ at: transfer.created_at, kind: 'accepted', amount: transfer.amount, currency: transfer.currency }];
  if (transfer.submitted_at) lines.push({ at: transfer.submitted_at, kind: 'submitted', operator: transfer.operator });
  if (transfer.state === 'VAL' && transfer.validated_at) {
    lines.push({ at: transfer.validated_at, kind: 'paid', operator: transfer.operator, operator_reference: transfer.operator_reference ?? '' });
  }
  if (transfer.state === 'REJ') lines.push({ at: transfer.changed_at, kind: 'rejected', reason: transfer.reason ?? '' });
  for (const { endpoint, number, attempt, at, duration_ms, http_status, error } of transfer.deliveries ?? []) {
    lines.push({ at, kind: 'notified', endpoint, number, attempt, duration_ms, http_status, error });
  }
  for (const { at, person, outcome, evidence } of transfer.settlements ?? []) lines.push({ at, kind: 'proposed', person, outcome, evidence });
  for (const { at, person, evidence } of transfer.reversals ?? []) lines.push({ at, kind: 'reversal', person: person ?? '', evidence: evidence ?? '' });
  for (const { at } of transfer.contradictions ?? []) lines.push({ at, kind: 'contradicted' });
  return lines.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}
