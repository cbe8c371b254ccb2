import { expect } from 'vitest';
import { couponStatus, type Coupon } from '../../../src/domain/coupon/coupon.ts';
import type { Store } from '../../../src/ports/store.ts';
import { claim, couponOf, givenCampaign } from '../given.ts';
import {
  givenCoupon,
  givenCoupons,
  givenRedemption,
  redeem,
  redeemedOf,
  reverse,
  useOf,
  wordOf,
} from '../given-redemptions.ts';
import { withLedgerHeld } from '../ledger-invariants.ts';
import { START_MS } from '../store-under-test.ts';

const HOUR_MS = 3_600_000;
const HOURLY = { couponValidFor: 'PT1H' };

/** Coupons whose time passes. */
export const expiryChecks = withLedgerHeld({
  'lets a coupon be used until before its time has passed': async ({ store, clock }) => {
    const [first, second] = await givenCoupons(store, 2, HOURLY);
    clock.advance(HOUR_MS - 1);
    await givenRedemption(store, useOf('red_1', first!.id));
    clock.advance(1);
    expect(wordOf(await redeem(store, useOf('red_2', second!.id)))).toBe('coupon-expired');
    expect(await redeemedOf(store)).toBe(1);
  },

  'marks those whose time has passed, and only those': async ({ store, clock }) => {
    const [hourly] = await givenCoupons(store, 1, { id: 'cmp_a', ...HOURLY });
    const [daily] = await givenCoupons(store, 1, { id: 'cmp_b', couponValidFor: 'P1D' });
    const [endless] = await givenCoupons(store, 1, { id: 'cmp_c' });
    clock.advance(HOUR_MS - 1);
    expect(await store.expireCoupons(10)).toBe(0);
    clock.advance(1);
    expect(await store.expireCoupons(10)).toBe(1);
    expect(await store.expireCoupons(10)).toBe(0);
    const stored = [hourly, daily, endless].map((coupon) => store.coupon(coupon!.id));
    expect(await Promise.all(stored)).toEqual([{ ...hourly, status: 'expired' }, daily, endless]);
  },

  'marks no coupon that was used': async ({ store, clock }) => {
    const [used, unused] = await givenCoupons(store, 2, HOURLY);
    await givenRedemption(store, useOf('red_1', used!.id));
    clock.advance(HOUR_MS);
    expect(await store.expireCoupons(10)).toBe(1);
    expect((await store.coupon(used!.id))?.status).toBe('redeemed');
    expect((await store.coupon(unused!.id))?.status).toBe('expired');
    expect(await redeemedOf(store)).toBe(1);
  },

  'marks the longest overdue first, as many as asked': async ({ store, clock }) => {
    const id = await givenCampaign(store, { ...HOURLY, quantity: 20 });
    const soon = await givenCampaign(store, { id: 'cmp_soon', couponValidFor: 'PT1M' });
    const coupons: Coupon[] = [];
    for (const userId of ['a', 'b', 'c', 'd']) {
      coupons.push(couponOf((await claim(store, id, [userId]))[0]));
      clock.advance(1000);
    }
    // Issued last, and over first.
    const first = couponOf((await claim(store, soon, ['e']))[0]);
    clock.advance(HOUR_MS);
    const due = [first, ...coupons];
    const marked: string[] = [];
    for (const countMax of [1, 2, 1]) {
      expect(await store.expireCoupons(countMax)).toBe(countMax);
      marked.push(...(await markedAmong(store, due)).filter((one) => !marked.includes(one)));
      expect(new Set(marked)).toEqual(new Set(due.slice(0, marked.length).map((one) => one.id)));
    }
    expect(await store.expireCoupons(5)).toBe(1);
    expect(await store.expireCoupons(5)).toBe(0);
  },

  'refuses a coupon that was marked, though the clock is set back': async ({ store, clock }) => {
    const coupon = await givenCoupon(store, HOURLY);
    clock.advance(HOUR_MS);
    await store.expireCoupons(1);
    clock.set(START_MS);
    expect(wordOf(await redeem(store, useOf('red_1', coupon.id)))).toBe('coupon-expired');
    expect(await store.expireCoupons(1)).toBe(0);
  },

  'marks a coupon that was given back in time, and leaves one given back late': async (subject) => {
    const { store, clock } = subject;
    const [early, late] = await givenCoupons(store, 2, HOURLY);
    await givenRedemption(store, useOf('red_1', early!.id));
    await givenRedemption(store, useOf('red_2', late!.id));
    await reverse(store, 'red_1');
    clock.advance(HOUR_MS);
    // It is expired from then on, so nothing is left to be marked.
    await reverse(store, 'red_2');
    expect(await store.expireCoupons(10)).toBe(1);
    const stored = [early, late].map(async (coupon) => (await store.coupon(coupon!.id))?.status);
    expect(await Promise.all(stored)).toEqual(['expired', 'expired']);
  },

  'gives nobody a second coupon because the first has expired': async ({ store, clock }) => {
    const coupon = await givenCoupon(store, { ...HOURLY, quantity: 5 });
    clock.advance(HOUR_MS);
    await store.expireCoupons(1);
    const [again] = await claim(store, 'cmp_a', ['user-1']);
    expect(again).toMatchObject({ code: 'already-claimed', couponIds: [coupon.id] });
  },

  'tells nobody, and keeps the marks over a restart': async ({ store, log, clock, reopen }) => {
    const coupons = await givenCoupons(store, 3, HOURLY);
    clock.advance(HOUR_MS);
    const head = await log.head();
    expect(await store.expireCoupons(2)).toBe(2);
    expect(await log.head()).toBe(head);
    const { store: again } = await reopen();
    expect(await markedAmong(again, coupons)).toHaveLength(2);
    expect(await again.expireCoupons(10)).toBe(1);
    expect(await markedAmong(again, coupons)).toHaveLength(3);
  },
});

/** Those that would be expired at any time, because it is written down. */
async function markedAmong(store: Store, coupons: readonly Coupon[]): Promise<readonly string[]> {
  const marked: string[] = [];
  for (const { id } of coupons) {
    const coupon = (await store.coupon(id))!;
    if (couponStatus(coupon, START_MS) === 'expired') marked.push(id);
  }
  return marked;
}
