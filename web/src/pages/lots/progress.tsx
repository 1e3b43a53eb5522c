// How far a lot is, as it happens: server-sent events, or asking now and then where they do not come.
import { useEffect, useRef, useState } from 'preact/hooks';
import { api, apiPath } from '../../api/client.ts';
import type { LotReply, Progress, TransferState } from '../../api/types.ts';
import { useFormat, useWords } from '../../parts/app.ts';
import { Card, LinkButton, Note } from '../../parts/basic.tsx';

const ASK_MS = 2000;

export function useProgress(lot: string): Progress | null {
  const [progress, progressSet] = useState<Progress | null>(null);
  useEffect(() => {
    const path = `/lots/${encodeURIComponent(lot)}`;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const source = new EventSource(apiPath(`${path}/events`));
    const ask = () => {
      void api.get<Progress>(`${path}/progress`).then((now) => {
        if (gone) return;
        progressSet(now);
        if (!now.done) timer = setTimeout(ask, ASK_MS);
      }, () => { if (!gone) timer = setTimeout(ask, ASK_MS); });
    };
    source.addEventListener('progress', (event) => {
      const now = JSON.parse((event as MessageEvent<string>).data) as Progress;
      progressSet(now);
      if (now.done) source.close();
    });
    source.addEventListener('end', () => source.close());
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED && !gone) ask();
    });
    return () => {
      gone = true;
      source.close();
      clearTimeout(timer);
    };
  }, [lot]);
  return progress;
}

export function LotProgress({ lot, onDone }: { lot: LotReply; onDone: () => void }) {
  const { lots } = useWords();
  const { number } = useFormat();
  const progress = useProgress(lot.lot);
  const told = useRef(false);
  const first = useRef<boolean | null>(null);
  if (progress !== null && first.current === null) first.current = progress.done;
  useEffect(() => {
    if (progress?.done !== true || told.current) return;
    told.current = true;
    if (first.current === false) onDone(); // It ended before one's eyes: the list below is old.
  }, [progress?.done]);
  const count = (...states: TransferState[]) => (progress?.states ?? []).filter(({ state }) => states.includes(state)).reduce((sum, each) => sum + each.count, 0);
  const paid = count('VAL');
  const refused = count('REJ');
  const checking = count('NOS');
  const all = Math.max(1, progress?.count ?? lot.count);
  const share = (n: number) => ({ width: `${100 * n / all}%` });
  return (
    <Card title={progress?.done ? lots.done : lots.progress} actions={<LinkButton icon="down" download href={apiPath(`/lots/${encodeURIComponent(lot.lot)}/result.csv`)}>{lots.result}</LinkButton>}>
      <div class="meter" role="progressbar" aria-label={lots.progress} aria-valuemin={0} aria-valuemax={all} aria-valuenow={paid + refused}
        aria-valuetext={lots.progressText(number(paid + refused), number(all))}>
        <span class="meter-good" style={share(paid)} /><span class="meter-bad" style={share(refused)} /><span class="meter-warn" style={share(checking)} />
      </div>
      <ul class="legend">
        <li><span class="dot dot-good" />{lots.paid} <strong>{number(paid)}</strong></li>
        <li><span class="dot dot-bad" />{lots.refused} <strong>{number(refused)}</strong></li>
        {checking > 0 ? <li><span class="dot dot-warn" />{lots.checking} <strong>{number(checking)}</strong></li> : null}
        <li><span class="dot" />{lots.underWay} <strong>{number(all - paid - refused - checking)}</strong></li>
      </ul>
      <div role="status">
        {progress === null ? null : !progress.done ? <p class="soft">{lots.progressText(number(paid + refused), number(all))}</p>
          : refused === 0 ? <Note tone="good"><p>{lots.doneAll(paid)}</p></Note> : <Note tone="warn"><p>{lots.doneSome(paid, refused)}</p></Note>}
      </div>
    </Card>
  );
}
