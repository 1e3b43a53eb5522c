// A page's frame: its title, which is the window's too and has the focus when one comes to it.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { href } from '../route.ts';
import { useWords } from './app.ts';
import { Icon } from './icon.tsx';

let first = true;

export function Page({ title, text, back, actions, narrow, children }: {
  title: string; text?: ComponentChildren; back?: { to: string; text: string }; actions?: ComponentChildren; narrow?: boolean; children: ComponentChildren;
}) {
  const words = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${words.shell.console}`;
  }, [title, words]);
  useEffect(() => {
    // The first page leaves the focus at the top, where the skip link is.
    if (!first) heading.current?.focus({ preventScroll: true });
    first = false;
  }, []);
  return (
    <div class={`page fades${narrow ? ' page-narrow' : ''}`}>
      <header class="page-head">
        <div>
          {back === undefined ? null : <a class="page-back" href={href(back.to)}><Icon name="back" size={18} />{back.text}</a>}
          <h1 ref={heading} tabIndex={-1}>{title}</h1>
          {text === undefined ? null : <p>{text}</p>}
        </div>
        {actions === undefined ? null : <div class="row">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
