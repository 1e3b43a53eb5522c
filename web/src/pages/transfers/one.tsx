// One payment: what it is, its story from beginning to end, what the merchant's server was told of it.
import { useState } from 'preact/hooks';
import { api } from '../../api/client.ts';
import type { NotificationTold, StoryLine, TransferReply } from '../../api/types.ts';
import { useApp, useFormat, useMay, useWords } from '../../parts/app.ts';
import { Badge, Button, Card, LinkButton, Loading, Note, Problem, StateBadge, type Tone } from '../../parts/basic.tsx';
import { useAct, useLoad } from '../../parts/load.ts';
import { Page } from '../../parts/page.tsx';
import { href } from '../../route.ts';
import { COUNTRIES, operatorName } from '../../rules/countries.ts';
import { phoneShow } from '../../rules/number.ts';
import { storyOf } from '../../rules/story.ts';

export function TransferPage({ id }: { id: string }) {
  const { words: { transfers } } = useApp();
  const { money } = useFormat();
  const path = `/transfers/${encodeURIComponent(id)}`;
  const loaded = useLoad(path, (signal) => api.get<TransferReply>(path, {}, signal));
  const transfer = loaded.value;
  return (
    <Page title={transfer === null ? transfers.one : `${transfers.one} · ${money(transfer.amount, transfer.currency)}`} back={{ to: '/transfers', text: transfers.title }}
      actions={transfer === null ? undefined : <StateBadge state={transfer.state} confirmed={transfer.confirmed} />}>
      <Problem text={loaded.problem} again={loaded.reload} />
      {transfer === null ? (loaded.loading ? <Loading /> : null) : (
        <div class="grid">
          <div class="stack">
            <Facts transfer={transfer} />
            <Notifications transfer={transfer} onSent={loaded.reload} />
          </div>
          <Card title={transfers.story}><Story lines={storyOf(transfer)} /></Card>
        </div>
      )}
    </Page>
  );
}

function Facts({ transfer }: { transfer: TransferReply }) {
  const { transfers, common, send, reason: reasons } = useWords();
  const { money, time } = useFormat();
  const name = `${transfer.name ?? ''} ${transfer.surname ?? ''}`.trim();
  return (
    <Card title={transfers.facts}>
      {transfer.reason ? <Note tone={transfer.state === 'REJ' ? 'bad' : 'info'}><p>{reasons[transfer.reason] ?? transfer.comment ?? transfer.reason}</p></Note> : null}
      <dl class="facts">
        <dt>{transfers.receiver}</dt>
        <dd>{name === '' ? null : <div class="strong">{name}</div>}<a href={href(`/contacts/${transfer.receiver_e164.replace('+', '')}`)}>{phoneShow(transfer.receiver_e164, COUNTRIES)}</a></dd>
        <dt>{common.amount}</dt><dd class="strong">{money(transfer.amount, transfer.currency)}</dd>
        <dt>{send.fee}</dt><dd>{money(transfer.fee, transfer.currency)}</dd>
        <dt>{common.operator}</dt><dd>{operatorName(transfer.operator)}</dd>
        <dt>{common.date}</dt><dd>{time(transfer.created_at)}</dd>
        <dt>{transfers.id}</dt><dd><code>{transfer.transaction_id}</code></dd>
        {transfer.client_transaction_id === null ? null : <><dt>{transfers.ownId}</dt><dd><code>{transfer.client_transaction_id}</code></dd></>}
        {transfer.operator_reference ? <><dt>{transfers.operatorReference}</dt><dd><code>{transfer.operator_reference}</code></dd></> : null}
        <dt>{transfers.lot}</dt><dd><a href={href(`/lots/${transfer.lot}`)}>{transfer.lot}</a></dd>
      </dl>
    </Card>
  );
}

const LINE_TONES: Record<string, Tone> = { paid: 'good', rejected: 'bad', cancelled: 'bad', expired: 'bad', contradicted: 'warn', proposed: 'warn' };

function Story({ lines }: { lines: readonly StoryLine[] }) {
  const { transfers } = useWords();
  const { moment } = useFormat();
  const text = useLineText();
  return (
    <ol class="timeline">
      {lines.map((line, index) => (
        <li key={`${index}-${line.at}`} class={`is-${line.kind === 'notified' && line.error ? 'warn' : LINE_TONES[line.kind] ?? 'plain'}`}>
          <span class="strong">{transfers.kind[line.kind] ?? line.kind}</span>
          {text(line) === '' ? null : <span class="small breaks">{text(line)}</span>}
          <time class="soft small" dateTime={line.at}>{moment(line.at)}</time>
        </li>
      ))}
    </ol>
  );
}

function useLineText(): (line: StoryLine) => string {
  const { transfers, reason: reasons } = useWords();
  const { money, duration } = useFormat();
  return (line) => {
    const parts: string[] = [];
    if (line.movement !== undefined) parts.push(transfers.movement[line.movement.toLowerCase()] ?? line.movement);
    if (line.amount !== undefined && line.currency !== undefined) parts.push(money(line.amount, line.currency));
    if (line.from_account !== undefined && line.to_account !== undefined) {
      const [from, to] = [line.from_account, line.to_account].map((kind) => transfers.account[kind.toLowerCase()] ?? kind);
      parts.push(transfers.fromTo(from ?? '', to ?? ''));
    }
    if (line.operator) parts.push(operatorName(line.operator));
    if (line.operator_reference) parts.push(line.operator_reference);
    if (line.person) parts.push(`${transfers.by} ${line.person}`);
    if (line.kind === 'notified') parts.push(line.http_status ? `HTTP ${line.http_status}` : transfers.noAnswer);
    if (line.duration_ms !== undefined) parts.push(duration(line.duration_ms));
    for (const more of [line.reason === undefined ? line.comment : reasons[line.reason] ?? line.reason, line.outcome, line.evidence, line.error]) if (more) parts.push(more);
    return parts.join(' · ');
  };
}

const TOLD_TONES: Record<string, Tone> = { DELIVERED: 'good', DEAD: 'bad' };

function Notifications({ transfer, onSent }: { transfer: TransferReply; onSent: () => void }) {
  const { words: { transfers }, say } = useApp();
  const may = useMay();
  const acting = useAct();
  const [sent, sentSet] = useState<string | null>(null);
  const all = transfer.notifications ?? [];
  const again = (one: NotificationTold) => acting.run(async () => {
    sentSet(`${one.endpoint}-${one.number}`);
    await api.post('/notifications/redeliver', { transaction_id: transfer.transaction_id, endpoint: one.endpoint, number: one.number });
    say(transfers.sentAgain);
    onSent();
  });
  return (
    <Card title={transfers.notifications} text={transfers.notificationsText}>
      <Problem text={acting.problem} />
      {all.length === 0 ? <p class="soft">{transfers.noNotifications}</p> : (
        <ul class="stack">
          {all.map((one) => {
            const key = `${one.endpoint}-${one.number}`;
            const ended = one.state === 'DELIVERED' || one.state === 'DEAD';
            return (
              <li key={key} class="stack-close">
                <div class="between">
                  <span class="row"><Badge tone={TOLD_TONES[one.state] ?? 'info'}>{transfers.told[one.state] ?? one.state}</Badge><StateBadge state={one.treatment_status} /></span>
                  {may('POST /notifications/redeliver') && ended
                    ? <Button small icon="again" busy={acting.busy && sent === key} onClick={() => { void again(one); }}>{transfers.sendAgain}</Button> : null}
                </div>
                {one.endpoint === 0 ? <span class="small breaks">{transfer.notify_url}</span> : null}
                <Answers transfer={transfer} one={one} />
              </li>
            );
          })}
        </ul>
      )}
      <div><LinkButton small kind="quiet" href={href(`/contacts/${transfer.receiver_e164.replace('+', '')}`)}>{transfers.contact}</LinkButton></div>
    </Card>
  );
}

function Answers({ transfer, one }: { transfer: TransferReply; one: NotificationTold }) {
  const { transfers } = useWords();
  const { time, duration } = useFormat();
  const tries = (transfer.deliveries ?? []).filter(({ endpoint, number }) => endpoint === one.endpoint && number === one.number);
  return (
    <details>
      <summary>{transfers.tries(tries.length)}</summary>
      <div class="stack-close">
        {tries.length === 0 ? null : <span class="small soft">{transfers.answers}</span>}
        <ul class="small">
          {tries.map(({ attempt, at, duration_ms: ms, http_status: status, error }) => (
            <li key={attempt}>{time(at)} · {status === 0 ? transfers.noAnswer : `HTTP ${status}`} · {duration(ms)}{error === '' ? '' : ` · ${error}`}</li>))}
        </ul>
      </div>
    </details>
  );
}
