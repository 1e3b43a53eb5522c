// Fields of forms: a label, a hint, what is wrong with it, all known to screen readers.
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  wrong?: string | null;
  children: (bound: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: 'true' }) => ComponentChildren;
}

export function Field({ label, hint, wrong, children }: FieldProps) {
  const id = useId();
  const described = [hint === undefined ? '' : `${id}-hint`, wrong ? `${id}-wrong` : ''].filter((part) => part !== '').join(' ');
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, ...(described === '' ? {} : { 'aria-describedby': described }), ...(wrong ? { 'aria-invalid': 'true' } : {}) })}
      {hint === undefined ? null : <div class="hint" id={`${id}-hint`}>{hint}</div>}
      {wrong ? <div class="wrong" id={`${id}-wrong`}>{wrong}</div> : null}
    </div>
  );
}

interface TextFieldProps {
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: ComponentChildren;
  wrong?: string | null;
  type?: 'text' | 'password' | 'tel' | 'email' | 'search' | 'date' | 'url';
  more?: JSX.InputHTMLAttributes<HTMLInputElement>;
  big?: 'code' | 'amount';
}

export function TextField({ label, value, onValue, hint, wrong, type = 'text', more, big }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} wrong={wrong ?? null}>
      {(bound) => (
        <input {...bound} {...more} type={type} class={`input${big === undefined ? '' : big === 'code' ? ' input-code' : ' amount-input'}`} value={value}
          onInput={(event) => onValue(event.currentTarget.value)} />
      )}
    </Field>
  );
}

export function SelectField({ label, value, onValue, choices, hint }: {
  label: string; value: string; onValue: (value: string) => void; choices: readonly (readonly [string, string])[]; hint?: ComponentChildren;
}) {
  return (
    <Field label={label} hint={hint}>
      {(bound) => (
        <select {...bound} class="input" value={value} onChange={(event) => onValue(event.currentTarget.value)}>
          {choices.map(([key, text]) => <option key={key} value={key}>{text}</option>)}
        </select>
      )}
    </Field>
  );
}

export function TextArea({ label, value, onValue, hint, wrong, rows, more }: {
  label: string; value: string; onValue: (value: string) => void; hint?: ComponentChildren; wrong?: string | null; rows?: number;
  more?: JSX.TextareaHTMLAttributes<HTMLTextAreaElement>;
}) {
  return (
    <Field label={label} hint={hint} wrong={wrong ?? null}>
      {(bound) => <textarea {...bound} {...more} class="input" rows={rows} value={value} onInput={(event) => onValue(event.currentTarget.value)} />}
    </Field>
  );
}

export function CheckField({ label, checked, onChecked }: { label: ComponentChildren; checked: boolean; onChecked: (checked: boolean) => void }) {
  const id = useId();
  return (
    <div class="check">
      <input type="checkbox" id={id} checked={checked} onChange={(event) => onChecked(event.currentTarget.checked)} />
      <label for={id}>{label}</label>
    </div>
  );
}

// A form whose Enter does what its main button does.
export function Form({ onSubmit, children, label }: { onSubmit: () => void; children: ComponentChildren; label?: string }) {
  return (
    <form class="stack" aria-label={label} noValidate onSubmit={(event) => {
      event.preventDefault();
      onSubmit();
    }}>
      {children}
    </form>
  );
}
