import { readServerSentEvents } from './server-sent-events.ts';
import { pause, readResult, type Transport } from './transport.ts';
import type { CloudEvent } from './types.ts';

export interface FollowOptions {
  /** Begin after this event (its id); without it, with the next that happens. */
  readonly after?: string;
  readonly type?: string;
  readonly subject?: string;
  /** Ends the following, quietly. */
  readonly signal?: AbortSignal;
}

/** Thrown when the server refuses the stream for a reason that does not pass. */
export class FollowRefused extends Error {
  override readonly name = 'FollowRefused';
  readonly code: string;

  constructor(code: string, detail: string) {
    super(detail);
    this.code = code;
  }
}

const RECONNECT_FIRST_MS = 100;
const RECONNECT_LAST_MS = 5_000;
/** Failures in a row, with pauses growing to five seconds: about five minutes. */
const FAILURES_MAX = 64;

/** Follows the stream; after a break it goes on behind the last event that it gave. */
export async function* followEvents(
  transport: Transport,
  { after, type, subject, signal }: FollowOptions,
): AsyncGenerator<CloudEvent> {
  let lastId = after;
  for (let failures = 0; failures < FAILURES_MAX; failures++) {
    try {
      const response = await transport.open({
        method: 'GET',
        path: '/v1/events/stream',
        query: { type, subject },
        headers: {
          accept: 'text/event-stream',
          ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
        },
        ...(signal && { signal }),
      });
      if (!response.ok || response.body === null) {
        const refusal = readResult(response, await response.text());
        if (!refusal.ok && !refusal.retryable)
          throw new FollowRefused(refusal.code, refusal.detail);
      } else {
        for await (const message of readServerSentEvents(response.body)) {
          failures = 0;
          if (message.id !== '') lastId = message.id;
          yield JSON.parse(message.data) as CloudEvent;
        }
      }
      await pause(reconnectMs(failures), signal);
    } catch (error) {
      if (signal?.aborted === true) return;
      if (error instanceof FollowRefused) throw error;
      if (failures + 1 === FAILURES_MAX) throw error;
      // A lost connection: wait a little, then go on behind the last event.
      await pause(reconnectMs(failures), signal).catch(() => undefined);
    }
  }
  throw new FollowRefused('unreachable', 'the server keeps ending the stream');
}

function reconnectMs(failures: number): number {
  return Math.random() * Math.min(RECONNECT_LAST_MS, RECONNECT_FIRST_MS * 2 ** failures);
}
