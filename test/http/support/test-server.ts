import { createMemoryStore } from '../../../src/adapters/memory/memory-store.ts';
import { createEngine } from '../../../src/engine/create-engine.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { OPEN_AUTH, type Auth } from '../../../src/http/auth.ts';
import {
  createHttpServer,
  type HttpServer,
  type HttpServerOptions,
} from '../../../src/http/create-http-server.ts';
import type { Store } from '../../../src/ports/store.ts';
import { call, type ApiAnswer } from '../../support/api.ts';

/** A server in this process, on the memory store and a clock that stands still. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly engine: Engine;
  readonly http: HttpServer;
  readonly clock: { readonly nowMs: () => number; advance(ms: number): void };
  /** What was logged as an error. */
  readonly errors: string[];
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ApiAnswer>;
  /** Creates a campaign of a new vendor; gives its id. */
  campaign(members?: Readonly<Record<string, unknown>>): Promise<string>;
  close(): Promise<void>;
}

export interface TestServerOptions extends Partial<
  Omit<HttpServerOptions, 'engine' | 'clock' | 'log'>
> {
  readonly auth?: Auth;
  /** Puts something between the engine and the store. */
  readonly wrap?: (store: Store) => Store;
}

export const NOW = '2026-11-11T00:00:00.000Z';

/** Starts a server on a free port. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  let nowMs = Date.parse(NOW);
  const clock = { nowMs: () => nowMs, advance: (ms: number) => void (nowMs += ms) };
  const errors: string[] = [];
  const { store: memory, log: events } = createMemoryStore({ clock });
  let count = 0;
  const engine = createEngine({
    store: options.wrap?.(memory) ?? memory,
    log: events,
    clock,
    ids: { next: (prefix) => `${prefix}test${(count += 1)}` },
    onBroken: (error) => errors.push(error.message),
  });
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (fields: Readonly<Record<string, unknown>>) => errors.push(String(fields['err'])),
  };
  const http = createHttpServer({ auth: OPEN_AUTH, ...options, engine, clock, log });
  const url = await http.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    port: Number(new URL(url).port),
    engine,
    http,
    clock,
    errors,
    call: (method, path, body, headers) => call(url, method, path, body, headers),
    campaign: async (members = {}) => {
      const vendor = await engine.registerVendor({ name: 'Tea House', currency: 'KRW' }, NOWHERE);
      if (vendor.kind !== 'decided') throw new Error(vendor.kind);
      const body = { ...NEW_CAMPAIGN, vendorId: vendor.outcome.id, ...members };
      const { id } = (await call(url, 'POST', '/v1/campaigns', body)).body;
      return id as string;
    },
    close: async () => {
      await http.close();
      await engine.close();
    },
  };
}

/** What a campaign needs, but for its vendor. */
export const NEW_CAMPAIGN = {
  title: 'Tea for all',
  discount: { type: 'fixed', amount: 1_000, currency: 'KRW' },
} as const;

const NOWHERE = { idempotency: null, traceparent: null };
