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
import { commandAnswer, retryAfter } from './command-answer.ts';

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

const NONE: readonly string[] = [];

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
