import { pause, type CallOptions } from './transport.ts';
import type { Result } from './types.ts';

/** Of calls that are decided later. */
export interface LaterOptions extends CallOptions {
  /** How long the server waits for the decision before it answers, in seconds (30 at most). */
  readonly waitS?: number;
}

const WAIT_MAX_S = 30;
const POLL_MS = 100;

/** The header that has a call decided later. */
export function preferLater(waitS: number | undefined): { readonly prefer: string } {
  return { prefer: waitS === undefined ? 'respond-async' : `respond-async, wait=${waitS}` };
}

/** Asks until a thing is decided, or gives it as it stands after a time. */
export async function untilDecided<Value extends { readonly status: string }>(
  look: () => Promise<Result<Value>>,
  waitS: number,
  signal: AbortSignal | undefined,
): Promise<Result<Value>> {
  const untilMs = performance.now() + Math.min(waitS, WAIT_MAX_S) * 1000;
  for (;;) {
    const result = await look();
    if (!result.ok || result.value.status !== 'queued') return result;
    if (performance.now() >= untilMs) return result;
    await pause(POLL_MS, signal);
  }
}
