import { expect } from 'vitest';
import type { Coupon } from '../../../src/domain/coupon/coupon.ts';
import type { Store } from '../../../src/ports/store.ts';
import { keyed } from '../given.ts';
import {
  acceptUse,
  balanceOf,
  givenCoupon,
  givenCoupons,
  givenRedemption,
  ledgerInWords,
  orderOf,
  payOut,
  redeem,
  redeemedOf,
  reverse,
  useOf,
  wordOf,
  wordsOfAnswers,
} from '../given-redemptions.ts';
import { withLedgerHeld } from '../ledger-invariants.ts';

const MOST = Number.MAX_SAFE_INTEGER;

/** Coupons that pay their vendor all that the order comes to. */
function givenGenerousCoupons(store: Store, count: number): Promise<readonly Coupon[]> {
  const discount = { type: 'percent', percent: 100, currency: 'KRW' } as const;
  return givenCoupons(store, count, { discount, reimbursementBps: 10_000 });
}

/** No balance leaves the range in which it is counted exactly, and nobody else suffers by that. */
export const balanceLimitChecks = withLedgerHeld({
  'refuses a use that would take a balance over its limit, and does the rest': async (subject) => {
    const { store, log, reopen } = subject;
    const [a, b, c] = await givenGenerousCoupons(store, 3);
    const other = await givenCoupon(store, { id: 'cmp_b', vendorId: 'ven_b' });
    const head = await log.head();
    const origin = keyed('k');
    const answers = await store.redeemCoupons([
      useOf('red_1', a!.id, orderOf(MOST - 1)),
      useOf('red_2', b!.id, { ...orderOf(2), origin }),
      useOf('red_3', other.id),
      useOf('red_4', c!.id, orderOf(1)),
    ]);
    expect(wordsOfAnswers(answers)).toEqual([
      'decided redeemed',
      'decided balance-limit-reached',
      'decided redeemed',
      'decided redeemed',
    ]);
    expect(await log.head()).toBe(head + 6);
    expect(await store.coupon(b!.id)).toEqual(b);
    expect(await store.redemption('red_2')).toBeNull();
    expect(await redeemedOf(store)).toBe(2);
    const { store: again } = await reopen();
    expect([await balanceOf(again), await balanceOf(again, 'ven_b')]).toEqual([MOST, 500]);
    const replay = await again.redeemCoupons([useOf('red_5', b!.id, { ...orderOf(2), origin })]);
    expect(wordsOfAnswers(replay)).toEqual(['replayed balance-limit-reached']);
  },

  'uses a coupon that pays nothing though the balance is at its limit': async ({ store }) => {
    const [a, b] = await givenGenerousCoupons(store, 2);
    await givenRedemption(store, useOf('red_1', a!.id, orderOf(MOST)));
    await givenRedemption(store, useOf('red_2', b!.id, orderOf(0)));
    expect(await balanceOf(store)).toBe(MOST);
  },

  'lets a coupon be used once its vendor is paid out': async ({ store }) => {
    const [a, b] = await givenGenerousCoupons(store, 2);
    await givenRedemption(store, useOf('red_1', a!.id, orderOf(MOST)));
    const second = useOf('red_2', b!.id, orderOf(MOST));
    expect(wordOf(await redeem(store, second))).toBe('balance-limit-reached');
    expect(wordOf(await payOut(store, 'pay_1', MOST))).toBe('paid');
    await givenRedemption(store, second);
    // The platform's own accounts hold more than any vendor's may by now.
    expect(wordOf(await payOut(store, 'pay_2', MOST))).toBe('paid');
    expect(await balanceOf(store)).toBe(0);
  },

  'puts every other reason before the limit': async ({ store }) => {
    const [a, b] = await givenGenerousCoupons(store, 2);
    await givenRedemption(store, useOf('red_1', a!.id, orderOf(MOST)));
    const answers = await store.redeemCoupons([
      useOf('red_2', a!.id, orderOf(1)),
      useOf('red_3', b!.id, orderOf(1, 'USD')),
      useOf('red_4', b!.id),
    ]);
    expect(wordsOfAnswers(answers)).toEqual([
      'decided coupon-already-redeemed',
      'decided currency-mismatch',
      'decided order-amount-needed',
    ]);
  },

  'refuses a queued use over the limit, and goes on with the queue': async ({ store }) => {
    const [a, b, c] = await givenGenerousCoupons(store, 3);
    const other = await givenCoupon(store, { id: 'cmp_b', vendorId: 'ven_b' });
    await acceptUse(store, useOf('red_1', a!.id, orderOf(MOST - 5)));
    const queued = await acceptUse(store, useOf('red_2', b!.id, orderOf(MOST)));
    await acceptUse(store, useOf('red_3', other.id));
    await acceptUse(store, useOf('red_4', c!.id, orderOf(5)));
    const decided = await store.decideAcceptedRedemptions(10);
    expect(decided.map((one) => [one.id, one.code ?? one.status])).toEqual([
      ['red_1', 'redeemed'],
      ['red_2', 'balance-limit-reached'],
      ['red_3', 'redeemed'],
      ['red_4', 'redeemed'],
    ]);
    const refused = { ...queued, status: 'refused', code: 'balance-limit-reached' };
    expect(await store.redemption('red_2')).toEqual(refused);
    expect(await store.coupon(b!.id)).toEqual(b);
    expect(await store.decideAcceptedRedemptions(10)).toEqual([]);
    expect(await balanceOf(store)).toBe(MOST);
  },

  'refuses to undo a use if its vendor would owe beyond the limit': async ({ store, log }) => {
    const [a, b, c] = await givenGenerousCoupons(store, 3);
    await givenRedemption(store, useOf('red_1', a!.id, orderOf(MOST)));
    await payOut(store, 'pay_1', MOST);
    const second = await givenRedemption(store, useOf('red_2', b!.id, orderOf(1)));
    await payOut(store, 'pay_2', 1);
    expect(wordOf(await reverse(store, 'red_1'))).toBe('reversed');
    const head = await log.head();
    const first = await store.reverseRedemption('red_2', keyed('k'));
    expect(wordsOfAnswers([first])).toEqual(['decided balance-limit-reached']);
    expect(await store.redemption('red_2')).toEqual(second);
    expect((await store.coupon(b!.id))?.status).toBe('redeemed');
    expect(await log.head()).toBe(head);
    expect(await balanceOf(store)).toBe(-MOST);
    await givenRedemption(store, useOf('red_3', c!.id, orderOf(1)));
    expect(await store.reverseRedemption('red_2', keyed('k'))).toEqual({
      ...first,
      kind: 'replayed',
    });
    expect(wordOf(await reverse(store, 'red_2'))).toBe('reversed');
    expect((await ledgerInWords(store)).slice(-2)).toEqual([
      `redemption 1 -> ${1 - MOST}`,
      `reversal -1 -> ${-MOST}`,
    ]);
  },
});
