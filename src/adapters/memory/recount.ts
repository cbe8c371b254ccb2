import { check, counted } from '../../domain/audit-check.ts';
import type { Campaign } from '../../domain/campaign/campaign.ts';
import type { Coupon } from '../../domain/coupon/coupon.ts';
import type { DomainEvent } from '../../domain/event.ts';
import type { AcceptedClaim, AuditCheck } from '../../ports/store.ts';
import { wrongBalances, wrongPayments } from './recount-ledger.ts';
import { disagreeingRedemptions } from './recount-redemptions.ts';
import type { MemoryTables } from './tables.ts';

/** Counts the promises again from the rows; indexes and counters are not asked, but checked. */
export function recount(tables: MemoryTables): readonly AuditCheck[] {
  const campaigns = [...tables.campaigns.values()];
  const coupons = [...tables.coupons.values()];
  const couponsOf = Map.groupBy(coupons, (coupon) => coupon.campaignId);
  const each = (find: (campaign: Campaign, coupons: readonly Coupon[]) => readonly string[]) =>
    campaigns.flatMap((campaign) => find(campaign, couponsOf.get(campaign.id) ?? []));
  const inCampaigns = counted(campaigns.length, 'campaign');
  const inCoupons = counted(coupons.length, 'coupon');
  const accepted = [...tables.acceptedClaims.values()];
  const queued = accepted.filter(({ claim }) => claim.outcome === null).length;
  const inClaims = counted(accepted.length, 'asynchronous claim');
  const inRedemptions = counted(tables.redemptions.size, 'redemption');
  const inVendors = counted(tables.vendors.size, 'vendor');
  return [
    check('issued-within-quantity', inCampaigns, each(overIssued)),
    check('sequences-without-gap', inCoupons, each(gapsAndRepeats)),
    check('per-user-limit', inCoupons, each(overLimit)),
    check('counters-agree', inCampaigns, each(wrongCounters)),
    check('events-agree', inCoupons, disagreeingEvents(tables.coupons, tables.events)),
    check(
      'accepted-claims-agree',
      `${inClaims}, ${queued.toLocaleString('en-US')} queued`,
      disagreeingClaims(tables),
    ),
    check('redemptions-agree', inRedemptions, disagreeingRedemptions(tables)),
    check(
      'ledger-balances',
      `${counted(tables.transactions.length, 'transaction')}, ${inVendors}`,
      wrongBalances(tables),
    ),
    check(
      'vendors-paid-once',
      `${inRedemptions}, ${counted(tables.payouts.size, 'payout')}`,
      wrongPayments(tables),
    ),
  ];
}

function overIssued(campaign: Campaign, coupons: readonly Coupon[]): readonly string[] {
  if (coupons.length <= campaign.quantity) return [];
  return [`${campaign.id} issued ${coupons.length} of ${campaign.quantity}`];
}

function gapsAndRepeats(campaign: Campaign, coupons: readonly Coupon[]): readonly string[] {
  const sequences = coupons.map((coupon) => coupon.sequence).sort((a, b) => a - b);
  const wrong = sequences.findIndex((sequence, index) => sequence !== index + 1);
  return wrong === -1 ? [] : [`${campaign.id} has ${sequences[wrong]} where ${wrong + 1} belongs`];
}

function overLimit(campaign: Campaign, coupons: readonly Coupon[]): readonly string[] {
  return [...Map.groupBy(coupons, (coupon) => coupon.userId)]
    .filter(([, held]) => held.length > campaign.perUserLimit)
    .map(([userId, held]) => `${userId} holds ${held.length} of ${campaign.id}`);
}

function wrongCounters(campaign: Campaign, coupons: readonly Coupon[]): readonly string[] {
  if (campaign.issued === coupons.length) return [];
  return [`${campaign.id} counts ${campaign.issued} and has ${coupons.length}`];
}

/** Every coupon has one `coupon.issued` that says the same, and the other way round. */
function disagreeingEvents(
  coupons: ReadonlyMap<string, Coupon>,
  events: readonly DomainEvent[],
): readonly string[] {
  const told = Map.groupBy(
    events.filter((event) => event.type === 'coupon.issued'),
    (event) => event.subject,
  );
  const untold = [...coupons.values()].flatMap((coupon) => {
    const about = told.get(coupon.id) ?? [];
    if (about.length !== 1) return [`${coupon.id} has ${about.length} coupon.issued events`];
    return tells(about[0]!, coupon) ? [] : [`the event of ${coupon.id} says something else`];
  });
  const unfounded = [...told.keys()]
    .filter((couponId) => !coupons.has(couponId))
    .map((couponId) => `an event tells of ${couponId}, which is not there`);
  const gap = events.findIndex((event, index) => event.position !== index + 1);
  const gaps = gap === -1 ? [] : [`event ${gap + 1} has position ${events[gap]!.position}`];
  return [...untold, ...unfounded, ...gaps];
}

function tells(event: DomainEvent, coupon: Coupon): boolean {
  return (
    event.partitionKey === coupon.campaignId &&
    event.data['campaignId'] === coupon.campaignId &&
    event.data['userId'] === coupon.userId &&
    event.data['sequence'] === coupon.sequence
  );
}

/** An issued claim has its coupon, a refused one its one event, and a queued one has neither. */
function disagreeingClaims(tables: MemoryTables): readonly string[] {
  const refusals = Map.groupBy(
    tables.events.filter((event) => event.type === 'claim.refused'),
    (event) => event.subject,
  );
  const wrong = [...tables.acceptedClaims.values()].flatMap(({ claim }) => {
    const told = refusals.get(claim.id)?.length ?? 0;
    const expected = claim.outcome?.kind === 'refused' ? 1 : 0;
    if (told !== expected) return [`${claim.id} has ${told} claim.refused events`];
    return hasItsCoupon(tables, claim) ? [] : [`the coupon of ${claim.id} is not there`];
  });
  const unfounded = [...refusals.keys()]
    .filter((claimId) => !tables.acceptedClaims.has(claimId))
    .map((claimId) => `an event tells of ${claimId}, which is not there`);
  return [...wrong, ...unfounded];
}

function hasItsCoupon(tables: MemoryTables, claim: AcceptedClaim): boolean {
  if (claim.outcome?.kind !== 'issued') return true;
  const coupon = tables.coupons.get(claim.outcome.coupon.id);
  return coupon?.userId === claim.userId && coupon.campaignId === claim.campaignId;
}
