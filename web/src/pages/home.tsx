// Home: what there is, what went today, what waits for one, how the operators do.
import { useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import type { HomeReply, Waits } from '../api/types.ts';
import { useApp, useFormat, useMay, useWords } from '../parts/app.ts';
import { Badge, Button, Card, Empty, LinkButton, Loading, Note, Problem, type Tone } from '../parts/basic.tsx';
import { Icon, type IconName } from '../parts/icon.tsx';
import { useLoad } from '../parts/load.ts';
import { Page } from '../parts/page.tsx';
import { HourPlot } from '../parts/plot.tsx';
import { Table } from '../parts/table.tsx';
import { operatorName } from '../rules/countries.ts';
import { figuresByHour, figuresByOperator } from '../rules/figures.ts';
import { href } from '../route.ts';

export function HomePage() {
  const { session, words: { home } } = useApp();
  const may = useMay();
  const loaded = useLoad('home', (signal) => api.get<HomeReply>('/home', { hours: 24 }, signal));
  const reply = loaded.value;
  const title = session?.merchant_name ?? home.title;
  return (
    <Page title={title} actions={may('POST /send') ? <LinkButton kind="main" icon="send" href={href('/send')}>{home.newSend}</LinkButton> : undefined}>
      <Problem text={loaded.problem} again={loaded.reload} />
      {reply === null ? (loaded.loading ? <Loading /> : null) : (
        <>
          <Waiting waits={reply.waits} />
          <Balances reply={reply} />
          {reply.series.length === 0
            ? (
              <Card>
                <Empty icon="send" title={home.empty}>
                  <p>{home.emptyText}</p>
                  {may('POST /send') ? <LinkButton kind="main" href={href('/send')}>{home.firstSend}</LinkButton> : null}
                </Empty>
              </Card>
            )
            : <Plots reply={reply} />}
          <Operators reply={reply} />
        </>
      )}
    </Page>
  );
}

function Balances({ reply }: { reply: HomeReply }) {
  const { home } = useWords();
  const { money } = useFormat();
  return (
    <div class="grid">
      {reply.balances.map(({ currency, available, held }) => {
        const today = reply.today.find((each) => each.currency === currency);
        const ended = (today?.paid ?? 0) + (today?.rejected ?? 0);
        return (
          <Card key={currency}>
            <dl class="figures">
              <div class="figure figure-big"><dt>{home.available}</dt><dd>{money(available, currency)}</dd></div>
              <div class="figure"><dt>{home.held}</dt><dd>{money(held, currency)}</dd></div>
            </dl>
            <dl class="figures">
              <div class="figure"><dt>{home.paidToday}</dt><dd>{money(today?.paid_amount ?? 0, currency)}<div class="figure-more"><People n={today?.paid ?? 0} /></div></dd></div>
              <div class="figure"><dt>{home.underWay}</dt><dd><People n={today?.under_way ?? 0} /></dd></div>
              <div class="figure"><dt>{home.success}</dt><dd><Percent share={ended === 0 ? null : (today?.paid ?? 0) / ended} /></dd></div>
            </dl>
          </Card>
        );
      })}
    </div>
  );
}

function People({ n }: { n: number }) {
  return <>{useWords().common.people(n)}</>;
}

function Percent({ share }: { share: number | null }) {
  const { locale } = useApp();
  return <>{share === null ? '–' : new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }).format(share)}</>;
}

const WAITING: readonly { of: keyof Waits; words: 'lots' | 'doubles' | 'notifications' | 'contradictions' | 'screening' | 'proposals'; to: string; icon: IconName }[] = [
  { of: 'lots', words: 'lots', to: '/lots', icon: 'lots' },
  { of: 'doubles', words: 'doubles', to: '/doubles', icon: 'copy' },
  { of: 'notifications_dead', words: 'notifications', to: '/developers', icon: 'warn' },
  { of: 'proposals', words: 'proposals', to: '/unknown', icon: 'scale' },
  { of: 'contradictions', words: 'contradictions', to: '/unknown', icon: 'scale' },
  { of: 'screening', words: 'screening', to: '/unknown', icon: 'people' },
];

function Waiting({ waits }: { waits: Waits }) {
  const { home } = useWords();
  const shown = WAITING.filter(({ of }) => waits[of] > 0);
  if (shown.length === 0) return <Note tone="good"><p>{home.nothingWaits}</p></Note>;
  return (
    <section aria-label={home.waits}>
      <ul class="choices">
        {shown.map(({ of, words, to, icon }) => (
          <li key={of} class="stack"><a class="choice" href={href(to)}><strong><Icon name={icon} />{home[words](waits[of])}</strong></a></li>
        ))}
      </ul>
    </section>
  );
}

function Plots({ reply }: { reply: HomeReply }) {
  const { home } = useWords();
  const { number, time, duration } = useFormat();
  const hours = figuresByHour(reply.series, reply.series_from, reply.at);
  const operators = figuresByOperator(reply.series).filter(({ payMs }) => payMs !== null);
  const slowest = Math.max(1, ...operators.map(({ payMs }) => payMs ?? 0));
  return (
    <div class="grid">
      <Card title={home.plotPaid} text={home.plotText}>
        <ul class="legend small">
          <li><span class="dot dot-good" />{home.paid}</li>
          <li><span class="dot dot-bad" />{home.refused}</li>
        </ul>
        <HourPlot label={home.plotPaid} hours={hours.map(({ at }) => at)}
          series={[{ label: home.paid, tone: 'good', values: hours.map(({ paid }) => paid) }, { label: home.refused, tone: 'bad', values: hours.map(({ rejected }) => rejected) }]} />
        <details>
          <summary>{home.asTable}</summary>
          <Table label={home.plotPaid} rows={hours.filter(({ paid, rejected, underWay }) => paid + rejected + underWay > 0)} keyOf={({ at }) => String(at)} columns={[
            { title: home.hour, head: true, cell: ({ at }) => time(new Date(at).toISOString()) },
            { title: home.paid, number: true, cell: ({ paid }) => number(paid) },
            { title: home.refused, number: true, cell: ({ rejected }) => number(rejected) },
            { title: home.underWay, number: true, cell: ({ underWay }) => number(underWay) },
          ]} />
        </details>
      </Card>
      <Card title={home.plotTime} text={home.plotTimeText}>
        <ul class="stack">
          {operators.map(({ key, operator, country, payMs }) => (
            <li key={key} class="stack-close">
              <div class="between"><span>{operatorName(operator)} {country}</span><span class="strong">{duration(payMs ?? 0)}</span></div>
              <div class="meter" aria-hidden="true"><span class="meter-good" style={{ width: `${Math.max(2, 100 * (payMs ?? 0) / slowest)}%` }} /></div>
            </li>
          ))}
        </ul>
      </Card>
    </div>
  );
}

const OPERATOR_TONES: Record<'AVAILABLE' | 'DOWN' | 'OFF', Tone> = { AVAILABLE: 'good', DOWN: 'bad', OFF: 'warn' };

function Operators({ reply }: { reply: HomeReply }) {
  const { home, common } = useWords();
  const { number, duration, time } = useFormat();
  const figures = figuresByOperator(reply.series);
  const figure = (key: number) => figures.find((each) => each.key === String(key));
  const [all, allSet] = useState(false);
  // Those that somebody has reason to look at: the rest is one press away.
  const busy = reply.operators.filter(({ operator_number: key, status }) => figure(key) !== undefined || status !== 'AVAILABLE');
  const rows = all || busy.length === 0 ? reply.operators : busy;
  return (
    <Card flush title={home.operators} text={home.operatorsText}
      actions={busy.length === 0 || busy.length === reply.operators.length ? undefined : <Button small kind="quiet" pressed={all} onClick={() => allSet(!all)}>{home.allOperators}</Button>}>
      <Table label={home.operators} rows={rows} keyOf={({ operator_number: key }) => String(key)} columns={[
        { title: common.operator, head: true, cell: ({ operator, country }) => `${operatorName(operator)} ${country}` },
        { title: common.state, cell: ({ status, since }) => <><Badge tone={OPERATOR_TONES[status]}>{home[status]}</Badge>{since === null ? null : <div class="soft small">{home.since} {time(since)}</div>}</> },
        { title: home.paid, number: true, cell: ({ operator_number: key }) => number(figure(key)?.paid ?? 0) },
        { title: home.refused, number: true, cell: ({ operator_number: key }) => number(figure(key)?.rejected ?? 0) },
        { title: home.success, number: true, cell: ({ operator_number: key }) => <Percent share={figure(key)?.success ?? null} /> },
        { title: home.timeToPay, number: true, cell: ({ operator_number: key }) => { const ms = figure(key)?.payMs ?? null; return ms === null ? '–' : duration(ms); } },
      ]} />
    </Card>
  );
}
