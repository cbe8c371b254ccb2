import { hash } from 'node:crypto';
import type { ProblemDetails } from '../contract/problem-document.ts';
import type { Origin } from '../ports/store.ts';
import { wholeRequest } from './request-body.ts';

/** What makes two requests the same one to an idempotency key. */
export interface Asked {
  /** Whose key it is; keys of two callers never meet. */
  readonly principal: string;
  readonly requestId: string;
  /** Method and path, with what else changes the meaning of the call. */
  readonly call: string;
  readonly body: unknown;
}

/** A key without its quotes, null if none was sent, or what is wrong with it. */
export type KeyHeader = { readonly key: string | null } | { readonly problem: ProblemDetails };

/** Reads `Idempotency-Key`: a quoted string of RFC 8941, or the same text bare. */
export function parseIdempotencyKey(header: string | undefined): KeyHeader {
  if (header === undefined) return NO_KEY;
  const key = header.startsWith('"') ? unquote(header) : header;
  return key !== null && /^[\x20-\x7e]{1,255}$/.test(key) ? { key } : BAD_KEY;
}

/** Where a command came from, as the record keeps it. */
export function originOf(
  key: string | null,
  traceparent: string | undefined,
  asked: Asked,
): Origin {
  const trace = validTraceparent(traceparent);
  if (key === null) return trace === null ? NOWHERE : { idempotency: null, traceparent: trace };
  const idempotency = {
    key: `${asked.principal}\n${key}`,
    fingerprint: fingerprintOf(asked),
    requestId: asked.requestId,
  };
  return { idempotency, traceparent: trace };
}

/** JSON with the members of every object in order, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

const NO_KEY: KeyHeader = { key: null };
const BAD_KEY: KeyHeader = {
  problem: wholeRequest('Idempotency-Key must be 1 to 255 printable ASCII characters.'),
};
const NOWHERE: Origin = { idempotency: null, traceparent: null };

function fingerprintOf({ call, body }: Asked): string {
  return hash('sha256', `${call}\n${canonicalJson(body)}`, 'base64url');
}

function unquote(header: string): string | null {
  if (!/^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"$/.test(header)) return null;
  return header.slice(1, -1).replaceAll(/\\(["\\])/g, '$1');
}

/** W3C Trace Context, level 1; later versions may be longer. */
function validTraceparent(header: string | undefined): string | null {
  if (header === undefined || !TRACEPARENT.test(header)) return null;
  return header;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
