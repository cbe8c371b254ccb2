import type { ClaimService } from './claim-service.ts';
import type { ClaimTally } from './claim-tally.ts';
import type { CouponExpiry } from './coupon-expiry.ts';
import type { DecisionTally } from './decision-tally.ts';
import type { Figures } from './engine.ts';
import type { RedemptionService } from './redemption-service.ts';

/** The figures as they stand whenever one of them is read. */
export function figuresOf(parts: {
  tallies: { readonly claims: ClaimTally; readonly redemptions: DecisionTally };
  claims: ClaimService;
  redemptions: RedemptionService;
  expiry: CouponExpiry;
}): Figures {
  const { tallies, claims, redemptions, expiry } = parts;
  return {
    claimsByOutcome: tallies.claims.byOutcome,
    get refusedFromMemory() {
      return tallies.claims.fromMemory;
    },
    get batches() {
      return tallies.claims.batches;
    },
    get claimsInBatches() {
      return tallies.claims.inBatches;
    },
    get claimsWaiting() {
      return claims.waiting;
    },
    get storeSeconds() {
      return tallies.claims.storeSeconds;
    },
    redemptionsByOutcome: tallies.redemptions.byOutcome,
    get redemptionBatches() {
      return tallies.redemptions.batches;
    },
    get redemptionsInBatches() {
      return tallies.redemptions.inBatches;
    },
    get redemptionsWaiting() {
      return redemptions.waiting;
    },
    get redemptionStoreSeconds() {
      return tallies.redemptions.storeSeconds;
    },
    get couponsExpired() {
      return expiry.expired;
    },
  };
}
