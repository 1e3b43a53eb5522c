// Asking the server from within a page: useLoad for what is shown, useAct for what a press does.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useApp, problemText } from './app.ts';

export interface Loaded<T> {
  value: T | null;
  problem: string | null;
  loading: boolean;
  reload(): void;
}

// Loads anew whenever key changes; the last value stays until the next one is there. null: nothing to load.
export function useLoad<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const { words } = useApp();
  const [turn, turnSet] = useState(0);
  const [state, stateSet] = useState<{ value: T | null; problem: string | null; loading: boolean }>(
    { value: null, problem: null, loading: key !== null });
  useEffect(() => {
    if (key === null) {
      stateSet({ value: null, problem: null, loading: false });
      return undefined;
    }
    const abort = new AbortController();
    stateSet((before) => ({ ...before, loading: true }));
    load(abort.signal).then(
      (value) => { if (!abort.signal.aborted) stateSet({ value, problem: null, loading: false }); },
      (problem: unknown) => {
        if (!abort.signal.aborted) stateSet((before) => ({ ...before, problem: problemText(problem, words), loading: false }));
      });
    return () => abort.abort();
  }, [key, turn]);
  const reload = useCallback(() => turnSet((before) => before + 1), []);
  return { ...state, reload };
}

export interface Acting {
  busy: boolean;
  problem: string | null;
  run(act: () => Promise<void>): Promise<void>;
  clear(): void;
}

// One thing at a time: a press while it is under way does nothing.
export function useAct(): Acting {
  const { words } = useApp();
  const [busy, busySet] = useState(false);
  const [problem, problemSet] = useState<string | null>(null);
  const under = useRef(false);
  return {
    busy, problem,
    clear: () => problemSet(null),
    async run(act) {
      if (under.current) return;
      under.current = true;
      busySet(true);
      problemSet(null);
      try {
        await act();
      } catch (failure) {
        problemSet(problemText(failure, words));
      } finally {
        under.current = false;
        busySet(false);
      }
    },
  };
}
