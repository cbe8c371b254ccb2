import { invalidRequest, type ProblemDetails } from '../contract/problem-document.ts';
import type { NotNow } from '../engine/engine.ts';
import type { RedeemOutcome, Redemption } from '../ports/redemption-store.ts';
import type { Answer } from '../ports/store.ts';
import { jsonAnswer, problemAnswer, type CallAnswer, type Exchange } from './answer.ts';
import { commandAnswer } from './command-answer.ts';
import { renderRedemption } from './render-redemption.ts';

type RefusalCode = Extract<RedeemOutcome, { kind: 'refused' }>['code'];

/** The answer to the use of a coupon. */
export function redemptionAnswer(
  answer: Answer<RedeemOutcome> | NotNow,
  exchange: Exchange,
): CallAnswer {
  return commandAnswer(answer, exchange, (outcome, first, headers) =>
    outcome.kind === 'refused'
      ? problemAnswer(refusalProblem(outcome.code), first, headers)
      : redeemedAnswer(outcome.redemption, headers),
  );
}

/** The answer to an accepted use that is decided by the time it is answered. */
export function decidedRedemptionAnswer(
  redemption: Redemption,
  exchange: Exchange,
  headers: readonly string[],
): CallAnswer {
  return redemption.code === null
    ? redeemedAnswer(redemption, headers)
    : problemAnswer(refusalProblem(redemption.code), exchange, headers);
}

/** As it was when the coupon was used, so that a repeated answer is the first one. */
function redeemedAnswer(redemption: Redemption, headers: readonly string[]): CallAnswer {
  const asUsed = { ...redemption, status: 'redeemed', reversedAtMs: null } as const;
  const location = ['Location', `/v1/redemptions/${redemption.id}`, ...headers];
  return jsonAnswer(201, renderRedemption(asUsed), location);
}

/** Why a use was refused, or not accepted. */
export function refusalProblem(code: RefusalCode): ProblemDetails {
  return code === 'order-amount-needed' ? ORDER_AMOUNT_NEEDED : { code };
}

const ORDER_AMOUNT_NEEDED = invalidRequest([
  { pointer: '/orderAmount', detail: 'is missing; a discount in percent is taken of it' },
]);
