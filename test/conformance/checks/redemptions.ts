import { expect } from 'vitest';
import type { Discount } from '../../../src/domain/campaign/campaign.ts';
import { claim, couponOf, givenCampaign, outcomeOf, PLAIN } from '../given.ts';
import {
  balanceOf,
  givenCoupon,
  givenCoupons,
  givenRedemption,
  ledgerInWords,
  orderOf,
  redeem,
  redeemedOf,
  useOf,
  wordsOfAnswers,
} from '../given-redemptions.ts';
import { withLedgerHeld } from '../ledger-invariants.ts';

const AMOUNT_MAX = Number.MAX_SAFE_INTEGER;
const PERCENT: Discount = { type: 'percent', percent: 33, maxAmount: 700, currency: 'KRW' };

/** The use of coupons that can be used, and what it pays. */
export const redemptionChecks = withLedgerHeld({
  'uses a coupon by its id: marks it, counts it and pays its vendor': async (subject) => {
    const { store, clock } = subject;
    const coupon = await givenCoupon(store);
    clock.advance(5);
    const more = { ...orderOf(20_000), reference: 'order 7' };
    const redemption = await givenRedemption(store, useOf('red_1', coupon.id, more));
    expect(redemption).toEqual({
      id: 'red_1',
      couponId: coupon.id,
      campaignId: 'cmp_a',
      vendorId: 'ven_a',
      userId: 'user-1',
      status: 'redeemed',
      code: null,
      orderAmount: { amount: 20_000, currency: 'KRW' },
      discount: { amount: 5000, currency: 'KRW' },
      reimbursement: { amount: 500, currency: 'KRW' },
      reference: 'order 7',
      createdAtMs: clock.nowMs(),
      reversedAtMs: null,
    });
    expect(await store.redemption('red_1')).toEqual(redemption);
    expect(await store.coupon(coupon.id)).toEqual({ ...coupon, status: 'redeemed' });
    expect(await redeemedOf(store)).toBe(1);
    expect((await store.vendor('ven_a'))?.balance).toEqual({ amount: 500, currency: 'KRW' });
  },

  'uses a coupon by its code, however it was typed': async ({ store }) => {
    const coupons = await givenCoupons(store, 3);
    const typed = [
      coupons[0]!.code,
      coupons[1]!.code.toLowerCase().replaceAll('-', ''),
      coupons[2]!.code.replaceAll('0', 'O').replaceAll('1', 'l'),
    ];
    for (const [index, code] of typed.entries()) {
      const redemption = await givenRedemption(store, useOf(`red_${index}`, code));
      expect(redemption.couponId).toBe(coupons[index]!.id);
    }
    expect(await redeemedOf(store)).toBe(3);
  },

  'needs no order for a fixed amount, and keeps that nothing was said': async ({ store }) => {
    const coupon = await givenCoupon(store);
    expect(await givenRedemption(store, useOf('red_1', coupon.id))).toMatchObject({
      orderAmount: null,
      discount: { amount: 5000 },
      reimbursement: { amount: 500 },
      reference: null,
    });
  },

  'takes off no more than the order comes to, and pays of what it took off': async (subject) => {
    const { store } = subject;
    const coupons = await givenCoupons(store, 5);
    const amounts: [order: number, off: number, paid: number][] = [
      [5001, 5000, 500],
      [5000, 5000, 500],
      [4999, 4999, 499],
      [9, 9, 0],
      [0, 0, 0],
    ];
    for (const [index, [order, off, paid]] of amounts.entries()) {
      const request = useOf(`red_${index}`, coupons[index]!.id, orderOf(order));
      expect(await givenRedemption(store, request)).toMatchObject({
        orderAmount: { amount: order, currency: 'KRW' },
        discount: { amount: off, currency: 'KRW' },
        reimbursement: { amount: paid, currency: 'KRW' },
      });
    }
    expect(await redeemedOf(store)).toBe(5);
  },

  'posts nothing for a vendor who gets nothing': async ({ store }) => {
    const coupon = await givenCoupon(store, { reimbursementBps: 0 });
    await givenRedemption(store, useOf('red_1', coupon.id));
    expect(await ledgerInWords(store)).toEqual([]);
    expect(await redeemedOf(store)).toBe(1);
  },

  'drops parts of a minor unit of a percentage, and of what the vendor gets': async (subject) => {
    const { store } = subject;
    const terms = { discount: PERCENT, reimbursementBps: 3333 };
    const coupons = await givenCoupons(store, 4, terms);
    const amounts: [order: number, off: number, paid: number][] = [
      [100, 33, 10],
      [101, 33, 10],
      [2, 0, 0],
      [1_000_000, 700, 233],
    ];
    const requests = amounts.map(([order], index) =>
      useOf(`red_${index}`, coupons[index]!.id, orderOf(order)),
    );
    const outcomes = (await store.redeemCoupons(requests)).map(outcomeOf);
    expect(outcomes).toMatchObject(
      amounts.map(([, off, paid]) => ({
        redemption: { discount: { amount: off }, reimbursement: { amount: paid } },
      })),
    );
    expect(await balanceOf(store)).toBe(253);
  },

  'counts the largest amount there is to the last unit': async ({ store }) => {
    const discount: Discount = { type: 'fixed', amount: AMOUNT_MAX, currency: 'KRW' };
    const coupon = await givenCoupon(store, { discount, reimbursementBps: 10_000 });
    const request = useOf('red_1', coupon.id, orderOf(AMOUNT_MAX));
    const redemption = await givenRedemption(store, request);
    const largest = { amount: AMOUNT_MAX, currency: 'KRW' };
    expect(redemption).toMatchObject({
      orderAmount: largest,
      discount: largest,
      reimbursement: largest,
    });
    expect(await store.redemption('red_1')).toEqual(redemption);
    expect(await balanceOf(store)).toBe(AMOUNT_MAX);
  },

  'pays each vendor for its own campaigns, in one batch': async ({ store }) => {
    const [a] = await givenCoupons(store, 1, { id: 'cmp_a' });
    const [b, c] = await givenCoupons(store, 2, { id: 'cmp_b', vendorId: 'ven_b' });
    const terms = { id: 'cmp_c', vendorId: 'ven_b', reimbursementBps: 10_000 };
    const [d] = await givenCoupons(store, 1, terms);
    const requests = [a, b, c, d].map((coupon, index) => useOf(`red_${index}`, coupon!.id));
    expect(wordsOfAnswers(await store.redeemCoupons(requests))).toEqual(
      requests.map(() => 'decided redeemed'),
    );
    expect(await ledgerInWords(store, 'ven_a')).toEqual(['redemption 500 -> 500']);
    expect(await ledgerInWords(store, 'ven_b')).toEqual([
      'redemption 500 -> 500',
      'redemption 500 -> 1000',
      'redemption 5000 -> 6000',
    ]);
    const counts = ['cmp_a', 'cmp_b', 'cmp_c'].map((id) => redeemedOf(store, id));
    expect(await Promise.all(counts)).toEqual([1, 2, 1]);
  },

  'pays in the currency of the campaign': async ({ store }) => {
    await store.registerVendor({ id: 'ven_u', name: 'Cafe', currency: 'USD' }, PLAIN);
    const discount: Discount = { type: 'percent', percent: 50, currency: 'USD' };
    const coupon = await givenCoupon(store, { vendorId: 'ven_u', discount });
    const request = useOf('red_1', coupon.id, orderOf(999, 'USD'));
    expect(await givenRedemption(store, request)).toMatchObject({
      orderAmount: { amount: 999, currency: 'USD' },
      discount: { amount: 499, currency: 'USD' },
      reimbursement: { amount: 49, currency: 'USD' },
    });
    expect((await store.vendor('ven_u'))?.balance).toEqual({ amount: 49, currency: 'USD' });
  },

  'uses coupons of a campaign that is paused, ended or sold out': async ({ store, clock }) => {
    const endsAtMs = clock.nowMs() + 1000;
    const coupons = await givenCoupons(store, 2, { endsAtMs });
    await store.updateCampaign('cmp_a', { paused: true }, PLAIN);
    await givenRedemption(store, useOf('red_1', coupons[0]!.id));
    clock.set(endsAtMs);
    await givenRedemption(store, useOf('red_2', coupons[1]!.id));
    expect(await redeemedOf(store)).toBe(2);
  },

  'leaves a user’s claims as they were': async ({ store }) => {
    const id = await givenCampaign(store);
    const coupon = couponOf((await claim(store, id, ['ann']))[0]);
    await givenRedemption(store, useOf('red_1', coupon.id));
    const [again] = await claim(store, id, ['ann']);
    expect(again).toMatchObject({ code: 'already-claimed', couponIds: [coupon.id] });
    expect(await store.campaign(id)).toMatchObject({ issued: 1, redeemed: 1 });
  },

  'keeps any word that the caller has for it': async ({ store }) => {
    const references = ['', ' ', `it's "so"; --`, '주문 7', '🎟'.repeat(127), 'x'.repeat(255)];
    const coupons = await givenCoupons(store, references.length);
    const requests = references.map((reference, index) =>
      useOf(`red_${index}`, coupons[index]!.id, { reference }),
    );
    await store.redeemCoupons(requests);
    const kept = requests.map(async ({ id }) => (await store.redemption(id))?.reference);
    expect(await Promise.all(kept)).toEqual(references);
  },

  'keeps every use over a restart': async ({ store, reopen }) => {
    const coupons = await givenCoupons(store, 3);
    const request = useOf('red_1', coupons[0]!.code, { ...orderOf(700), reference: 'r' });
    const redemption = await givenRedemption(store, request);
    const { store: again } = await reopen();
    expect(await again.redemption('red_1')).toEqual(redemption);
    expect(await redeem(again, useOf('red_2', coupons[0]!.id))).toEqual({
      kind: 'refused',
      code: 'coupon-already-redeemed',
    });
    await givenRedemption(again, useOf('red_3', coupons[1]!.id));
    expect(await ledgerInWords(again)).toEqual(['redemption 70 -> 70', 'redemption 500 -> 570']);
    expect(await redeemedOf(again)).toBe(2);
  },
});

/** Uses that are refused, and what is left as it was. */
export const redemptionRefusalChecks = withLedgerHeld({
  'refuses a coupon that is not there, by id or code': async ({ store, log }) => {
    await givenCoupon(store);
    const head = await log.head();
    const names = [
      'cpn_nowhere',
      '00000-00000-00000-00000',
      '',
      'red_1',
      '__proto__',
      'x'.repeat(999),
    ];
    const answers = await store.redeemCoupons(names.map((name, i) => useOf(`red_${i}`, name)));
    expect(wordsOfAnswers(answers)).toEqual(names.map(() => 'decided coupon-not-found'));
    expect(await store.redemption('red_0')).toBeNull();
    expect(await log.head()).toBe(head);
    expect(await store.redeemCoupons([])).toEqual([]);
  },

  'refuses a coupon that was used, and leaves its use as it was': async ({ store, log }) => {
    const coupon = await givenCoupon(store);
    const first = await givenRedemption(store, useOf('red_1', coupon.id, orderOf(700)));
    const head = await log.head();
    for (const name of [coupon.id, coupon.code]) {
      expect(await redeem(store, useOf('red_2', name, orderOf(900)))).toEqual({
        kind: 'refused',
        code: 'coupon-already-redeemed',
      });
    }
    expect(await store.redemption('red_1')).toEqual(first);
    expect(await store.redemption('red_2')).toBeNull();
    expect(await log.head()).toBe(head);
    expect(await balanceOf(store)).toBe(70);
  },

  'gives a coupon that is asked for twice in one batch to the first': async ({ store }) => {
    const [coupon, other] = await givenCoupons(store, 2);
    const answers = await store.redeemCoupons([
      useOf('red_1', coupon!.id),
      useOf('red_2', coupon!.id),
      useOf('red_3', other!.code),
      useOf('red_4', coupon!.code),
      useOf('red_5', other!.id),
    ]);
    expect(wordsOfAnswers(answers)).toEqual([
      'decided redeemed',
      'decided coupon-already-redeemed',
      'decided redeemed',
      'decided coupon-already-redeemed',
      'decided coupon-already-redeemed',
    ]);
    expect(await ledgerInWords(store)).toEqual(['redemption 500 -> 500', 'redemption 500 -> 1000']);
  },

  'refuses an order in another currency': async ({ store, log }) => {
    const coupon = await givenCoupon(store);
    const head = await log.head();
    const outcome = await redeem(store, useOf('red_1', coupon.id, orderOf(700, 'USD')));
    expect(outcome).toEqual({ kind: 'refused', code: 'currency-mismatch' });
    expect(await log.head()).toBe(head);
    await givenRedemption(store, useOf('red_1', coupon.id, orderOf(700, 'KRW')));
  },

  'needs to know what the order comes to for a percentage': async ({ store, log }) => {
    const coupon = await givenCoupon(store, { discount: PERCENT });
    const head = await log.head();
    const outcome = await redeem(store, useOf('red_1', coupon.id));
    expect(outcome).toEqual({ kind: 'refused', code: 'order-amount-needed' });
    expect(await store.coupon(coupon.id)).toEqual(coupon);
    expect(await log.head()).toBe(head);
    await givenRedemption(store, useOf('red_1', coupon.id, orderOf(0)));
  },

  'puts used first, then expired, another currency, no amount': async ({ store, clock }) => {
    const terms = { discount: PERCENT, couponValidFor: 'PT1H' };
    const [used, unused] = await givenCoupons(store, 2, terms);
    const ask = async () => {
      const requests = [used, unused].flatMap((coupon, index) => [
        useOf(`red_${index}a`, coupon!.id),
        useOf(`red_${index}b`, coupon!.id, orderOf(1, 'USD')),
      ]);
      return wordsOfAnswers(await store.redeemCoupons(requests)).map((said) => said.split(' ')[1]);
    };
    expect(await ask()).toEqual([
      ...['order-amount-needed', 'currency-mismatch'],
      ...['order-amount-needed', 'currency-mismatch'],
    ]);
    await givenRedemption(store, useOf('red_1', used!.id, orderOf(100)));
    clock.advance(3_600_000);
    expect(await ask()).toEqual([
      ...['coupon-already-redeemed', 'coupon-already-redeemed'],
      ...['coupon-expired', 'coupon-expired'],
    ]);
  },
});
