import { performance } from 'node:perf_hooks';
import { hash, timingSafeEqual } from 'node:crypto';
import { SCOPES, type Scope } from '../contract/call.ts';
import { RateLimiter, type RateLimitPolicy } from './rate-limit.ts';

/** Who makes a request. */
export interface Caller {
  /** Idempotency keys belong to it. */
  readonly principal: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly limiter: RateLimiter | null;
}

/** Tells who makes a request. */
export interface Auth {
  /** Whether anybody has to say who they are. */
  readonly isOpen: boolean;
  /** The caller of an `Authorization` header, or null if it is nobody known. */
  authenticate(authorization: string | undefined): Caller | null;
}

/** One key of the keys file, checked. */
export interface ApiKey {
  readonly id: string;
  /** SHA-256 of the key, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly scopes: readonly Scope[];
  readonly rateLimit: RateLimitPolicy | null;
}

/** A keys file read, or one line for each thing that is wrong with it. */
export type ApiKeysFile =
  | { readonly ok: true; readonly keys: readonly ApiKey[] }
  | { readonly ok: false; readonly problems: readonly string[] };

const ANYBODY: Caller = { principal: '', scopes: new Set(SCOPES), limiter: null };

/** Lets everybody do everything; for servers that only their own machine can reach. */
export const OPEN_AUTH: Auth = { isOpen: true, authenticate: () => ANYBODY };

/** Whether a caller may make calls of a scope. */
export function allows(caller: Caller, scope: Scope): boolean {
  return caller.scopes.has(scope) || caller.scopes.has('admin');
}

/**
 * Knows callers by the SHA-256 of their keys. What is looked up and compared is a digest that the
 * sender cannot steer, so how long it takes tells nothing about the keys; the last comparison takes
 * the same time wherever two digests differ.
 *
 * @param monotonicMs  the clock of the rate limits
 */
export function createKeyAuth(
  keys: readonly ApiKey[],
  monotonicMs: () => number = () => performance.now(),
): Auth {
  const callers = new Map<string, { readonly digest: Buffer; readonly caller: Caller }>();
  for (const { id, sha256, scopes, rateLimit } of keys) {
    const limiter = rateLimit === null ? null : new RateLimiter(rateLimit, monotonicMs);
    const caller = { principal: id, scopes: new Set(scopes), limiter };
    callers.set(sha256, { digest: Buffer.from(sha256, 'hex'), caller });
  }
  return {
    isOpen: false,
    authenticate(authorization) {
      const key = bearerToken(authorization);
      if (key === null) return null;
      const sha256 = hash('sha256', key, 'hex');
      const known = callers.get(sha256);
      if (known === undefined) return null;
      return timingSafeEqual(known.digest, Buffer.from(sha256, 'hex')) ? known.caller : null;
    },
  };
}

/** Checks the parsed JSON of a keys file. The lines never repeat a hash. */
export function parseApiKeys(json: unknown): ApiKeysFile {
  const rows = isObject(json) ? json['keys'] : undefined;
  if (!Array.isArray(rows) || rows.length === 0) {
    return { ok: false, problems: ['holds no keys; give {"keys":[{"id","hash","scopes"}]}'] };
  }
  const problems = (rows as unknown[]).flatMap((row, index) =>
    keyProblems(row).map((problem) => `keys[${index}]: ${problem}`),
  );
  if (problems.length > 0) return { ok: false, problems };
  const keys = (rows as KeyRow[]).map((row) => ({
    id: row.id,
    sha256: row.hash.slice(HASH_PREFIX.length).toLowerCase(),
    scopes: row.scopes,
    rateLimit: row.rateLimit ?? null,
  }));
  const twice = keys.find(({ id, sha256 }, index) =>
    keys.slice(0, index).some((other) => other.id === id || other.sha256 === sha256),
  );
  if (twice !== undefined) {
    return {
      ok: false,
      problems: [`key ${JSON.stringify(twice.id)}: its id or hash stands twice`],
    };
  }
  return { ok: true, keys };
}

interface KeyRow {
  readonly id: string;
  readonly hash: string;
  readonly scopes: readonly Scope[];
  readonly rateLimit?: RateLimitPolicy;
}

const HASH_PREFIX = 'sha256:';
const LIMIT_MAX = 1_000_000_000;
const WINDOW_MAX_S = 86_400;

function keyProblems(row: unknown): string[] {
  if (!isObject(row)) return ['must be an object'];
  const problems = Object.keys(row)
    .filter((name) => !['id', 'hash', 'scopes', 'rateLimit'].includes(name))
    .map((name) => `${JSON.stringify(name)} is not known here`);
  const { id, hash: digest, scopes, rateLimit } = row;
  if (typeof id !== 'string' || !/^[A-Za-z0-9._-]{1,64}$/.test(id)) {
    problems.push('id must be 1 to 64 characters of A-Z a-z 0-9 . _ -');
  }
  if (typeof digest !== 'string' || !/^sha256:[0-9a-fA-F]{64}$/.test(digest)) {
    problems.push('hash must be sha256: and 64 hexadecimal digits');
  }
  const isKnown = (scope: unknown) => (SCOPES as readonly unknown[]).includes(scope);
  if (!Array.isArray(scopes) || scopes.length === 0 || !scopes.every(isKnown)) {
    problems.push(`scopes must be a list of ${SCOPES.join(', ')}`);
  }
  if (rateLimit !== undefined && !isRateLimit(rateLimit)) {
    problems.push('rateLimit must be {"limit": N, "windowS": N} in whole numbers from 1 on');
  }
  return problems;
}

function isRateLimit(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).length !== 2) return false;
  const isCount = (number: unknown, max: number) =>
    Number.isInteger(number) && Number(number) >= 1 && Number(number) <= max;
  return isCount(value['limit'], LIMIT_MAX) && isCount(value['windowS'], WINDOW_MAX_S);
}

function bearerToken(authorization: string | undefined): string | null {
  if (authorization === undefined) return null;
  return /^Bearer +([\x21-\x7e]{1,1024})$/i.exec(authorization)?.[1] ?? null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
