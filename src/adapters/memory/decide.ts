import { claimRefused, couponIssued } from '../../domain/campaign/campaign-events.ts';
import type { Campaign } from '../../domain/campaign/campaign.ts';
import { decideClaim, type ClaimRefusalCode } from '../../domain/campaign/decide-claim.ts';
import { addDuration, parseDuration } from '../../domain/campaign/duration.ts';
import { CODE_BYTES, formatCouponCode } from '../../domain/coupon/coupon-code.ts';
import type { Coupon } from '../../domain/coupon/coupon.ts';
import type { AcceptedClaim, ClaimOutcome, ClaimRefusal } from '../../ports/store.ts';
import {
  appendEvent,
  heldBy,
  insertCoupon,
  type AcceptedRow,
  type MemoryTables,
} from './tables.ts';

/** Gives that many bytes that nobody can guess. */
export type RandomBytes = (count: number) => Uint8Array;

/** Decides one claim on what the tables hold now, and writes what follows from it. */
export function decideAndWrite(
  tables: MemoryTables,
  claim: { readonly campaignId: string; readonly userId: string },
  traceparent: string | null,
  nowMs: number,
  random: RandomBytes,
): ClaimOutcome {
  const campaign = tables.campaigns.get(claim.campaignId);
  if (campaign === undefined) throw new Error(`no campaign ${claim.campaignId}`);
  const held = heldBy(tables, campaign.id, claim.userId);
  const decision = decideClaim(campaign, campaign.issued, held.length, nowMs);
  if (decision !== 'issue') return refusal(decision, campaign, held, nowMs);
  const coupon = newCoupon(campaign, claim.userId, campaign.issued + 1, nowMs, random);
  insertCoupon(tables, coupon);
  tables.campaigns.set(campaign.id, { ...campaign, issued: campaign.issued + 1 });
  appendEvent(tables, couponIssued(coupon, traceparent));
  return { kind: 'issued', coupon };
}

/** Decides one claim that was accepted earlier, and writes the decision into its row. */
export function decideAccepted(
  tables: MemoryTables,
  row: AcceptedRow,
  nowMs: number,
  random: RandomBytes,
): AcceptedClaim {
  const outcome = decideAndWrite(tables, row.claim, row.traceparent, nowMs, random);
  const claim = { ...row.claim, outcome };
  tables.acceptedClaims.set(claim.id, { ...row, claim });
  if (outcome.kind === 'refused') {
    appendEvent(tables, claimRefused(claim, outcome.code, nowMs, row.traceparent));
  }
  return claim;
}

/** Makes a coupon; nothing is written. */
export function newCoupon(
  campaign: Campaign,
  userId: string,
  sequence: number,
  nowMs: number,
  random: RandomBytes,
): Coupon {
  return {
    id: `cpn_${Buffer.from(random(16)).toString('hex')}`,
    campaignId: campaign.id,
    userId,
    sequence,
    code: formatCouponCode(random(CODE_BYTES)),
    status: 'issued',
    issuedAtMs: nowMs,
    expiresAtMs: expiryOf(campaign, nowMs),
  };
}

function refusal(
  code: ClaimRefusalCode,
  campaign: Campaign,
  held: readonly string[],
  decidedAtMs: number,
): ClaimRefusal {
  const refused = { kind: 'refused', code, decidedAtMs } as const;
  switch (code) {
    case 'already-claimed':
      return { ...refused, couponIds: [...held] };
    case 'campaign-not-started':
      return campaign.startsAtMs === null
        ? refused
        : { ...refused, startsAtMs: campaign.startsAtMs };
    case 'campaign-ended':
      return campaign.endsAtMs === null ? refused : { ...refused, endsAtMs: campaign.endsAtMs };
    case 'campaign-paused':
    case 'sold-out':
      return refused;
  }
}

function expiryOf(campaign: Campaign, issuedAtMs: number): number | null {
  if (campaign.couponValidFor === null) return null;
  const duration = parseDuration(campaign.couponValidFor);
  if (duration === null) throw new Error(`campaign ${campaign.id} has a broken duration`);
  return addDuration(issuedAtMs, duration);
}
