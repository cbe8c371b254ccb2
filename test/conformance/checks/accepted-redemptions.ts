import { expect } from 'vitest';
import type { Redemption } from '../../../src/ports/redemption-store.ts';
import { TRACE, users } from '../given.ts';
import {
  acceptUse,
  balanceOf,
  givenCoupon,
  givenCoupons,
  givenRedemption,
  ledgerInWords,
  orderOf,
  redeem,
  redeemedOf,
  redemptionOf,
  reverse,
  useOf,
  wordOf,
  wordsOfAnswers,
} from '../given-redemptions.ts';
import { withLedgerHeld } from '../ledger-invariants.ts';
import { START_MS } from '../store-under-test.ts';

const TRACED = { idempotency: null, traceparent: TRACE };
const HOUR_MS = 3_600_000;

/** Uses that are written down first and decided later. */
export const acceptedRedemptionChecks = withLedgerHeld({
  'writes a use down as queued, and uses nothing yet': async ({ store, log, clock }) => {
    const coupon = await givenCoupon(store);
    const head = await log.head();
    clock.advance(2);
    const more = { ...orderOf(700), reference: 'r' };
    const queued = await acceptUse(store, useOf('red_1', coupon.code, more));
    expect(queued).toEqual({
      id: 'red_1',
      couponId: coupon.id,
      campaignId: 'cmp_a',
      vendorId: 'ven_a',
      userId: 'user-1',
      status: 'queued',
      code: null,
      orderAmount: { amount: 700, currency: 'KRW' },
      discount: null,
      reimbursement: null,
      reference: 'r',
      createdAtMs: START_MS + 2,
      reversedAtMs: null,
    });
    expect(await store.redemption('red_1')).toEqual(queued);
    expect(await store.redemption('red_nowhere')).toBeNull();
    expect(await store.coupon(coupon.id)).toEqual(coupon);
    expect(await redeemedOf(store)).toBe(0);
    expect(await log.head()).toBe(head);
  },

  'accepts nothing for a coupon that is not there': async ({ store }) => {
    const coupon = await givenCoupon(store);
    const requests = [useOf('red_1', 'cpn_nowhere'), useOf('red_2', coupon.id)];
    const answers = await store.acceptRedemptions(requests);
    expect(wordsOfAnswers(answers)).toEqual(['decided coupon-not-found', 'decided accepted']);
    expect(await store.redemption('red_1')).toBeNull();
    expect(await store.decideAcceptedRedemptions(10)).toHaveLength(1);
    expect(await store.decideAcceptedRedemptions(10)).toEqual([]);
    expect(await store.acceptRedemptions([])).toEqual([]);
  },

  'accepts nothing that lacks the order amount of a percentage': async ({ store, log }) => {
    const discount = { type: 'percent', percent: 10, currency: 'KRW' } as const;
    const coupon = await givenCoupon(store, { discount });
    const fixed = await givenCoupon(store, { id: 'cmp_b' });
    const head = await log.head();
    const answers = await store.acceptRedemptions([
      useOf('red_1', coupon.id),
      useOf('red_2', coupon.id, orderOf(0)),
      useOf('red_3', fixed.id),
    ]);
    expect(wordsOfAnswers(answers)).toEqual([
      'decided order-amount-needed',
      'decided accepted',
      'decided accepted',
    ]);
    expect(await store.redemption('red_1')).toBeNull();
    expect(await log.head()).toBe(head);
    const decided = await store.decideAcceptedRedemptions(10);
    expect(decided.map(({ id, status }) => [id, status])).toEqual([
      ['red_2', 'redeemed'],
      ['red_3', 'redeemed'],
    ]);
  },

  'decides as a use that is answered at once would be': async ({ store, clock }) => {
    const coupon = await givenCoupon(store);
    const queued = await acceptUse(store, useOf('red_1', coupon.id, orderOf(700)));
    clock.advance(9);
    const [decided] = await store.decideAcceptedRedemptions(1);
    expect(decided).toEqual({
      ...queued,
      status: 'redeemed',
      discount: { amount: 700, currency: 'KRW' },
      reimbursement: { amount: 70, currency: 'KRW' },
    });
    expect(await store.redemption('red_1')).toEqual(decided);
    expect((await store.coupon(coupon.id))?.status).toBe('redeemed');
    expect(await redeemedOf(store)).toBe(1);
    const page = await store.entries('ven_a', { limit: 5, cursor: null });
    expect(page).toMatchObject({
      items: [{ redemptionId: 'red_1', createdAtMs: START_MS + 9, amount: { amount: 70 } }],
    });
  },

  'decides the oldest first, as many as asked': async ({ store }) => {
    const [a, b, c] = await givenCoupons(store, 3);
    const asked = [a, a, b, c, b].map((coupon, index) => useOf(`red_${index}`, coupon!.id));
    await store.acceptRedemptions(asked.slice(0, 3));
    await store.acceptRedemptions(asked.slice(3));
    const decided: Redemption[] = [];
    for (const expected of [2, 2, 1, 0]) {
      const some = await store.decideAcceptedRedemptions(2);
      expect(some).toHaveLength(expected);
      decided.push(...some);
    }
    expect(decided.map((one) => [one.id, one.code ?? one.status])).toEqual([
      ['red_0', 'redeemed'],
      ['red_1', 'coupon-already-redeemed'],
      ['red_2', 'redeemed'],
      ['red_3', 'redeemed'],
      ['red_4', 'coupon-already-redeemed'],
    ]);
    for (const one of decided) expect(await store.redemption(one.id)).toEqual(one);
    expect(await redeemedOf(store)).toBe(3);
  },

  'keeps why a use was refused, and what was asked for': async ({ store, log }) => {
    const discount = { type: 'percent', percent: 10, currency: 'KRW' } as const;
    const coupon = await givenCoupon(store, { discount });
    const more = { ...orderOf(700, 'USD'), reference: 'r' };
    const dollars = await acceptUse(store, useOf('red_1', coupon.id, more));
    expect(dollars.orderAmount).toEqual({ amount: 700, currency: 'USD' });
    const head = await log.head();
    expect(await store.decideAcceptedRedemptions(10)).toEqual([
      { ...dollars, status: 'refused', code: 'currency-mismatch' },
    ]);
    expect(await log.head()).toBe(head);
    expect(await store.coupon(coupon.id)).toEqual(coupon);
    await givenRedemption(store, useOf('red_3', coupon.id, orderOf(700)));
  },

  'decides at the moment of the decision': async ({ store, clock }) => {
    const coupons = await givenCoupons(store, 2, { couponValidFor: 'PT1H' });
    for (const [index, { id }] of coupons.entries())
      await acceptUse(store, useOf(`red_${index}`, id));
    clock.advance(HOUR_MS - 1);
    const [first] = await store.decideAcceptedRedemptions(1);
    clock.advance(1);
    const [second] = await store.decideAcceptedRedemptions(1);
    expect([first?.status, second?.status]).toEqual(['redeemed', 'refused']);
    expect(second).toMatchObject({ id: 'red_1', code: 'coupon-expired', createdAtMs: START_MS });
  },

  'shares coupons with uses that are answered at once': async ({ store }) => {
    const [a, b] = await givenCoupons(store, 2);
    await acceptUse(store, useOf('red_1', a!.id));
    await acceptUse(store, useOf('red_2', b!.id));
    await givenRedemption(store, useOf('red_3', a!.id));
    await store.decideAcceptedRedemptions(10);
    expect(wordOf(await redeem(store, useOf('red_4', b!.id)))).toBe('coupon-already-redeemed');
    const status = ['red_1', 'red_2', 'red_3'].map(async (id) => {
      const redemption = await store.redemption(id);
      return redemption?.code ?? redemption?.status;
    });
    expect(await Promise.all(status)).toEqual(['coupon-already-redeemed', 'redeemed', 'redeemed']);
    expect(await balanceOf(store)).toBe(1000);
  },

  'can be undone once it is decided': async ({ store, clock }) => {
    const coupon = await givenCoupon(store);
    await acceptUse(store, useOf('red_1', coupon.id));
    const [decided] = await store.decideAcceptedRedemptions(1);
    clock.advance(4);
    expect(redemptionOf(await reverse(store, 'red_1'))).toEqual({
      ...decided,
      status: 'reversed',
      reversedAtMs: START_MS + 4,
    });
    expect(await store.decideAcceptedRedemptions(10)).toEqual([]);
    expect(await ledgerInWords(store)).toEqual(['redemption 500 -> 500', 'reversal -500 -> 0']);
  },

  'tells of the use with the trace and time of the request and the decision': async (subject) => {
    const { store, log, clock } = subject;
    const coupon = await givenCoupon(store);
    const head = await log.head();
    await acceptUse(store, useOf('red_1', coupon.id, { origin: TRACED }));
    clock.advance(7);
    await store.decideAcceptedRedemptions(1);
    const told = await log.read({ afterPosition: head, limit: 10 });
    const stamped = { timeMs: START_MS + 7, traceparent: TRACE };
    expect(told).toMatchObject([
      { type: 'coupon.redeemed', subject: coupon.id, ...stamped },
      { type: 'vendor.credited', subject: 'ven_a', ...stamped },
    ]);
  },

  'decides each use once, however many ask at once': async ({ store }) => {
    const coupons = await givenCoupons(store, 40);
    await store.acceptRedemptions(
      coupons.flatMap(({ id, code }, index) => [
        useOf(`red_${index}a`, id),
        useOf(`red_${index}b`, code),
      ]),
    );
    const calls = users(20).map(() => store.decideAcceptedRedemptions(7));
    const decided = (await Promise.all(calls)).flat();
    expect(new Set(decided.map((one) => one.id)).size).toBe(80);
    expect(decided).toHaveLength(80);
    expect(decided.filter((one) => one.status === 'redeemed')).toHaveLength(40);
    expect(await balanceOf(store)).toBe(20_000);
  },

  'keeps queue, order and decisions over a restart': async ({ store, reopen }) => {
    const [a, b] = await givenCoupons(store, 2);
    await acceptUse(store, useOf('red_1', a!.id));
    const queued = await acceptUse(store, useOf('red_2', b!.id, { origin: TRACED }));
    await acceptUse(store, useOf('red_3', b!.id));
    const [decided] = await store.decideAcceptedRedemptions(1);
    const { store: again, log } = await reopen();
    expect(await again.redemption('red_1')).toEqual(decided);
    expect(await again.redemption('red_2')).toEqual(queued);
    const head = await log.head();
    const rest = await again.decideAcceptedRedemptions(10);
    expect(rest.map((one) => [one.id, one.code ?? one.status])).toEqual([
      ['red_2', 'redeemed'],
      ['red_3', 'coupon-already-redeemed'],
    ]);
    const [event] = await log.read({ afterPosition: head, limit: 1 });
    expect(event?.traceparent).toBe(TRACE);
  },
});
