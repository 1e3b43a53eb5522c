// What is said of a line.
import { useFormat, useWords } from '../../parts/app.ts';
import { Badge } from '../../parts/basic.tsx';
import type { Verdict, Wrong } from '../../rules/payment.ts';

export function useWrongText(): (wrong: Wrong) => string {
  const { send: { wrong: words } } = useWords();
  const { money } = useFormat();
  return (wrong) => {
    switch (wrong.what) {
      case 'min': return words.min(money(wrong.limit, wrong.currency));
      case 'max': return words.max(money(wrong.limit, wrong.currency));
      case 'multiple': return words.multiple(wrong.multiple);
      case 'server': return wrong.message;
      case 'phoneMissing': case 'phone': case 'amountMissing': case 'amount': case 'name': case 'operator': return words[wrong.what];
    }
  };
}

export function VerdictCell({ verdict, waits }: { verdict: Verdict; waits: boolean }) {
  const { send } = useWords();
  const { day } = useFormat();
  const wrongText = useWrongText();
  if (verdict.wrong !== null) return <span class="breaks"><Badge tone="bad">{send.showBad}</Badge> <span class="small">{wrongText(verdict.wrong)}</span></span>;
  if (waits) return <span class="soft small">{send.checking}</span>;
  if (verdict.doubts.length === 0) return <Badge tone="good">{send.ok}</Badge>;
  return (
    <span class="breaks">
      <Badge tone="warn">{send.showWarn}</Badge>{' '}
      <span class="small">{verdict.doubts.map(({ what, line, at }) => (what === 'same' ? send.same(line) : send.recent(day(at)))).join(' · ')}</span>
    </span>
  );
}
