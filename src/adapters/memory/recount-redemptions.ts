import type { DomainEvent, EventType } from '../../domain/event.ts';
import type { Redemption } from '../../ports/redemption-store.ts';
import type { MemoryTables } from './tables.ts';

/**
 * Each redeemed coupon has one redemption in force and the other way round, each campaign counts
 * them, and the log tells of each use and each reversal once.
 */
export function disagreeingRedemptions(tables: MemoryTables): readonly string[] {
  const redemptions = [...tables.redemptions.values()].map((row) => row.redemption);
  return [
    ...wrongCoupons(tables, redemptions),
    ...wrongCounters(tables, redemptions),
    ...redemptions.flatMap((redemption) => strayRedemption(tables, redemption)),
    ...wrongEvents(tables.events, redemptions),
  ];
}

function wrongCoupons(
  { coupons }: MemoryTables,
  redemptions: readonly Redemption[],
): readonly string[] {
  const inForce = Map.groupBy(redemptions.filter(isInForce), ({ couponId }) => couponId);
  return [...coupons.values()].flatMap(({ id, status }) => {
    const uses = inForce.get(id)?.length ?? 0;
    const due = status === 'redeemed' ? 1 : 0;
    return uses === due ? [] : [`${id} is ${status} and has ${uses} redemptions in force`];
  });
}

function wrongCounters(
  { campaigns }: MemoryTables,
  redemptions: readonly Redemption[],
): readonly string[] {
  const inForce = Map.groupBy(redemptions.filter(isInForce), ({ campaignId }) => campaignId);
  return [...campaigns.values()].flatMap(({ id, redeemed }) => {
    const uses = inForce.get(id)?.length ?? 0;
    return uses === redeemed ? [] : [`${id} counts ${redeemed} redeemed and has ${uses}`];
  });
}

/** A redemption's coupon, campaign, user and vendor are there and belong together. */
function strayRedemption(
  { coupons, campaigns }: MemoryTables,
  { id, couponId, campaignId, vendorId, userId }: Redemption,
): readonly string[] {
  const coupon = coupons.get(couponId);
  const isOfCoupon = coupon?.userId === userId && coupon.campaignId === campaignId;
  const isOfVendor = campaigns.get(campaignId)?.vendorId === vendorId;
  return isOfCoupon && isOfVendor ? [] : [`${id} is of another coupon, user or vendor`];
}

function wrongEvents(
  events: readonly DomainEvent[],
  redemptions: readonly Redemption[],
): readonly string[] {
  const used = redemptions.filter((one) => isInForce(one) || one.status === 'reversed');
  const undone = redemptions.filter((one) => one.status === 'reversed');
  return [
    ...toldOtherwise(events, 'coupon.redeemed', used),
    ...toldOtherwise(events, 'redemption.reversed', undone),
  ];
}

/** Every one of these has one event of a type that says the same, and the other way round. */
function toldOtherwise(
  events: readonly DomainEvent[],
  type: EventType,
  redemptions: readonly Redemption[],
): readonly string[] {
  const told = Map.groupBy(
    events.filter((event) => event.type === type),
    (event) => event.data['redemptionId'],
  );
  const untold = redemptions.flatMap((redemption) => {
    const about = told.get(redemption.id) ?? [];
    if (about.length !== 1) return [`${redemption.id} has ${about.length} ${type} events`];
    return tells(about[0]!, redemption) ? [] : [`${type} of ${redemption.id} says something else`];
  });
  const ids = new Set<unknown>(redemptions.map((redemption) => redemption.id));
  const unfounded = [...told.keys()]
    .filter((id) => !ids.has(id))
    .map((id) => `${type} tells of ${String(id)}, which did not happen`);
  return [...untold, ...unfounded];
}

function tells({ partitionKey, data }: DomainEvent, redemption: Redemption): boolean {
  const { couponId, campaignId, vendorId, userId, reimbursement } = redemption;
  const paid = data['reimbursement'] as Redemption['reimbursement'];
  return (
    partitionKey === campaignId &&
    data['couponId'] === couponId &&
    data['campaignId'] === campaignId &&
    data['vendorId'] === vendorId &&
    data['userId'] === userId &&
    paid?.amount === reimbursement?.amount
  );
}

function isInForce(redemption: Redemption): boolean {
  return redemption.status === 'redeemed';
}
