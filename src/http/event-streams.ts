import type { ServerResponse } from 'node:http';
import type { EventLog, EventQuery } from '../ports/event-log.ts';
import type { HttpLog } from './http-parts.ts';
import { eventId, renderEvent } from './render.ts';

type Filter = Pick<EventQuery, 'type' | 'subject'>;

/** Streams open at once; each may hold a page of events. */
const STREAMS_MAX = 1_000;
const PAGE = 100;
/** A reader that takes nothing for so long is gone, or as good as. */
const STALLED_MAX_MS = 60_000;
/** How long a browser waits before it connects again. */
const RECONNECT_MS = 1_000;

/** The live streams of the event log (server-sent events). */
export class EventStreams {
  readonly #log: EventLog;
  readonly #heartbeatMs: number;
  readonly #logLines: HttpLog;
  readonly #open = new Set<EventStream>();

  constructor(parts: { events: EventLog; heartbeatMs: number; log: HttpLog }) {
    this.#log = parts.events;
    this.#heartbeatMs = parts.heartbeatMs;
    this.#logLines = parts.log;
  }

  get isFull(): boolean {
    return this.#open.size >= STREAMS_MAX;
  }

  /** Sends events after a position until the reader or the server ends it. */
  open(response: ServerResponse, requestId: string, afterPosition: number, filter: Filter): void {
    response.writeHead(200, [
      'Content-Type',
      'text/event-stream; charset=utf-8',
      'Cache-Control',
      'no-store',
      'X-Content-Type-Options',
      'nosniff',
      // Reverse proxies would otherwise wait for more.
      'X-Accel-Buffering',
      'no',
      'Request-Id',
      requestId,
    ]);
    if (response.req.method === 'HEAD') {
      response.end();
      return;
    }
    response.write(`retry: ${RECONNECT_MS}\n: from ${eventId(afterPosition)} on\n\n`);
    const stream = new EventStream(response, this.#log, this.#heartbeatMs, filter);
    this.#open.add(stream);
    stream
      .run(afterPosition)
      .catch((error: unknown) => {
        this.#logLines.error({ err: error, requestId }, 'an event stream failed');
      })
      .finally(() => {
        this.#open.delete(stream);
        response.end();
      });
  }

  /** Ends all streams; their readers come back elsewhere with the last id that they saw. */
  close(): void {
    for (const stream of this.#open) stream.end();
  }
}

/** One reader. It is read for only as fast as it reads. */
class EventStream {
  readonly #response: ServerResponse;
  readonly #log: EventLog;
  readonly #heartbeatMs: number;
  readonly #filter: Filter;
  #hasEnded = false;
  #hasNews = false;
  #wake: () => void = () => undefined;

  constructor(response: ServerResponse, log: EventLog, heartbeatMs: number, filter: Filter) {
    this.#response = response;
    this.#log = log;
    this.#heartbeatMs = heartbeatMs;
    this.#filter = filter;
  }

  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  async run(afterPosition: number): Promise<void> {
    const response = this.#response;
    const stopListening = this.#log.onAppended(() => {
      this.#hasNews = true;
      this.#wake();
    });
    const heartbeat = setInterval(() => {
      if (!response.writableNeedDrain) response.write(': still here\n\n');
    }, this.#heartbeatMs).unref();
    response.once('close', () => this.end());
    try {
      let position = afterPosition;
      while (!this.#hasEnded) {
        this.#hasNews = false;
        const next = await this.#sendAfter(position);
        const hadNone = next === position;
        position = next;
        if (hadNone) await this.#news();
        else if (response.writableNeedDrain) await this.#drained();
      }
    } finally {
      clearInterval(heartbeat);
      stopListening();
    }
  }

  /** Writes one page and gives the position up to which everything was looked at. */
  async #sendAfter(afterPosition: number): Promise<number> {
    // Asked for first: what is appended in between is then read again and never passed over.
    const head = await this.#log.head();
    const query = { ...this.#filter, afterPosition, limit: PAGE };
    const events = await this.#log.read(query);
    if (this.#hasEnded) return afterPosition;
    let text = '';
    for (const event of events) {
      const body = renderEvent(event);
      text += `id: ${body.id}\nevent: ${body.type}\ndata: ${JSON.stringify(body)}\n\n`;
    }
    if (text !== '') this.#response.write(text);
    const last = events.at(-1)?.position ?? afterPosition;
    return events.length < PAGE ? Math.max(last, head) : last;
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#hasNews || this.#hasEnded) resolve();
    });
  }

  #drained(): Promise<void> {
    const response = this.#response;
    return new Promise((resolve) => {
      const stalled = setTimeout(() => response.destroy(), STALLED_MAX_MS).unref();
      const goOn = (): void => {
        clearTimeout(stalled);
        response.off('drain', goOn);
        resolve();
      };
      response.once('drain', goOn);
      this.#wake = () => {
        if (this.#hasEnded) goOn();
      };
      if (this.#hasEnded) goOn();
    });
  }
}
