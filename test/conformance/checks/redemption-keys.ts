import { expect } from 'vitest';
import { allEvents, claim, givenCampaign, keyed, outcomeOf, PLAIN, users } from '../given.ts';
import {
  balanceOf,
  givenCoupon,
  givenCoupons,
  givenRedemption,
  ledgerInWords,
  orderOf,
  redeemedOf,
  reverse,
  useOf,
  wordsOfAnswers,
} from '../given-redemptions.ts';
import { withLedgerHeld } from '../ledger-invariants.ts';

const PERCENT = { type: 'percent', percent: 10, currency: 'KRW' } as const;
const AMOUNT = { amount: 300, currency: null };

/** What an idempotency key does to uses, reversals and payouts. */
export const redemptionKeyChecks = withLedgerHeld({
  'replays a use as it was, and pays nobody again': async ({ store, log, clock }) => {
    const coupon = await givenCoupon(store);
    const ask = async (id: string, requestId: string) =>
      // The server makes a new id for a repeat before the key is known.
      (await store.redeemCoupons([useOf(id, coupon.id, { origin: keyed('k', requestId) })]))[0]!;
    const first = await ask('red_1', 'req_1');
    expect(first).toMatchObject({ kind: 'decided', requestId: 'req_1' });
    const head = await log.head();
    clock.advance(60_000);
    expect(await ask('red_2', 'req_2')).toEqual({ ...first, kind: 'replayed' });
    expect(await store.redemption('red_2')).toBeNull();
    expect(await log.head()).toBe(head);
    await reverse(store, 'red_1');
    // The answer of then, though the coupon could be used again now.
    expect(await ask('red_3', 'req_3')).toEqual({ ...first, kind: 'replayed' });
    expect(await ledgerInWords(store)).toEqual(['redemption 500 -> 500', 'reversal -500 -> 0']);
  },

  'replays every kind of refusal of a use, though it would be allowed now': async (subject) => {
    const { store, clock } = subject;
    const [used, dollars] = await givenCoupons(store, 2);
    await givenRedemption(store, useOf('red_0', used!.id));
    const requests = [
      useOf('red_1', used!.id, { origin: keyed('used', 'req_1') }),
      useOf('red_2', dollars!.id, { ...orderOf(1, 'USD'), origin: keyed('dollars', 'req_2') }),
      useOf('red_4', 'cpn_nowhere', { origin: keyed('nowhere', 'req_4') }),
    ];
    const first = await store.redeemCoupons(requests);
    expect(wordsOfAnswers(first)).toEqual([
      'decided coupon-already-redeemed',
      'decided currency-mismatch',
      'decided coupon-not-found',
    ]);
    await reverse(store, 'red_0');
    clock.advance(1000);
    const again = await store.redeemCoupons(requests);
    expect(again).toEqual(first.map((answer) => ({ ...answer, kind: 'replayed' })));
    await givenRedemption(store, useOf('red_1', used!.id));
  },

  'leaves the key of a use that lacks its order amount free': async ({ store, reopen }) => {
    const [a, b] = await givenCoupons(store, 2, { discount: PERCENT });
    const lacking = (id: string, couponId: string) =>
      useOf(id, couponId, { origin: keyed('k', `req_${id}`, 'without') });
    const complete = (id: string, couponId: string) =>
      useOf(id, couponId, { ...orderOf(5000), origin: keyed('k', `req_${id}`, 'with') });
    const asked = [lacking('red_1', a!.id), lacking('red_2', a!.id)];
    const first = await store.redeemCoupons(asked);
    expect(first).toEqual(
      ['req_red_1', 'req_red_2'].map((requestId) => ({
        kind: 'decided',
        outcome: { kind: 'refused', code: 'order-amount-needed' },
        requestId,
      })),
    );
    const { store: again } = await reopen();
    // In one batch with the request that lacks it, too.
    const answers = await again.redeemCoupons([
      lacking('red_3', a!.id),
      complete('red_4', a!.id),
      complete('red_5', a!.id),
      lacking('red_6', b!.id),
    ]);
    expect(answers).toMatchObject([
      { kind: 'decided', outcome: { code: 'order-amount-needed' } },
      { kind: 'decided', outcome: { kind: 'redeemed', redemption: { id: 'red_4' } } },
      { kind: 'replayed', outcome: { kind: 'redeemed', redemption: { id: 'red_4' } } },
      { kind: 'key-reused' },
    ]);
    expect(await balanceOf(again)).toBe(50);
  },

  'leaves the key of what it does not accept for lack of an amount free': async ({ store }) => {
    const coupon = await givenCoupon(store, { discount: PERCENT });
    const answers = await store.acceptRedemptions([
      useOf('red_1', coupon.id, { origin: keyed('k', 'req_1', 'without') }),
      useOf('red_2', coupon.id, { ...orderOf(5000), origin: keyed('k', 'req_2', 'with') }),
      useOf('red_3', coupon.id, { ...orderOf(5000), origin: keyed('k', 'req_3', 'with') }),
    ]);
    expect(answers).toMatchObject([
      { kind: 'decided', outcome: { kind: 'refused', code: 'order-amount-needed' } },
      { kind: 'decided', outcome: { kind: 'accepted', redemption: { id: 'red_2' } } },
      { kind: 'replayed', outcome: { kind: 'accepted', redemption: { id: 'red_2' } } },
    ]);
    expect(await store.decideAcceptedRedemptions(10)).toMatchObject([{ status: 'redeemed' }]);
  },

  'replays that a coupon had expired, though the clock is set back': async ({ store, clock }) => {
    const coupon = await givenCoupon(store, { couponValidFor: 'PT1H' });
    const request = useOf('red_1', coupon.id, { origin: keyed('k') });
    clock.advance(3_600_000);
    const [first] = await store.redeemCoupons([request]);
    expect(wordsOfAnswers([first!])).toEqual(['decided coupon-expired']);
    clock.advance(-1);
    expect(await store.redeemCoupons([request])).toEqual([{ ...first, kind: 'replayed' }]);
    await givenRedemption(store, useOf('red_2', coupon.id));
  },

  'refuses a key that was used for something else, and uses nothing': async ({ store, log }) => {
    const [a, b, c] = await givenCoupons(store, 3);
    await store.redeemCoupons([useOf('red_1', a!.id, { origin: keyed('k', 'req_1', 'a') })]);
    const head = await log.head();
    const answers = await store.redeemCoupons([
      useOf('red_2', b!.id, { origin: keyed('k', 'req_2', 'b') }),
      useOf('red_3', c!.id, { origin: keyed('other', 'req_3', 'c') }),
    ]);
    expect(answers).toMatchObject([{ kind: 'key-reused' }, { kind: 'decided' }]);
    expect(await store.coupon(b!.id)).toEqual(b);
    expect(await log.head()).toBe(head + 2);
  },

  'replays the second of two uses with one key in one batch': async ({ store }) => {
    const [a, b] = await givenCoupons(store, 2);
    const [first, second, third, fourth, fifth] = await store.redeemCoupons([
      useOf('red_1', a!.id, { origin: keyed('k', 'req_1') }),
      useOf('red_2', a!.id, { origin: keyed('k', 'req_2') }),
      useOf('red_3', b!.id, { origin: keyed('k', 'req_3', 'other') }),
      useOf('red_4', 'cpn_nowhere', { origin: keyed('n', 'req_4') }),
      useOf('red_5', 'cpn_nowhere', { origin: keyed('n', 'req_5') }),
    ]);
    expect(first).toMatchObject({ kind: 'decided', requestId: 'req_1' });
    expect(second).toEqual({ ...first, kind: 'replayed' });
    expect(third).toEqual({ kind: 'key-reused' });
    expect(fourth).toMatchObject({ kind: 'decided', requestId: 'req_4' });
    expect(fifth).toEqual({ ...fourth, kind: 'replayed' });
    expect(await redeemedOf(store)).toBe(1);
    expect(await balanceOf(store)).toBe(500);
  },

  'uses a coupon once, however many calls with one key run at once': async ({ store, log }) => {
    const coupon = await givenCoupon(store);
    const calls = users(20, 'req_').map((requestId) =>
      store.redeemCoupons([
        useOf(`red_${requestId}`, coupon.id, { origin: keyed('k', requestId) }),
      ]),
    );
    const answers = (await Promise.all(calls)).flat();
    const decided = answers.filter((answer) => answer.kind === 'decided');
    expect(decided).toHaveLength(1);
    const replay = { ...decided[0]!, kind: 'replayed' };
    expect(answers.filter((answer) => answer !== decided[0])).toEqual(users(19).map(() => replay));
    const used = (await allEvents(log)).filter((event) => event.type === 'coupon.redeemed');
    expect(used).toHaveLength(1);
  },

  'replays a reversal as it was, though the coupon is in use again': async ({ store, clock }) => {
    const coupon = await givenCoupon(store);
    await givenRedemption(store, useOf('red_1', coupon.id));
    const first = await store.reverseRedemption('red_1', keyed('k', 'req_1'));
    expect(first).toMatchObject({ kind: 'decided', requestId: 'req_1' });
    clock.advance(1000);
    await givenRedemption(store, useOf('red_2', coupon.id));
    const again = await store.reverseRedemption('red_1', keyed('k', 'req_2'));
    expect(again).toEqual({ ...first, kind: 'replayed' });
    const other = await store.reverseRedemption('red_2', keyed('k', 'req_3', 'other'));
    expect(other).toEqual({ kind: 'key-reused' });
    expect(await balanceOf(store)).toBe(500);
  },

  'replays that a reversal was refused': async ({ store }) => {
    const coupon = await givenCoupon(store);
    const ask = () => store.reverseRedemption('red_1', keyed('k'));
    const first = await ask();
    expect(outcomeOf(first)).toEqual({ kind: 'refused', code: 'redemption-not-found' });
    await givenRedemption(store, useOf('red_1', coupon.id));
    expect(await ask()).toEqual({ ...first, kind: 'replayed' });
    await reverse(store, 'red_1');
    const late = await store.reverseRedemption('red_1', keyed('late'));
    expect(outcomeOf(late)).toEqual({ kind: 'refused', code: 'already-reversed' });
    const lateAgain = await store.reverseRedemption('red_1', keyed('late'));
    expect(lateAgain).toEqual({ ...late, kind: 'replayed' });
  },

  'pays out once for its key': async ({ store, log }) => {
    const coupons = await givenCoupons(store, 2);
    await givenRedemption(store, useOf('red_1', coupons[0]!.id));
    const command = { id: 'pay_1', vendorId: 'ven_a', amount: AMOUNT };
    const first = await store.payOut(command, keyed('k', 'req_1'));
    expect(first).toMatchObject({ kind: 'decided', outcome: { kind: 'paid' } });
    await givenRedemption(store, useOf('red_2', coupons[1]!.id));
    const head = await log.head();
    const again = await store.payOut({ ...command, id: 'pay_2' }, keyed('k', 'req_2'));
    expect(again).toEqual({ ...first, kind: 'replayed' });
    const other = await store.payOut({ ...command, id: 'pay_3' }, keyed('k', 'req_3', 'other'));
    expect(other).toEqual({ kind: 'key-reused' });
    expect(await log.head()).toBe(head);
    expect(await balanceOf(store)).toBe(700);
  },

  'replays that a payout was refused, though it could be paid now': async ({ store }) => {
    const coupon = await givenCoupon(store);
    const ask = (vendorId: string, key: string) =>
      store.payOut({ id: 'pay_1', vendorId, amount: AMOUNT }, keyed(key));
    const poor = await ask('ven_a', 'poor');
    const nobody = await ask('ven_b', 'nobody');
    expect([poor, nobody].map((answer) => outcomeOf(answer))).toEqual([
      { kind: 'refused', code: 'insufficient-balance' },
      { kind: 'refused', code: 'vendor-not-found' },
    ]);
    await givenRedemption(store, useOf('red_1', coupon.id));
    await givenCampaign(store, { id: 'cmp_b', vendorId: 'ven_b' });
    expect(await ask('ven_a', 'poor')).toEqual({ ...poor, kind: 'replayed' });
    expect(await ask('ven_b', 'nobody')).toEqual({ ...nobody, kind: 'replayed' });
    expect(await balanceOf(store)).toBe(500);
  },

  'accepts a use for later once for its key': async ({ store }) => {
    const [a, b] = await givenCoupons(store, 2);
    const requests = [
      useOf('red_1', a!.id, { origin: keyed('k', 'req_1') }),
      useOf('red_2', a!.id, { origin: keyed('k', 'req_2') }),
      useOf('red_3', b!.id, { origin: keyed('k', 'req_3', 'other') }),
      useOf('red_4', 'cpn_nowhere', { origin: keyed('n', 'req_4') }),
    ];
    const [first, second, third, fourth] = await store.acceptRedemptions(requests);
    expect(second).toEqual({ ...first, kind: 'replayed' });
    expect(third).toEqual({ kind: 'key-reused' });
    expect(await store.decideAcceptedRedemptions(10)).toHaveLength(1);
    const again = await store.acceptRedemptions(requests);
    // As it was accepted, not as it was decided since.
    expect(again[0]).toEqual({ ...first, kind: 'replayed' });
    expect(again[3]).toEqual({ ...fourth, kind: 'replayed' });
    expect(await store.decideAcceptedRedemptions(10)).toEqual([]);
    expect(await redeemedOf(store)).toBe(1);
  },

  'keeps the keys of these together with those of all commands': async ({ store }) => {
    const coupon = await givenCoupon(store, { quantity: 2 });
    await claim(store, 'cmp_a', ['ann'], keyed('claim', 'req_1', 'a claim'));
    const reused = keyed('claim', 'req_2', 'something else');
    const use = useOf('red_1', coupon.id, { origin: reused });
    expect(await store.redeemCoupons([use])).toEqual([{ kind: 'key-reused' }]);
    expect(await store.acceptRedemptions([use])).toEqual([{ kind: 'key-reused' }]);
    expect(await store.reverseRedemption('red_1', reused)).toEqual({ kind: 'key-reused' });
    const payout = { id: 'pay_1', vendorId: 'ven_a', amount: AMOUNT };
    expect(await store.payOut(payout, reused)).toEqual({ kind: 'key-reused' });
    await store.redeemCoupons([{ ...use, origin: keyed('use', 'req_3', 'a use') }]);
    const vendor = { id: 'ven_b', name: 'B', currency: 'KRW' };
    const other = keyed('use', 'req_4', 'something else');
    expect(await store.registerVendor(vendor, other)).toEqual({ kind: 'key-reused' });
  },

  'forgets their keys with all others': async ({ store, clock }) => {
    const [a, b] = await givenCoupons(store, 2);
    await store.redeemCoupons([useOf('red_1', a!.id, { origin: keyed('use') })]);
    await store.reverseRedemption('red_1', keyed('reversal'));
    const payout = { id: 'pay_1', vendorId: 'ven_a', amount: AMOUNT };
    await store.payOut(payout, keyed('payout'));
    await store.acceptRedemptions([useOf('red_2', b!.id, { origin: keyed('later') })]);
    clock.advance(1);
    expect(await store.forgetKeys(clock.nowMs())).toBe(4);
    const [again] = await store.redeemCoupons([useOf('red_3', a!.id, { origin: keyed('use') })]);
    expect(again).toMatchObject({ kind: 'decided', outcome: { kind: 'redeemed' } });
    expect((await store.payOut(payout, PLAIN)).kind).toBe('decided');
  },

  'replays after a restart what was decided before it': async ({ store, reopen }) => {
    const [a, b] = await givenCoupons(store, 2);
    const uses = [
      useOf('red_1', a!.id, { ...orderOf(9000), reference: 'r', origin: keyed('use') }),
      useOf('red_2', 'cpn_nowhere', { origin: keyed('nowhere') }),
    ];
    const later = [useOf('red_3', b!.id, { origin: keyed('later') })];
    const payout = { id: 'pay_1', vendorId: 'ven_a', amount: AMOUNT };
    const first = [
      ...(await store.redeemCoupons(uses)),
      ...(await store.acceptRedemptions(later)),
      await store.payOut(payout, keyed('payout')),
      await store.reverseRedemption('red_1', keyed('reversal')),
    ];
    const { store: reopened } = await reopen();
    const again = [
      ...(await reopened.redeemCoupons(uses)),
      ...(await reopened.acceptRedemptions(later)),
      await reopened.payOut({ ...payout, id: 'pay_2' }, keyed('payout')),
      await reopened.reverseRedemption('red_1', keyed('reversal')),
    ];
    expect(again).toEqual(first.map((answer) => ({ ...answer, kind: 'replayed' })));
    expect(await balanceOf(reopened)).toBe(-300);
  },
});
