import type { ProblemCode } from '../contract/problems.ts';
import type { Refusal, Result } from './types.ts';

export interface ClientOptions {
  /** Where the server is, such as `http://127.0.0.1:4600`. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Stands in for the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** How often a call is tried again after a failure that may pass; 3 unless set. */
  readonly retriesMax?: number;
  /** How long one try may take; 10,000 unless set. */
  readonly timeoutMs?: number;
}

/** What any call may be given. */
export interface CallOptions {
  /** Ends the call; it then throws what the signal says. */
  readonly signal?: AbortSignal;
  /** Instead of the one that the client makes for every POST. */
  readonly idempotencyKey?: string;
}

export interface Call extends CallOptions {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends calls and turns what comes back into results. */
export interface Transport {
  call<Value>(call: Call): Promise<Result<Value>>;
  /** One try, the answer as it comes; for streams. */
  open(call: Call): Promise<Response>;
}

const RETRIES_MAX = 3;
const TIMEOUT_MS = 10_000;
const BACKOFF_FIRST_MS = 50;
const BACKOFF_LAST_MS = 2_000;
/** A server that asks for a longer wait than this is answered to the caller instead. */
const RETRY_AFTER_MAX_MS = 5_000;

/**
 * Failures that pass by themselves. `campaign-paused` and `campaign-not-started` are retryable as
 * well, but by their owner's doing, so they go to the caller.
 */
const PASSING: ReadonlySet<string> = new Set([
  'unreachable',
  'request-timeout',
  'rate-limited',
  'request-in-progress',
  'overloaded',
  'internal',
]);

export function createTransport(options: ClientOptions): Transport {
  const base = options.url.replace(/\/+$/, '');
  const send = options.fetch ?? globalThis.fetch.bind(globalThis);
  const retriesMax = options.retriesMax ?? RETRIES_MAX;
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;

  const open = (call: Call): Promise<Response> => {
    const init: RequestInit = { method: call.method, headers: headersOf(call, options.apiKey) };
    if (call.body !== undefined) init.body = JSON.stringify(call.body);
    if (call.signal !== undefined) init.signal = call.signal;
    return send(base + call.path + queryOf(call.query), init);
  };

  const attempt = async <Value>(call: Call): Promise<Result<Value>> => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = call.signal ? AbortSignal.any([call.signal, timeout]) : timeout;
    try {
      const response = await open({ ...call, signal });
      return readResult<Value>(response, await response.text());
    } catch (error) {
      call.signal?.throwIfAborted();
      return unreachable(
        base,
        timeout.aborted ? `no answer within ${timeoutMs} ms` : reason(error),
      );
    }
  };

  const call = async <Value>(given: Call): Promise<Result<Value>> => {
    // One key for all tries, so that a try whose answer was lost is not done twice.
    const key = given.idempotencyKey ?? (given.method === 'POST' ? newKey() : undefined);
    const keyed = key === undefined ? given : { ...given, idempotencyKey: key };
    for (let tries = 1; ; tries++) {
      const result = await attempt<Value>(keyed);
      if (result.ok || tries > retriesMax || !PASSING.has(result.code)) return result;
      const waitMs = result.retryAfterMs ?? backoffMs(tries);
      if (waitMs > RETRY_AFTER_MAX_MS) return result;
      await pause(waitMs, given.signal);
    }
  };
  return { call, open };
}

/** Reads an answer; anything that is neither 2xx JSON nor a problem is `unexpected-answer`. */
export function readResult<Value>(response: Response, text: string): Result<Value> {
  const requestId = response.headers.get('request-id');
  const body = parseJson(text);
  if (response.ok && body !== undefined) {
    const replayed = response.headers.get('idempotent-replayed') === 'true';
    return { ok: true, value: body as Value, status: response.status, requestId, replayed };
  }
  if (!response.ok && isProblem(body)) {
    return {
      ...(body as unknown as Refusal),
      ok: false,
      status: response.status,
      requestId,
      retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
    };
  }
  return {
    ok: false,
    code: 'unexpected-answer',
    retryable: false,
    status: response.status,
    title: 'The answer is not one of firstcome’s',
    detail: `HTTP ${response.status} with ${text.length} characters; is the address right?`,
    requestId,
    retryAfterMs: null,
  };
}

function headersOf(call: Call, apiKey: string | undefined): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json', ...call.headers };
  if (call.body !== undefined) headers['content-type'] = 'application/json';
  if (apiKey !== undefined) headers['authorization'] = `Bearer ${apiKey}`;
  if (call.idempotencyKey !== undefined) headers['idempotency-key'] = call.idempotencyKey;
  return headers;
}

function queryOf(query: Call['query']): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

function isProblem(body: unknown): body is Record<string, unknown> & { code: ProblemCode } {
  return typeof body === 'object' && body !== null && 'code' in body && 'retryable' in body;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON is an answer too: that of a proxy, or of something that is no firstcome.
    return undefined;
  }
}

function unreachable(base: string, detail: string): Refusal {
  return {
    ok: false,
    code: 'unreachable',
    retryable: true,
    status: 0,
    title: 'No answer',
    detail: `${base}: ${detail}`,
    requestId: null,
    retryAfterMs: null,
  };
}

/** What Node's `fetch` says, which gives it no code, of ports that browsers never call. */
const BLOCKED_PORT = 'bad port';

/** What lies under `fetch failed`. */
function reason(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return 'the connection failed';
  const { code } = cause as Error & { code?: string };
  if (cause.message === BLOCKED_PORT) return 'not reachable, since fetch blocks that port';
  return code === 'ECONNREFUSED' ? 'nothing listens there' : cause.message || code || cause.name;
}

function retryAfterMs(header: string | null): number | null {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) * 1000 : null;
}

/** Full jitter: callers that failed together do not come back together. */
function backoffMs(tries: number): number {
  return Math.random() * Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** tries);
}

/** Without `randomUUID`, which browsers keep to https pages. */
function newKey(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Waits; throws what the signal says as soon as it is given. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((done, fail) => {
    const stop = () => {
      clearTimeout(timer);
      fail(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      done();
    }, ms);
    if (signal?.aborted === true) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
