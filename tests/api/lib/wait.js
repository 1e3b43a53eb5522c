// Waiting without guessing how long: for a condition that is asked again and again until a deadline, or
// for an event.
import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';

const ASK_AGAIN_MS = 10;
export const DEADLINE_MS = Number(process.env.DEADLINE_MS ?? 15000);

// Asks check (which may be async) until it gives something true, and returns that. what says what was
// waited for; it may be a function, called when the time is over.
export async function until(check, what, deadlineMs = DEADLINE_MS) {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) {
      throw new Error(`not in ${deadlineMs} ms: ${typeof what === 'function' ? await what() : what}`);
    }
    await after(ASK_AGAIN_MS);
  }
}

// The same, asked only when emitter has emitted name.
export async function untilEvent(emitter, name, check, what, deadlineMs = DEADLINE_MS) {
  const signal = AbortSignal.timeout(deadlineMs);
  for (;;) {
    const found = check();
    if (found) return found;
    try {
      await once(emitter, name, { signal });
    } catch (error) {
      if (error.name !== 'AbortError') throw error;
      throw new Error(`not in ${deadlineMs} ms: ${typeof what === 'function' ? what() : what}`);
    }
  }
}
