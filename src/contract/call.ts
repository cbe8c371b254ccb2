import type { TObject, TSchema } from 'typebox';
import type { ProblemCode } from './problems.ts';

/** What an API key may be allowed; `admin` may do everything. */
export const SCOPES = ['admin', 'claims:write', 'read'] as const;
export type Scope = (typeof SCOPES)[number];

export type Method = 'GET' | 'POST' | 'PATCH';

/** A part of the path. */
export interface Param {
  readonly name: string;
  readonly schema: TSchema & { readonly pattern?: string };
  /** The refusal when the text cannot be such an id; null: `invalid-request`. */
  readonly notFound: ProblemCode | null;
}

/** One way in which a call succeeds. */
export interface Success {
  readonly status: 200 | 201 | 202;
  readonly description: string;
  readonly contentType?: string;
  readonly schema: TSchema | null;
  readonly headers?: readonly ('Location' | 'Preference-Applied')[];
}

/** One call: its route, its page in the documentation and its part of the OpenAPI document. */
export interface Call {
  readonly method: Method;
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** What a key needs; null: nobody is asked who they are. */
  readonly scope: Scope | null;
  readonly params?: readonly Param[];
  readonly query?: TObject;
  readonly body?: TObject;
  /** Whether no body at all stands for `{}`. */
  readonly bodyOptional?: true;
  /** Bodies are 64 KiB at most unless set. */
  readonly bodyMaxBytes?: number;
  readonly headers?: readonly ('Prefer' | 'Last-Event-ID')[];
  readonly successes: readonly Success[];
  /** Beside those that follow from the call's shape; see `refusalsOf`. */
  readonly refusals?: readonly ProblemCode[];
}

export const BODY_MAX_BYTES = 64 * 1024;
export const BATCH_BODY_MAX_BYTES = 1024 * 1024;

/** A call that gives what was asked for. */
export function ok(schema: TSchema, description: string): Success {
  return { status: 200, description, schema };
}

/** A call that made something with an address of its own. */
export function created(schema: TSchema, description: string): Success {
  return { status: 201, description, schema, headers: ['Location'] };
}
