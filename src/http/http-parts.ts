import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../ports/clock.ts';
import type { Auth } from './auth.ts';
import type { HttpMetrics } from './http-metrics.ts';
import type { RequestIds } from './request-id.ts';

/** Where log lines go; pino's loggers fit. */
export interface HttpLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** What every part of the HTTP layer draws on. */
export interface HttpParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly auth: Auth;
  readonly log: HttpLog;
  readonly metrics: HttpMetrics;
  readonly requestIds: RequestIds;
  /** Whether the server has begun to close. */
  readonly closing: { readonly hasBegun: boolean };
}
