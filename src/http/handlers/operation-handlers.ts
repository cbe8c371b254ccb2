import type { Registry } from 'prom-client';
import { jsonAnswer, problemAnswer } from '../answer.ts';
import type { CallHandler } from '../call-route.ts';
import { retryAfter } from '../command-answer.ts';
import type { HttpParts } from '../http-parts.ts';

type OperationCalls = 'getAudit' | 'getHealth' | 'getReadiness' | 'getMetrics';

const RETRY_READY_S = 1;

/** What those who run the server ask: does it live, can it serve, are its promises kept. */
export function operationHandlers(parts: HttpParts): Record<OperationCalls, CallHandler> {
  const { engine, closing, metrics } = parts;
  let engineMetrics: Promise<Registry> | null = null;
  return {
    getAudit: async () => jsonAnswer(200, await engine.audit()),
    getHealth: async () => jsonAnswer(200, { status: 'ok' }),
    getReadiness: async ({ exchange }) => {
      const because = closing.hasBegun ? 'The server is closing.' : engine.health.notReadyBecause();
      if (because === null) return jsonAnswer(200, { status: 'ready' });
      const problem = { code: 'overloaded', detail: because } as const;
      return problemAnswer(problem, exchange, retryAfter(RETRY_READY_S));
    },
    getMetrics: async () => {
      // Loaded when it is first asked for, so that no start waits for it.
      engineMetrics ??= import('../engine-metrics.ts').then(({ createEngineMetrics }) =>
        createEngineMetrics(engine),
      );
      const registry = await engineMetrics;
      return {
        status: 200,
        contentType: registry.contentType,
        // The library parts its metrics by empty lines; ours have none.
        body: (await registry.metrics()).replaceAll(/\n{2,}/g, '\n') + metrics.render(),
        headers: [],
      };
    },
  };
}
