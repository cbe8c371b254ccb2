import type { Coupon } from '../coupon/coupon.ts';
import type { DomainEvent } from '../event.ts';
import type { Campaign } from './campaign.ts';
import type { ClaimRefusalCode } from './decide-claim.ts';

/** An event that has no place in the log yet. */
export type NewEvent = Omit<DomainEvent, 'position'>;

/** A campaign was created. */
export function campaignCreated(campaign: Campaign, traceparent: string | null): NewEvent {
  return {
    type: 'campaign.created',
    subject: campaign.id,
    partitionKey: campaign.id,
    timeMs: campaign.createdAtMs,
    traceparent,
    data: {
      campaignId: campaign.id,
      vendorId: campaign.vendorId,
      title: campaign.title,
      discount: campaign.discount,
      quantity: campaign.quantity,
      perUserLimit: campaign.perUserLimit,
      startsAt: rfc3339(campaign.startsAtMs),
      endsAt: rfc3339(campaign.endsAtMs),
      couponValidFor: campaign.couponValidFor,
      reimbursementBps: campaign.reimbursementBps,
    },
  };
}

/**
 * The owner changed a campaign. The data names the members as the API does, and gives the new value
 * of each beside the list.
 *
 * @param changed  as `decideCampaignUpdate` named them; not empty
 */
export function campaignUpdated(
  campaign: Campaign,
  changed: readonly string[],
  nowMs: number,
  traceparent: string | null,
): NewEvent {
  const values = changed.map((name) => publicMember(campaign, name));
  return {
    type: 'campaign.updated',
    subject: campaign.id,
    partitionKey: campaign.id,
    timeMs: nowMs,
    traceparent,
    data: {
      campaignId: campaign.id,
      changed: values.map(([name]) => name),
      ...Object.fromEntries(values),
    },
  };
}

/** A coupon was issued. The code is its owner's secret, so it is not told here. */
export function couponIssued(
  coupon: Omit<Coupon, 'code' | 'status'>,
  traceparent: string | null,
): NewEvent {
  return {
    type: 'coupon.issued',
    subject: coupon.id,
    partitionKey: coupon.campaignId,
    timeMs: coupon.issuedAtMs,
    traceparent,
    data: {
      couponId: coupon.id,
      campaignId: coupon.campaignId,
      userId: coupon.userId,
      sequence: coupon.sequence,
      issuedAt: rfc3339(coupon.issuedAtMs),
      expiresAt: rfc3339(coupon.expiresAtMs),
    },
  };
}

/** An asynchronous claim was refused; one that is answered at once leaves no event. */
export function claimRefused(
  claim: { readonly id: string; readonly campaignId: string; readonly userId: string },
  code: ClaimRefusalCode,
  nowMs: number,
  traceparent: string | null,
): NewEvent {
  return {
    type: 'claim.refused',
    subject: claim.id,
    partitionKey: claim.campaignId,
    timeMs: nowMs,
    traceparent,
    data: { claimId: claim.id, campaignId: claim.campaignId, userId: claim.userId, code },
  };
}

function publicMember(campaign: Campaign, name: string): [name: string, value: unknown] {
  switch (name) {
    case 'paused':
      return ['status', campaign.paused ? 'paused' : 'open'];
    case 'endsAtMs':
      return ['endsAt', rfc3339(campaign.endsAtMs)];
    default:
      return [name, campaign[name as keyof Campaign]];
  }
}

function rfc3339(timeMs: number): string;
function rfc3339(timeMs: number | null): string | null;
function rfc3339(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
