import { issuedCouponJson, renderIssuedCoupon, rfc3339 } from './render.ts';
import type { ProblemDetails } from '../contract/problem-document.ts';
import type { NotNow } from '../engine/engine.ts';
import type { Answer, ClaimOutcome, ClaimRefusal, ClaimRequestOutcome } from '../ports/store.ts';
import {
  JSON_TYPE,
  jsonAnswer,
  problemAnswer,
  RETRY_AFTER_S,
  type CallAnswer,
  type Exchange,
} from './answer.ts';

type Decided = Exclude<Answer<unknown>, { kind: 'key-reused' }>;

/** What every command that carries an idempotency key can come to before its outcome matters. */
export function commandAnswer<Outcome>(
  answer: Answer<Outcome> | NotNow,
  exchange: Exchange,
  render: (outcome: Outcome, first: Exchange, headers: readonly string[]) => CallAnswer,
): CallAnswer {
  switch (answer.kind) {
    case 'not-now':
      return problemAnswer({ code: answer.code }, exchange, retryAfter(answer.retryAfterS));
    case 'key-reused':
      return problemAnswer({ code: 'idempotency-key-reused' }, exchange);
    case 'decided':
    case 'replayed':
      return render(answer.outcome, firstExchange(answer, exchange), replayHeaders(answer));
  }
}

/** The answer to one user's claim. */
export function claimAnswer(
  answer: Answer<ClaimRequestOutcome> | NotNow,
  exchange: Exchange,
  nowMs: number,
): CallAnswer {
  return commandAnswer(answer, exchange, (outcome, first, headers) => {
    if (outcome.kind === 'campaign-not-found') {
      return problemAnswer({ code: 'campaign-not-found' }, first, headers);
    }
    return outcomeAnswer(outcome.claims[0]!, first, nowMs, headers);
  });
}

/** The answer to a claim that is decided, now or by the time it was asked for again. */
export function outcomeAnswer(
  outcome: ClaimOutcome,
  exchange: Exchange,
  nowMs: number,
  headers: readonly string[],
): CallAnswer {
  if (outcome.kind === 'refused') {
    const waiting = waitHeaders(outcome, nowMs);
    return problemAnswer(refusalProblem(outcome), exchange, [...waiting, ...headers]);
  }
  const { coupon } = outcome;
  return {
    status: 201,
    contentType: JSON_TYPE,
    body: issuedCouponJson(coupon),
    headers: ['Location', `/v1/coupons/${coupon.id}`, ...headers],
  };
}

/** The answer to the claims of many users. */
export function batchAnswer(
  answer: Answer<ClaimRequestOutcome> | NotNow,
  userIds: readonly string[],
  exchange: Exchange,
): CallAnswer {
  return commandAnswer(answer, exchange, (outcome, first, headers) => {
    if (outcome.kind === 'campaign-not-found') {
      return problemAnswer({ code: 'campaign-not-found' }, first, headers);
    }
    const results = outcome.claims.map((claim, i) => {
      const userId = userIds[i]!;
      return claim.kind === 'issued'
        ? { userId, coupon: renderIssuedCoupon(claim.coupon) }
        : { userId, code: claim.code };
    });
    return jsonAnswer(200, { results }, headers);
  });
}

/** `Retry-After`. */
export function retryAfter(seconds: number): readonly string[] {
  return seconds === RETRY_AFTER_S ? RETRY_SOON : ['Retry-After', String(seconds)];
}

const RETRY_SOON: readonly string[] = ['Retry-After', String(RETRY_AFTER_S)];
const REPLAYED: readonly string[] = ['Idempotent-Replayed', 'true'];
const NONE: readonly string[] = [];

/** A repeated answer is the first one to the last byte, so its problem bears the first's id. */
function firstExchange(answer: Decided, exchange: Exchange): Exchange {
  if (answer.kind === 'decided' || answer.requestId === null) return exchange;
  return { requestId: answer.requestId, path: exchange.path };
}

function replayHeaders(answer: Decided): readonly string[] {
  return answer.kind === 'replayed' ? REPLAYED : NONE;
}

function waitHeaders(refusal: ClaimRefusal, nowMs: number): readonly string[] {
  if (refusal.code !== 'campaign-not-started' || refusal.startsAtMs === undefined) return NONE;
  return retryAfter(Math.max(RETRY_AFTER_S, Math.ceil((refusal.startsAtMs - nowMs) / 1000)));
}

function refusalProblem(refusal: ClaimRefusal): ProblemDetails {
  const { code, couponIds, startsAtMs, endsAtMs } = refusal;
  switch (code) {
    case 'already-claimed':
      return { code, couponIds: couponIds ?? [] };
    case 'campaign-not-started':
      return startsAtMs === undefined ? { code } : { code, startsAt: rfc3339(startsAtMs) };
    case 'campaign-ended':
      return endsAtMs === undefined ? { code } : { code, endsAt: rfc3339(endsAtMs) };
    case 'campaign-paused':
    case 'sold-out':
      return { code };
  }
}
