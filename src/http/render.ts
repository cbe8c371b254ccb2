import type { Campaign } from '../domain/campaign/campaign.ts';
import { campaignStatus } from '../domain/campaign/campaign.ts';
import { couponStatus, type Coupon, type CouponStatus } from '../domain/coupon/coupon.ts';
import type { DomainEvent } from '../domain/event.ts';
import type { AcceptedClaim, Vendor } from '../ports/store.ts';
import { fullEventType } from '../contract/event-schemas.ts';
import type {
  Campaign as CampaignBody,
  Claim as ClaimBody,
  Coupon as CouponBody,
  Vendor as VendorBody,
} from '../contract/schemas.ts';

/** A vendor as the API shows it. */
export function renderVendor(vendor: Vendor): VendorBody {
  return {
    id: vendor.id,
    object: 'vendor',
    name: vendor.name,
    balance: vendor.balance,
    createdAt: rfc3339(vendor.createdAtMs),
  };
}

/** A campaign as the API shows it at a moment. */
export function renderCampaign(campaign: Campaign, nowMs: number): CampaignBody {
  return {
    id: campaign.id,
    object: 'campaign',
    vendorId: campaign.vendorId,
    title: campaign.title,
    status: campaignStatus(campaign, campaign.issued, nowMs),
    discount: campaign.discount,
    quantity: campaign.quantity,
    issued: campaign.issued,
    remaining: campaign.quantity - campaign.issued,
    redeemed: campaign.redeemed,
    perUserLimit: campaign.perUserLimit,
    startsAt: rfc3339OrNull(campaign.startsAtMs),
    endsAt: rfc3339OrNull(campaign.endsAtMs),
    couponValidFor: campaign.couponValidFor,
    reimbursementBps: campaign.reimbursementBps,
    createdAt: rfc3339(campaign.createdAtMs),
  };
}

/** A coupon as the API shows it at a moment. */
export function renderCoupon(coupon: Coupon, nowMs: number): CouponBody {
  return couponBody(coupon, couponStatus(coupon, nowMs));
}

/** A coupon as it was when it was issued, so that a repeated answer is the first one. */
export function renderIssuedCoupon(coupon: Coupon): CouponBody {
  return couponBody(coupon, 'issued');
}

/**
 * `JSON.stringify(renderIssuedCoupon(coupon))` for the one call that is made thousands of times a
 * second. No value here can hold a character that JSON escapes: ids and codes are the server's own,
 * and the pattern of user ids has none. All of it is ASCII.
 */
export function issuedCouponJson(coupon: Coupon): string {
  const { expiresAtMs } = coupon;
  return (
    `{"id":"${coupon.id}","object":"coupon","campaignId":"${coupon.campaignId}",` +
    `"userId":"${coupon.userId}","sequence":${coupon.sequence},"code":"${coupon.code}",` +
    `"status":"issued","createdAt":"${rfc3339(coupon.issuedAtMs)}","expiresAt":` +
    (expiresAtMs === null ? 'null}' : `"${rfc3339(expiresAtMs)}"}`)
  );
}

/** An asynchronous claim as the API shows it at a moment. */
export function renderClaim(claim: AcceptedClaim, nowMs: number): ClaimBody {
  const { id, campaignId, userId, outcome } = claim;
  const body: ClaimBody = {
    id,
    object: 'claim',
    campaignId,
    userId,
    status: outcome === null ? 'queued' : outcome.kind,
    createdAt: rfc3339(claim.createdAtMs),
  };
  if (outcome === null) return body;
  if (outcome.kind === 'issued') return { ...body, coupon: renderCoupon(outcome.coupon, nowMs) };
  const { code, couponIds } = outcome;
  return couponIds === undefined ? { ...body, code } : { ...body, code, couponIds: [...couponIds] };
}

/** An event as a CloudEvent 1.0 in JSON. */
export function renderEvent(event: DomainEvent) {
  return {
    specversion: '1.0' as const,
    id: eventId(event.position),
    source: '/firstcome' as const,
    type: fullEventType(event.type),
    subject: event.subject,
    time: rfc3339(event.timeMs),
    partitionkey: event.partitionKey,
    ...(event.traceparent !== null && { traceparent: event.traceparent }),
    datacontenttype: 'application/json' as const,
    data: event.data,
  };
}

/** The id of the event at a position of the log; of equal length, so that ids sort as positions. */
export function eventId(position: number): string {
  return `evt_${String(position).padStart(EVENT_ID_DIGITS, '0')}`;
}

/** The position of an event's id, or null if it is none. 0 stands before the first event. */
export function eventPosition(id: string): number | null {
  if (!/^evt_[0-9]{1,16}$/.test(id)) return null;
  const position = Number(id.slice('evt_'.length));
  return Number.isSafeInteger(position) ? position : null;
}

/** A moment as RFC 3339 in UTC. */
export function rfc3339(timeMs: number): string {
  if (timeMs === lastTimeMs) return lastTime;
  lastTime = new Date(timeMs).toISOString();
  lastTimeMs = timeMs;
  return lastTime;
}

/** The same, with null for null. */
export function rfc3339OrNull(timeMs: number | null): string | null {
  return timeMs === null ? null : rfc3339(timeMs);
}

const EVENT_ID_DIGITS = 16;

/** All claims of a batch bear one time, so the last one is worth keeping. */
let lastTimeMs = 0;
let lastTime = new Date(0).toISOString();

function couponBody(coupon: Coupon, status: CouponStatus): CouponBody {
  return {
    id: coupon.id,
    object: 'coupon',
    campaignId: coupon.campaignId,
    userId: coupon.userId,
    sequence: coupon.sequence,
    code: coupon.code,
    status,
    createdAt: rfc3339(coupon.issuedAtMs),
    expiresAt: rfc3339OrNull(coupon.expiresAtMs),
  };
}
