import { expect } from 'vitest';
import { couponStatus } from '../../../src/domain/coupon/coupon.ts';
import {
  acceptUse,
  balanceOf,
  givenCoupon,
  givenCoupons,
  givenRedemption,
  ledgerInWords,
  payOut,
  redeem,
  redeemedOf,
  redemptionOf,
  reverse,
  useOf,
  wordOf,
} from '../given-redemptions.ts';
import { withLedgerHeld } from '../ledger-invariants.ts';

/** The way back of a use. */
export const reversalChecks = withLedgerHeld({
  'undoes a use: the coupon is as before, the ledger has the opposite': async (subject) => {
    const { store, clock } = subject;
    const coupon = await givenCoupon(store);
    const used = await givenRedemption(store, useOf('red_1', coupon.id, { reference: 'r' }));
    clock.advance(7);
    const undone = await reverse(store, 'red_1');
    expect(undone).toEqual({
      kind: 'reversed',
      redemption: { ...used, status: 'reversed', reversedAtMs: clock.nowMs() },
    });
    expect(await store.redemption('red_1')).toEqual(redemptionOf(undone));
    expect(await store.coupon(coupon.id)).toEqual(coupon);
    expect(await redeemedOf(store)).toBe(0);
    expect(await ledgerInWords(store)).toEqual(['redemption 500 -> 500', 'reversal -500 -> 0']);
  },

  'refuses to undo what is not there': async ({ store, log }) => {
    const coupon = await givenCoupon(store);
    await givenRedemption(store, useOf('red_1', coupon.id));
    const head = await log.head();
    for (const id of ['red_nowhere', coupon.id, coupon.code, '', '__proto__']) {
      const outcome = await reverse(store, id);
      expect(outcome).toEqual({ kind: 'refused', code: 'redemption-not-found' });
    }
    expect(await log.head()).toBe(head);
  },

  'undoes a use once': async ({ store, log, clock }) => {
    const coupon = await givenCoupon(store);
    await givenRedemption(store, useOf('red_1', coupon.id));
    const undone = redemptionOf(await reverse(store, 'red_1'));
    const head = await log.head();
    clock.advance(1000);
    expect(await reverse(store, 'red_1')).toEqual({ kind: 'refused', code: 'already-reversed' });
    expect(await store.redemption('red_1')).toEqual(undone);
    expect(await log.head()).toBe(head);
    expect(await balanceOf(store)).toBe(0);
  },

  'refuses to undo a use that is queued, or was refused': async ({ store }) => {
    const [coupon, other] = await givenCoupons(store, 2);
    await acceptUse(store, useOf('red_1', coupon!.id));
    await acceptUse(store, useOf('red_2', other!.id));
    await givenRedemption(store, useOf('red_3', other!.id));
    const undo = async (id: string) => wordOf(await reverse(store, id));
    expect(await undo('red_1')).toBe('redemption-not-completed');
    await store.decideAcceptedRedemptions(10);
    expect(await undo('red_2')).toBe('redemption-not-completed');
    expect(await undo('red_1')).toBe('reversed');
    expect(await redeemedOf(store)).toBe(1);
  },

  'lets a coupon be used, undone and used again, each use for itself': async ({ store }) => {
    const coupon = await givenCoupon(store);
    const ids = ['red_1', 'red_2', 'red_3'];
    for (const id of ids) {
      await givenRedemption(store, useOf(id, coupon.code));
      expect(wordOf(await redeem(store, useOf('red_no', coupon.id)))).toBe(
        'coupon-already-redeemed',
      );
      if (id !== 'red_3') redemptionOf(await reverse(store, id));
      // Of the earlier uses nothing can be undone any more, though the coupon is in use again.
      expect(wordOf(await reverse(store, 'red_1'))).toBe('already-reversed');
    }
    const status = ids.map(async (id) => (await store.redemption(id))?.status);
    expect(await Promise.all(status)).toEqual(['reversed', 'reversed', 'redeemed']);
    expect((await store.coupon(coupon.id))?.status).toBe('redeemed');
    expect(await ledgerInWords(store)).toEqual([
      ...['redemption 500 -> 500', 'reversal -500 -> 0'],
      ...['redemption 500 -> 500', 'reversal -500 -> 0', 'redemption 500 -> 500'],
    ]);
  },

  'lets a vendor owe what was paid out before, until it has earned it again': async (subject) => {
    const { store } = subject;
    const [a, b, c] = await givenCoupons(store, 3);
    await givenRedemption(store, useOf('red_1', a!.id));
    await givenRedemption(store, useOf('red_2', b!.id));
    expect(wordOf(await payOut(store, 'pay_1', 800))).toBe('paid');
    await reverse(store, 'red_1');
    expect(await balanceOf(store)).toBe(-300);
    expect(wordOf(await payOut(store, 'pay_2', 1))).toBe('insufficient-balance');
    await givenRedemption(store, useOf('red_3', c!.id));
    expect(wordOf(await payOut(store, 'pay_3', 201))).toBe('insufficient-balance');
    expect(wordOf(await payOut(store, 'pay_4', 200))).toBe('paid');
    expect(await ledgerInWords(store)).toEqual([
      ...['redemption 500 -> 500', 'redemption 500 -> 1000', 'payout -800 -> 200'],
      ...['reversal -500 -> -300', 'redemption 500 -> 200', 'payout -200 -> 0'],
    ]);
  },

  'posts nothing for a vendor who had got nothing': async ({ store }) => {
    const coupon = await givenCoupon(store, { reimbursementBps: 0 });
    await givenRedemption(store, useOf('red_1', coupon.id));
    redemptionOf(await reverse(store, 'red_1'));
    expect(await ledgerInWords(store)).toEqual([]);
    expect(await redeemedOf(store)).toBe(0);
  },

  'gives a coupon back expired if its time has passed': async ({ store, clock }) => {
    const coupon = await givenCoupon(store, { couponValidFor: 'PT1H' });
    await givenRedemption(store, useOf('red_1', coupon.id));
    clock.advance(3_600_000);
    redemptionOf(await reverse(store, 'red_1'));
    const given = (await store.coupon(coupon.id))!;
    expect(couponStatus(given, clock.nowMs())).toBe('expired');
    expect(wordOf(await redeem(store, useOf('red_2', coupon.id)))).toBe('coupon-expired');
    expect(await balanceOf(store)).toBe(0);
  },

  'undoes after a restart what was done before it': async ({ store, reopen }) => {
    const [a, b] = await givenCoupons(store, 2);
    await givenRedemption(store, useOf('red_1', a!.id));
    await givenRedemption(store, useOf('red_2', b!.id));
    await reverse(store, 'red_1');
    const { store: again } = await reopen();
    expect(wordOf(await reverse(again, 'red_1'))).toBe('already-reversed');
    expect(wordOf(await reverse(again, 'red_2'))).toBe('reversed');
    await givenRedemption(again, useOf('red_3', a!.id));
    expect(await balanceOf(again)).toBe(500);
  },
});
