// Dialogs: the browser's own, which keep the focus inside, close by Escape and give the focus back.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useWords } from './app.ts';
import { Button, Problem } from './basic.tsx';
import { TextArea } from './field.tsx';
import { useAct } from './load.ts';

export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const self = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    self.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog ref={self} class="dialog" aria-labelledby={id} onCancel={(event) => {
      event.preventDefault();
      onClose();
    }}>
      <div class="dialog-body fades">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  children?: ComponentChildren;
  does: string; // What the button says.
  bad?: boolean;
  onClose: () => void;
  act: () => Promise<void>;
}

// Asks before it does; closes when that went well.
export function ConfirmDialog({ title, children, does, bad, onClose, act }: ConfirmProps) {
  const words = useWords();
  const acting = useAct();
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <Problem text={acting.problem} />
      <div class="row-end">
        <Button onClick={onClose}>{words.common.back}</Button>
        <Button kind={bad ? 'bad' : 'main'} busy={acting.busy} onClick={() => { void acting.run(async () => { await act(); onClose(); }); }}>{does}</Button>
      </div>
    </Dialog>
  );
}

// Asks for the reason too, which is written down with the act.
export function ReasonDialog({ title, children, does, bad, label, hint, onClose, act }: Omit<ConfirmProps, 'act'> & {
  label: string; hint?: string; act: (reason: string) => Promise<void>;
}) {
  const words = useWords();
  const acting = useAct();
  const [reason, reasonSet] = useState('');
  const [wrong, wrongSet] = useState<string | null>(null);
  const submit = () => {
    if (reason.trim() === '') wrongSet(words.common.needed);
    else void acting.run(async () => { await act(reason.trim()); onClose(); });
  };
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <TextArea label={label} hint={hint} value={reason} rows={3} wrong={wrong} onValue={(value) => { reasonSet(value); wrongSet(null); }} />
      <Problem text={acting.problem} />
      <div class="row-end">
        <Button onClick={onClose}>{words.common.back}</Button>
        <Button kind={bad ? 'bad' : 'main'} busy={acting.busy} onClick={submit}>{does}</Button>
      </div>
    </Dialog>
  );
}
