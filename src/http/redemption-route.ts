import { CALLS } from '../contract/calls.ts';
import { NewRedemption } from '../contract/redemption-schemas.ts';
import { compileValidator } from '../contract/validate.ts';
import type { HttpParts } from './http-parts.ts';
import { laterAnswer } from './later-answer.ts';
import { LeanRoute, type DirectRoute } from './lean-route.ts';
import { decidedRedemptionAnswer, redemptionAnswer, refusalProblem } from './redemption-answers.ts';
import { orderAmountOf, renderRedemption } from './render-redemption.ts';

const newRedemption = compileValidator(NewRedemption);

/** `POST /v1/coupons/{idOrCode}/redemptions`. */
export function createRedemptionRoute(parts: HttpParts): DirectRoute {
  const { engine } = parts;
  return new LeanRoute(parts, {
    call: CALLS.createRedemption,
    body: newRedemption,
    isKnown: async (idOrCode) => (await engine.queries.coupon(idOrCode)) !== null,
    execute: async ({ id: coupon, body, origin, preference, exchange }) => {
      const { orderAmount, reference = null } = body;
      const request = {
        coupon,
        orderAmount: orderAmount === undefined ? null : orderAmountOf(orderAmount),
        reference,
        origin,
      };
      if (!preference.respondAsync) return redemptionAnswer(await engine.redeem(request), exchange);
      return laterAnswer(engine.acceptRedemption(request), preference, exchange, {
        itemOf: (outcome) => (outcome.kind === 'accepted' ? outcome.redemption : outcome.code),
        problemOf: refusalProblem,
        find: (id, waitMs) => engine.redemption(id, waitMs),
        isDecided: ({ status }) => status !== 'queued',
        decidedAnswer: decidedRedemptionAnswer,
        path: '/v1/redemptions/',
        render: renderRedemption,
      });
    },
  });
}
