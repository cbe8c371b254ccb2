import { Type } from 'typebox';
import type { Param } from './call.ts';
import { CampaignId, ClaimId, RedemptionId, UserId, VendorId } from './primitives.ts';

/** The parts of paths, and what a request is told whose part cannot be such an id. */
export const vendorId: Param = { name: 'vendorId', schema: VendorId, notFound: 'vendor-not-found' };
export const campaignId: Param = {
  name: 'campaignId',
  schema: CampaignId,
  notFound: 'campaign-not-found',
};
export const claimId: Param = { name: 'claimId', schema: ClaimId, notFound: 'claim-not-found' };
export const redemptionId: Param = {
  name: 'redemptionId',
  schema: RedemptionId,
  notFound: 'redemption-not-found',
};
export const userId: Param = { name: 'userId', schema: UserId, notFound: null };
export const idOrCode: Param = {
  name: 'idOrCode',
  schema: Type.String({
    pattern: '^[A-Za-z0-9_-]{1,68}$',
    description: 'The id of a coupon, or its code as a person may type it.',
  }),
  notFound: 'coupon-not-found',
};
