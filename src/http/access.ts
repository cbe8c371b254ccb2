import type { Scope } from '../contract/call.ts';
import { problemAnswer, type CallAnswer, type Exchange } from './answer.ts';
import { allows, type Auth, type Caller } from './auth.ts';
import { retryAfter } from './command-answer.ts';
import type { RateLimitState } from './rate-limit.ts';

/** Who asks, or the refusal that says why they may not. */
export type Admission =
  { readonly caller: Caller; readonly refusal?: never } | { readonly refusal: CallAnswer };

/** Finds out who asks and whether they may make calls of a scope. */
export function admit(
  auth: Auth,
  authorization: string | undefined,
  scope: Scope,
  exchange: Exchange,
): Admission {
  const caller = auth.authenticate(authorization);
  if (caller === null) {
    return { refusal: problemAnswer({ code: 'unauthenticated' }, exchange, CHALLENGE) };
  }
  if (allows(caller, scope)) return { caller };
  const detail = `The key ${JSON.stringify(caller.principal)} lacks the scope ${scope}.`;
  return { refusal: problemAnswer({ code: 'forbidden', detail }, exchange, CHALLENGE_SCOPE) };
}

/** The refusal of a request that is one too many. */
export function tooMany(limit: RateLimitState, exchange: Exchange): CallAnswer {
  return problemAnswer({ code: 'rate-limited' }, exchange, retryAfter(limit.retryAfterS));
}

const CHALLENGE = ['WWW-Authenticate', 'Bearer realm="firstcome"'];
const CHALLENGE_SCOPE = [
  'WWW-Authenticate',
  'Bearer realm="firstcome", error="insufficient_scope"',
];
