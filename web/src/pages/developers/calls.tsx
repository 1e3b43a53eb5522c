// The last calls of the API, as they come in.
import { useEffect, useState } from 'preact/hooks';
import { api } from '../../api/client.ts';
import type { ApiCall } from '../../api/types.ts';
import { problemText, useApp, useFormat, useWords } from '../../parts/app.ts';
import { Badge, Button, Card, Empty, Loading, Problem } from '../../parts/basic.tsx';

const ASK_MS = 2000;
const KEPT_MAX = 50;

function useCalls(merchant: string, follows: boolean) {
  const { words } = useApp();
  const [calls, callsSet] = useState<ApiCall[] | null>(null);
  const [problem, problemSet] = useState<string | null>(null);
  useEffect(() => {
    if (!follows) return undefined;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    let last = calls?.[0]?.number;
    const ask = async () => {
      try {
        const reply = await api.get<{ calls: ApiCall[] }>('/calls', { merchant, after: last }, abort.signal);
        last = reply.calls[0]?.number ?? last;
        callsSet((before) => [...reply.calls, ...before ?? []].slice(0, KEPT_MAX));
        problemSet(null);
      } catch (failure) {
        if (abort.signal.aborted) return;
        problemSet(problemText(failure, words));
      }
      timer = setTimeout(() => { void ask(); }, ASK_MS);
    };
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [merchant, follows]);
  return { calls, problem };
}

export function CallsTab({ merchant }: { merchant: string }) {
  const { developers } = useWords();
  const [follows, followsSet] = useState(true);
  const { calls, problem } = useCalls(merchant, follows);
  return (
    <Card title={developers.calls} text={developers.callsText}
      actions={<>{follows ? <Badge tone="good">{developers.live}</Badge> : null}<Button small onClick={() => followsSet(!follows)}>{follows ? developers.pause : developers.follow}</Button></>}>
      <Problem text={problem} />
      {calls === null ? (problem === null ? <Loading /> : null)
        : calls.length === 0 ? <Empty icon="pulse" title={developers.callsEmpty}><p>{developers.callsEmptyText}</p></Empty>
          : <ul class="stack">{calls.map((call) => <Call key={call.number} call={call} />)}</ul>}
    </Card>
  );
}

function Call({ call }: { call: ApiCall }) {
  const { developers } = useWords();
  const { clock, duration } = useFormat();
  const good = call.status < 400;
  return (
    <li>
      <details>
        <summary><Badge tone={good ? 'good' : 'bad'}>{call.status}</Badge> <code class="breaks">{call.method} {call.path}</code> <span class="soft small">{clock(call.at)} · {duration(call.duration_us / 1000)} · {developers.from} {call.from}</span></summary>
        <div class="stack-close">
          <span class="small soft">{developers.request}</span>
          <pre class="code" tabIndex={0} aria-label={developers.request}>{[call.query === '' ? call.path : `${call.path}?${call.query}`, call.body].filter((part) => part !== '').join('\n\n')}</pre>
          <span class="small soft">{developers.answer}</span>
          <pre class="code" tabIndex={0} aria-label={developers.answer}>{call.answer}</pre>
        </div>
      </details>
    </li>
  );
}
