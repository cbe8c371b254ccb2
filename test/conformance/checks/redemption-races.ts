import { expect } from 'vitest';
import { couponStatus } from '../../../src/domain/coupon/coupon.ts';
import type { RedeemOutcome } from '../../../src/ports/redemption-store.ts';
import { StoreUnavailable } from '../../../src/ports/store.ts';
import { users } from '../given.ts';
import {
  acceptUse,
  balanceOf,
  entriesOf,
  givenCoupon,
  givenCoupons,
  givenRedemption,
  payOut,
  redeem,
  redeemedOf,
  redemptionOf,
  reverse,
  useOf,
  wordOf,
} from '../given-redemptions.ts';
import { withLedgerHeld } from '../ledger-invariants.ts';

const HOUR_MS = 3_600_000;

/** What must hold when many use, undo, pay and expire at once. */
export const redemptionRaceChecks = withLedgerHeld({
  'lets one of 60 that use a coupon at once have it': async ({ store }) => {
    const coupon = await givenCoupon(store);
    const words = await Promise.all(
      users(60).map(async (_, index) => {
        const name = index % 2 === 0 ? coupon.id : coupon.code;
        return wordOf(await redeem(store, useOf(`red_${index}`, name)));
      }),
    );
    expect(countsOf(words)).toEqual({ redeemed: 1, 'coupon-already-redeemed': 59 });
    expect(await redeemedOf(store)).toBe(1);
    expect(await balanceOf(store)).toBe(500);
  },

  'undoes a use once, however many undo it at once': async ({ store }) => {
    const coupon = await givenCoupon(store);
    await givenRedemption(store, useOf('red_1', coupon.id));
    const words = await Promise.all(
      users(40).map(async () => wordOf(await reverse(store, 'red_1'))),
    );
    expect(countsOf(words)).toEqual({ reversed: 1, 'already-reversed': 39 });
    expect(await redeemedOf(store)).toBe(0);
    expect(await balanceOf(store)).toBe(0);
  },

  'has one winner for each turn of a coupon that is used and undone at once': async (subject) => {
    const { store } = subject;
    const coupon = await givenCoupon(store);
    await givenRedemption(store, useOf('red_0', coupon.id));
    const outcomes = await Promise.all(
      users(30).flatMap((_, index) => [
        redeem(store, useOf(`red_${index + 1}`, coupon.id)).then(wordOf),
        reverse(store, `red_${index}`).then(wordOf),
      ]),
    );
    const { redeemed = 0, reversed = 0 } = countsOf(outcomes);
    // One was in force before; each turn ends the one before it.
    const inForce = 1 + redeemed - reversed;
    expect([0, 1]).toContain(inForce);
    expect(reversed).toBeGreaterThanOrEqual(1);
    expect(await redeemedOf(store)).toBe(inForce);
    expect(await balanceOf(store)).toBe(500 * inForce);
    expect(await entriesOf(store)).toHaveLength(1 + redeemed + reversed);
  },

  'either uses a coupon or lets it expire, while its time passes': async ({ store, clock }) => {
    const coupons = await givenCoupons(store, 20, { couponValidFor: 'PT1H' });
    clock.advance(HOUR_MS - 1);
    const uses = coupons.map(async ({ id }, index) => {
      const said = redeem(store, useOf(`red_${index}`, id)).then(wordOf);
      if (index === 9) clock.advance(1);
      return said;
    });
    const swept = users(10).map(() => store.expireCoupons(3));
    const words = await Promise.all(uses);
    const marked = (await Promise.all(swept)).reduce((sum, count) => sum + count, 0);
    const { redeemed = 0, 'coupon-expired': expired = 0 } = countsOf(words);
    expect(redeemed + expired).toBe(20);
    expect(marked).toBeLessThanOrEqual(expired);
    for (const [index, word] of words.entries()) {
      // Whoever asked after that moment cannot have it any more.
      if (index > 9) expect(word).toBe('coupon-expired');
      const coupon = (await store.coupon(coupons[index]!.id))!;
      const status = word === 'redeemed' ? 'redeemed' : 'expired';
      expect(couponStatus(coupon, clock.nowMs())).toBe(status);
    }
    expect(await store.expireCoupons(100)).toBe(expired - marked);
    expect(await balanceOf(store)).toBe(500 * redeemed);
  },

  'marks each coupon once, however many sweep at once': async ({ store, clock }) => {
    await givenCoupons(store, 50, { couponValidFor: 'PT1H' });
    clock.advance(HOUR_MS);
    const counts = await Promise.all(users(20).map(() => store.expireCoupons(7)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(50);
    expect(Math.max(...counts)).toBeLessThanOrEqual(7);
  },

  'never pays out more than there is, however many ask at once': async ({ store }) => {
    const coupons = await givenCoupons(store, 2);
    await store.redeemCoupons(coupons.map(({ id }, index) => useOf(`red_${index}`, id)));
    const words = await Promise.all(
      users(30).map(async (_, index) => wordOf(await payOut(store, `pay_${index}`, 300))),
    );
    expect(countsOf(words)).toEqual({ paid: 3, 'insufficient-balance': 27 });
    expect(await balanceOf(store)).toBe(100);
  },

  'pays 200 different uses at once, each once': async ({ store }) => {
    const a = await givenCoupons(store, 100, { id: 'cmp_a' });
    const b = await givenCoupons(store, 100, { id: 'cmp_b', reimbursementBps: 2000 });
    const coupons = [...a, ...b];
    await Promise.all(coupons.map(({ id }) => givenRedemption(store, useOf(`red_${id}`, id))));
    expect(await balanceOf(store)).toBe(100 * 500 + 100 * 1000);
    expect(await redeemedOf(store, 'cmp_a')).toBe(100);
    expect(await redeemedOf(store, 'cmp_b')).toBe(100);
  },

  'gives a coupon to one, whether it is asked for at once or for later': async ({ store }) => {
    const coupons = await givenCoupons(store, 30);
    for (const { id } of coupons) await acceptUse(store, useOf(`later_${id}`, id));
    const direct = coupons.map(({ id }) => redeem(store, useOf(`now_${id}`, id)));
    const decided = users(10).map(() => store.decideAcceptedRedemptions(3));
    const words = (await Promise.all(direct)).map(wordOf);
    const later = (await Promise.all(decided)).flat();
    expect(later).toHaveLength(30);
    const won = new Set(
      later.filter((one) => one.status === 'redeemed').map((one) => one.couponId),
    );
    for (const [index, { id }] of coupons.entries()) {
      expect(words[index] === 'redeemed').toBe(!won.has(id));
    }
    expect(await redeemedOf(store)).toBe(30);
  },

  'keeps every promise while all of it happens at once': async ({ store, clock }) => {
    const coupons = await givenCoupons(store, 20, { couponValidFor: 'PT1H' });
    for (let round = 0; round < 4; round++) {
      const all = coupons.flatMap(({ id, code }, index) => [
        redeem(store, useOf(`red_${round}_${index}`, id)),
        redeem(store, useOf(`red_${round}_${index}b`, code)),
        store.acceptRedemptions([useOf(`later_${round}_${index}`, id)]),
        reverse(store, `red_${round}_${index}`),
        reverse(store, `red_${round}_${index}`),
        reverse(store, `later_${round - 1}_${index}`),
        store.decideAcceptedRedemptions(2),
        payOut(store, `pay_${round}_${index}`, 700),
        store.expireCoupons(1),
      ]);
      await Promise.all(all);
      clock.advance(HOUR_MS / 4 + 1);
    }
    expect((await entriesOf(store)).length).toBeGreaterThan(0);
  },

  'has stored, told and paid whatever it answers, the moment it answers': async (subject) => {
    const { store, log } = subject;
    const coupons = await givenCoupons(store, 40);
    const waits = coupons.map(async (coupon, index) => {
      const redemption = await givenRedemption(store, useOf(`red_${index}`, coupon.id));
      expect(await store.redemption(redemption.id)).toEqual(redemption);
      expect((await store.coupon(coupon.id))?.status).toBe('redeemed');
      const told = await log.read({ afterPosition: 0, limit: 9, subject: coupon.id });
      expect(told.map((event) => event.type)).toEqual(['coupon.issued', 'coupon.redeemed']);
      const paid = (await entriesOf(store)).filter((entry) => entry.redemptionId === redemption.id);
      expect(paid).toHaveLength(1);
    });
    await Promise.all(waits);
  },

  'has after a restart whatever it answered before': async ({ store, reopen }) => {
    const coupons = await givenCoupons(store, 100);
    const answered: RedeemOutcome[] = [];
    const calls = coupons.map(async ({ id }, index) => {
      answered.push(await redeem(store, useOf(`red_${index}`, id)));
    });
    await Promise.race(calls);
    // Whatever is still on its way when the store is closed is finished by then, or was refused.
    const { store: again } = await reopen();
    await Promise.allSettled(calls);
    expect(answered.length).toBeGreaterThan(0);
    for (const outcome of answered) {
      const redemption = redemptionOf(outcome);
      expect(await again.redemption(redemption.id)).toEqual(redemption);
    }
    expect(await redeemedOf(again)).toBeGreaterThanOrEqual(answered.length);
  },

  'refuses what comes after it is closed, as nothing of it was written': async (subject) => {
    const { store, reopen } = subject;
    const [used, unused] = await givenCoupons(store, 2);
    await givenRedemption(store, useOf('red_1', used!.id));
    await store.close();
    const late = [
      () => redeem(store, useOf('red_2', unused!.id)),
      () => store.acceptRedemptions([useOf('red_3', unused!.id)]),
      () => store.decideAcceptedRedemptions(1),
      () => reverse(store, 'red_1'),
      () => payOut(store, 'pay_1', 1),
      () => store.expireCoupons(1),
    ];
    for (const call of late) await expect(call()).rejects.toBeInstanceOf(StoreUnavailable);
    const { store: again } = await reopen();
    expect(await again.coupon(unused!.id)).toEqual(unused);
    expect((await again.redemption('red_1'))?.status).toBe('redeemed');
    expect(await balanceOf(again)).toBe(500);
  },
});

function countsOf(words: readonly string[]): Readonly<Record<string, number>> {
  const groups = Object.entries(Object.groupBy(words, (word) => word));
  return Object.fromEntries(groups.map(([word, all]) => [word, all?.length ?? 0]));
}
