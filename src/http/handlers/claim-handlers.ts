import type { NewClaimBatch } from '../../contract/schemas.ts';
import { jsonAnswer, problemAnswer } from '../answer.ts';
import type { CallHandler } from '../call-route.ts';
import { batchAnswer } from '../claim-answers.ts';
import type { HttpParts } from '../http-parts.ts';
import { renderClaim, renderCoupon } from '../render.ts';
import { pageAnswer, pageRequest } from './paging.ts';

type ClaimCalls = 'createClaimBatch' | 'getClaim' | 'listUserCoupons' | 'getCoupon';

/** Claims of many users, asynchronous claims, and the coupons that claims have won. */
export function claimHandlers({ engine, clock }: HttpParts): Record<ClaimCalls, CallHandler> {
  return {
    createClaimBatch: async ({ params, body, origin, exchange }) => {
      const { userIds } = body as NewClaimBatch;
      const answer = await engine.claim({ campaignId: params['campaignId']!, userIds, origin });
      return batchAnswer(answer, userIds, exchange);
    },
    getClaim: async ({ params, exchange }) => {
      const claim = await engine.acceptedClaim(params['claimId']!, 0);
      return claim === null
        ? problemAnswer({ code: 'claim-not-found' }, exchange)
        : jsonAnswer(200, renderClaim(claim, clock.nowMs()));
    },
    listUserCoupons: async (input) => {
      const page = await engine.queries.couponsOfUser(input.params['userId']!, pageRequest(input));
      return pageAnswer(page, input, (coupon) => renderCoupon(coupon, clock.nowMs()));
    },
    getCoupon: async ({ params, exchange }) => {
      const coupon = await engine.queries.coupon(params['idOrCode']!);
      return coupon === null
        ? problemAnswer({ code: 'coupon-not-found' }, exchange)
        : jsonAnswer(200, renderCoupon(coupon, clock.nowMs()));
    },
  };
}
