import { expect } from 'vitest';
import { PLAIN, TRACE } from '../given.ts';
import {
  givenCoupon,
  givenCoupons,
  givenRedemption,
  orderOf,
  payOut,
  reverse,
  useOf,
} from '../given-redemptions.ts';
import { withLedgerHeld } from '../ledger-invariants.ts';
import { START_MS, type StoreUnderTest } from '../store-under-test.ts';

const TRACED = { idempotency: null, traceparent: TRACE };
const STAMPED = { timeMs: START_MS + 5, traceparent: TRACE };
const krw = (amount: number) => ({ amount, currency: 'KRW' });

/** What stands in the log after coupons were used and vendors paid. */
export const redemptionEventChecks = withLedgerHeld({
  'tells of a use, and right after it of what the vendor got': async (subject) => {
    const { store, clock } = subject;
    const coupon = await givenCoupon(store);
    const read = await readerFromHere(subject);
    clock.advance(5);
    const more = { ...orderOf(4000), reference: 'order 7', origin: TRACED };
    await givenRedemption(store, useOf('red_1', coupon.code, more));
    const told = await read();
    expect(told).toEqual([
      {
        ...STAMPED,
        position: 3,
        type: 'coupon.redeemed',
        subject: coupon.id,
        partitionKey: 'cmp_a',
        data: {
          redemptionId: 'red_1',
          couponId: coupon.id,
          campaignId: 'cmp_a',
          vendorId: 'ven_a',
          userId: 'user-1',
          orderAmount: krw(4000),
          discount: krw(4000),
          reimbursement: krw(400),
          reference: 'order 7',
        },
      },
      {
        ...STAMPED,
        position: 4,
        type: 'vendor.credited',
        subject: 'ven_a',
        partitionKey: 'ven_a',
        data: {
          vendorId: 'ven_a',
          amount: krw(400),
          balanceAfter: krw(400),
          type: 'redemption',
          redemptionId: 'red_1',
          payoutId: null,
        },
      },
    ]);
    expect(JSON.stringify(told)).not.toContain(coupon.code);
  },

  'tells that nothing was said of the order': async (subject) => {
    const coupon = await givenCoupon(subject.store);
    const read = await readerFromHere(subject);
    await givenRedemption(subject.store, useOf('red_1', coupon.id));
    const [event] = await read();
    expect(event?.data).toMatchObject({ orderAmount: null, reference: null });
  },

  'tells of a reversal, and right after it of what the vendor lost': async (subject) => {
    const { store, clock } = subject;
    const coupon = await givenCoupon(store);
    await givenRedemption(store, useOf('red_1', coupon.id, orderOf(4000)));
    const read = await readerFromHere(subject);
    clock.advance(5);
    await reverse(store, 'red_1', TRACED);
    expect(await read()).toEqual([
      {
        ...STAMPED,
        position: 5,
        type: 'redemption.reversed',
        subject: 'red_1',
        partitionKey: 'cmp_a',
        data: {
          redemptionId: 'red_1',
          couponId: coupon.id,
          campaignId: 'cmp_a',
          vendorId: 'ven_a',
          userId: 'user-1',
          discount: krw(4000),
          reimbursement: krw(400),
        },
      },
      {
        ...STAMPED,
        position: 6,
        type: 'vendor.debited',
        subject: 'ven_a',
        partitionKey: 'ven_a',
        data: {
          vendorId: 'ven_a',
          amount: krw(400),
          balanceAfter: krw(0),
          type: 'reversal',
          redemptionId: 'red_1',
          payoutId: null,
        },
      },
    ]);
  },

  'tells of a payout': async (subject) => {
    const { store, clock } = subject;
    const coupon = await givenCoupon(store);
    await givenRedemption(store, useOf('red_1', coupon.id));
    const read = await readerFromHere(subject);
    clock.advance(5);
    await payOut(store, 'pay_1', 300, { origin: TRACED });
    expect(await read()).toEqual([
      {
        ...STAMPED,
        position: 5,
        type: 'vendor.debited',
        subject: 'ven_a',
        partitionKey: 'ven_a',
        data: {
          vendorId: 'ven_a',
          amount: krw(300),
          balanceAfter: krw(200),
          type: 'payout',
          redemptionId: null,
          payoutId: 'pay_1',
        },
      },
    ]);
  },

  'tells nothing of a vendor who gets nothing': async (subject) => {
    const { store } = subject;
    const coupon = await givenCoupon(store);
    const read = await readerFromHere(subject);
    await givenRedemption(store, useOf('red_1', coupon.id, orderOf(9)));
    await reverse(store, 'red_1');
    expect((await read()).map((event) => event.type)).toEqual([
      'coupon.redeemed',
      'redemption.reversed',
    ]);
  },

  'gives each use of a batch its own trace, and the order of the batch': async (subject) => {
    const { store } = subject;
    const coupons = await givenCoupons(store, 3);
    const read = await readerFromHere(subject);
    const origins = [TRACED, PLAIN, TRACED];
    await store.redeemCoupons(
      coupons.map(({ id }, index) => useOf(`red_${index}`, id, { origin: origins[index]! })),
    );
    const told = (await read()).map((event) => [event.data['redemptionId'], event.traceparent]);
    expect(told).toEqual([
      ...[
        ['red_0', TRACE],
        ['red_0', TRACE],
      ],
      ...[
        ['red_1', null],
        ['red_1', null],
      ],
      ...[
        ['red_2', TRACE],
        ['red_2', TRACE],
      ],
    ]);
  },

  'finds events of uses by type and by subject': async (subject) => {
    const { store, log } = subject;
    const [a, b] = await givenCoupons(store, 2);
    await store.redeemCoupons([useOf('red_1', a!.id), useOf('red_2', b!.id)]);
    await reverse(store, 'red_1');
    const types = async (filter: object) =>
      (await log.read({ afterPosition: 0, limit: 20, ...filter })).map((event) => event.type);
    expect(await types({ subject: a!.id })).toEqual(['coupon.issued', 'coupon.redeemed']);
    expect(await types({ subject: 'red_1' })).toEqual(['redemption.reversed']);
    expect(await types({ subject: 'ven_a' })).toEqual([
      ...['vendor.credited', 'vendor.credited', 'vendor.debited'],
    ]);
    expect(await types({ type: 'coupon.redeemed' })).toHaveLength(2);
  },

  'calls back when a use can be read': async ({ store, log }) => {
    const coupon = await givenCoupon(store);
    const head = await log.head();
    const heard = new Promise<number>((resolve, reject) => {
      log.onAppended(() => {
        log.head().then(resolve, reject);
      });
    });
    await givenRedemption(store, useOf('red_1', coupon.id));
    expect(await heard).toBe(head + 2);
  },
});

/** Reads what is appended from now on. */
async function readerFromHere({ log }: StoreUnderTest) {
  const afterPosition = await log.head();
  return () => log.read({ afterPosition, limit: 100 });
}
