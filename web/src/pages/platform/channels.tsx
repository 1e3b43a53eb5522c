// The ways by which money leaves, and the platform's own money.
import { useState } from 'preact/hooks';
import { api } from '../../api/client.ts';
import type { Channel } from '../../api/types.ts';
import { useApp, useFormat, useWords } from '../../parts/app.ts';
import { Badge, Button, Card, Loading, Note, Problem } from '../../parts/basic.tsx';
import { ReasonDialog } from '../../parts/dialog.tsx';
import { useLoad } from '../../parts/load.ts';
import { Page } from '../../parts/page.tsx';
import { Table } from '../../parts/table.tsx';
import { methodName } from '../../rules/countries.ts';

type Currency = Record<string, number | string> & { currency: string; total: number };

export function ChannelsPage() {
  const { words: { platform }, say } = useApp();
  const loaded = useLoad('channels', (signal) => api.get<{ channels: Channel[] }>('/channels', {}, signal));
  const [asks, asksSet] = useState<Channel | null>(null);
  return (
    <Page title={platform.channels} text={platform.channelsText}>
      <Problem text={loaded.problem} again={loaded.reload} />
      {loaded.value === null ? (loaded.loading ? <Loading /> : null) : <Card flush><ChannelTable rows={loaded.value.channels} onAsk={asksSet} /></Card>}
      <Funds />
      {asks === null ? null : (
        <ReasonDialog title={platform.switchTitle(asks.name, !asks.off)} does={asks.off ? platform.switchOn : platform.switchOff} bad={!asks.off} label={platform.why} hint={platform.whyHint}
          onClose={() => asksSet(null)} act={async (reason) => {
            await api.post(`/channels/${encodeURIComponent(asks.name)}/switch`, { switch: asks.off ? 'on' : 'off', reason });
            say(platform.switched);
            loaded.reload();
          }}>
          {asks.off ? null : <p>{platform.switchOffText}</p>}
        </ReasonDialog>
      )}
    </Page>
  );
}

function ChannelTable({ rows, onAsk }: { rows: readonly Channel[]; onAsk: (channel: Channel) => void }) {
  const { platform, common } = useWords();
  const { money, number, time } = useFormat();
  return (
    <Table label={platform.channels} rows={rows} keyOf={({ name }) => name} columns={[
      { title: platform.channel, head: true, cell: ({ name, operators }) => <><span class="strong">{name}</span><div class="soft small">{operators.slice(0, 4).map(methodName).join(', ')}{operators.length > 4 ? ` +${operators.length - 4}` : ''}</div></> },
      { title: common.state, cell: ({ off, state, reason }) => (
        <>
          <Badge tone={off ? 'warn' : state === 'open' ? 'good' : state === 'down' ? 'bad' : 'warn'}>{off ? platform.off : platform.states[state] ?? state}</Badge>
          {off && reason ? <div class="soft small breaks">{reason}</div> : null}
        </>) },
      { title: platform.float, number: true, cell: ({ float, float_at: at, float_low: low, currency }) => (float === null ? <span class="soft">{platform.floatNone}</span>
        : <>{money(float, currency ?? 'XOF')}{low ? <div><Badge tone="bad">{platform.floatLow}</Badge></div> : null}{at === null ? null : <div class="soft small">{time(at)}</div>}</>) },
      { title: platform.waiting, number: true, cell: ({ waiting }) => number(waiting) },
      { title: platform.underWay, number: true, cell: ({ under_way: n }) => number(n) },
      { title: platform.answered, number: true, cell: ({ answered }) => number(answered) },
      { title: platform.failed, number: true, cell: ({ failed }) => number(failed) },
      { title: common.edit, bare: true, cell: (channel) => <Button small kind={channel.off ? 'main' : 'bad'} label={`${channel.off ? platform.switchOn : platform.switchOff} : ${channel.name}`} onClick={() => onAsk(channel)}>{channel.off ? platform.switchOn : platform.switchOff}</Button> },
    ]} />
  );
}

function Funds() {
  const { platform, lots } = useWords();
  const { money } = useFormat();
  const loaded = useLoad('summary', (signal) => api.get<{ currencies: Currency[] }>('/summary', {}, signal));
  const named: [string, string][] = [['available', platform.available], ['held', platform.held], ['float', platform.float], ['fees', lots.fees], ['suspense', platform.suspense]];
  return (
    <Card title={platform.money} text={platform.moneyText}>
      <Problem text={loaded.problem} again={loaded.reload} />
      {(loaded.value?.currencies ?? []).map((each) => (
        <div key={each.currency} class="stack-close">
          <dl class="figures">
            {named.map(([kind, text]) => <div key={kind} class="figure"><dt>{text}</dt><dd>{money(Number(each[kind] ?? 0), each.currency)}</dd></div>)}
          </dl>
          <Note tone={each.total === 0 ? 'good' : 'bad'}><p>{each.total === 0 ? platform.balanced : platform.notBalanced}</p></Note>
        </div>
      ))}
    </Card>
  );
}
