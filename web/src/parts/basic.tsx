// The smallest parts: buttons, notes, badges, what stands where there is nothing yet.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { TransferState, LotState } from '../api/types.ts';
import { useApp, useFormat, useWords } from './app.ts';
import { Icon, type IconName } from './icon.tsx';

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'plain';

interface ButtonProps {
  children: ComponentChildren;
  kind?: 'main' | 'bad' | 'quiet' | 'plain';
  small?: boolean;
  icon?: IconName;
  busy?: boolean;
  off?: boolean;
  pressed?: boolean;
  expanded?: boolean;
  submit?: boolean;
  label?: string;
  onClick?: (event: MouseEvent) => void;
}

// A button that can't be pressed now stays reachable by keyboard, and says so.
export function Button({ children, kind = 'plain', small, icon, busy, off, pressed, expanded, submit, label, onClick }: ButtonProps) {
  const stopped = busy === true || off === true;
  return (
    <button type={submit ? 'submit' : 'button'} class={`button button-${kind}${small ? ' button-small' : ''}`} aria-disabled={stopped ? 'true' : undefined}
      aria-pressed={pressed} aria-expanded={expanded} aria-label={label}
      onClick={(event) => {
        if (stopped) event.preventDefault();
        else onClick?.(event);
      }}>
      {busy ? <span class="spinner" aria-hidden="true" /> : icon === undefined ? null : <Icon name={icon} />}
      {children}
    </button>
  );
}

export function LinkButton({ href, children, kind = 'plain', icon, small, download }: {
  href: string; children: ComponentChildren; kind?: 'main' | 'quiet' | 'plain'; icon?: IconName; small?: boolean; download?: boolean;
}) {
  return (
    <a class={`button button-${kind}${small ? ' button-small' : ''}`} href={href} download={download}>
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </a>
  );
}

const NOTE_ICONS: Record<Tone, IconName> = { good: 'good', warn: 'warn', bad: 'warn', info: 'info', plain: 'info' };

export function Note({ tone = 'info', children }: { tone?: Tone; children: ComponentChildren }) {
  return (
    <div class={`note note-${tone}`}>
      <Icon name={NOTE_ICONS[tone]} />
      <div class="note-body">{children}</div>
    </div>
  );
}

// What went wrong: read aloud as soon as it is there.
export function Problem({ text, again }: { text: string | null; again?: () => void }) {
  const words = useWords();
  return (
    <div role="alert">
      {text === null ? null : (
        <Note tone="bad">
          <p>{text}</p>
          {again === undefined ? null : <div><Button small icon="again" onClick={again}>{words.common.again}</Button></div>}
        </Note>
      )}
    </div>
  );
}

export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`badge badge-${tone}`}>{children}</span>;
}

const STATE_TONES: Record<TransferState, Tone> = { NEW: 'plain', REC: 'info', NOS: 'warn', VAL: 'good', REJ: 'bad' };

export function StateBadge({ state, confirmed = true }: { state: TransferState; confirmed?: boolean }) {
  const { state: words } = useWords();
  if (!confirmed && state === 'NEW') return <Badge tone="warn">{words.unconfirmed}</Badge>;
  return <Badge tone={STATE_TONES[state]}>{words[state]}</Badge>;
}

const LOT_TONES: Record<LotState, Tone> = { WAITING: 'warn', CONFIRMED: 'good', CANCELLED: 'plain', EXPIRED: 'plain' };

export function LotBadge({ state }: { state: LotState }) {
  return <Badge tone={LOT_TONES[state]}>{useWords().lotState[state]}</Badge>;
}

export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={icon} size={36} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Loading() {
  const words = useWords();
  return <div class="loading" role="status"><span class="spinner" aria-hidden="true" /><span>{words.common.loading}</span></div>;
}

export function Copy({ text, label }: { text: string; label: string }) {
  const { say, words } = useApp();
  const [done, doneSet] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    doneSet(true);
    say(words.common.copied);
    setTimeout(() => doneSet(false), 2000);
  };
  return <Button small icon={done ? 'check' : 'copy'} label={`${words.common.copy} : ${label}`} onClick={() => { void copy(); }}>{words.common.copy}</Button>;
}

// A value that somebody takes elsewhere: shown whole, with a button that copies it.
export function CopyLine({ id, label, value }: { id: string; label: string; value: string }) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="copy-line">
        <input id={id} class="input" value={value} readOnly onFocus={(event) => event.currentTarget.select()} />
        <Copy text={value} label={label} />
      </div>
    </div>
  );
}

export function Sums({ sums }: { sums: Record<string, number> }) {
  const { money } = useFormat();
  const all = Object.entries(sums);
  return <>{all.length === 0 ? '–' : all.map(([currency, amount]) => money(amount, currency)).join(' + ')}</>;
}

export function Card({ title, text, actions, flush, children }: {
  title?: string; text?: string; actions?: ComponentChildren; flush?: boolean; children: ComponentChildren;
}) {
  return (
    <section class={`card${flush ? ' card-flush' : ''}`}>
      {title === undefined ? null : (
        <div class="card-head">
          <div><h2>{title}</h2>{text === undefined ? null : <p>{text}</p>}</div>
          {actions === undefined ? null : <div class="row">{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}
