import { jsonAnswer, problemAnswer } from '../answer.ts';
import type { CallHandler } from '../call-route.ts';
import { commandAnswer } from '../command-answer.ts';
import type { HttpParts } from '../http-parts.ts';
import { renderRedemption } from '../render-redemption.ts';

type RedemptionCalls = 'getRedemption' | 'createReversal';

/** Redemptions: look at one, undo one. */
export function redemptionHandlers({
  engine,
  log,
}: HttpParts): Record<RedemptionCalls, CallHandler> {
  return {
    getRedemption: async ({ params, exchange }) => {
      const redemption = await engine.redemption(params['redemptionId']!, 0);
      return redemption === null
        ? problemAnswer({ code: 'redemption-not-found' }, exchange)
        : jsonAnswer(200, renderRedemption(redemption));
    },
    createReversal: async ({ params, origin, exchange }) => {
      const answer = await engine.reverseRedemption(params['redemptionId']!, origin);
      return commandAnswer(answer, exchange, (outcome, first, headers) => {
        if (outcome.kind === 'refused') {
          return problemAnswer({ code: outcome.code }, first, headers);
        }
        const { redemption } = outcome;
        if (answer.kind === 'decided') {
          const { id: redemptionId, couponId, vendorId, reimbursement } = redemption;
          const fields = { redemptionId, couponId, vendorId, reimbursement };
          log.info({ requestId: exchange.requestId, ...fields }, 'redemption reversed');
        }
        const location = ['Location', `/v1/redemptions/${redemption.id}`, ...headers];
        return jsonAnswer(201, renderRedemption(redemption), location);
      });
    },
  };
}
