import { describe, expect, it } from 'vitest';
import { couponStatus, type Coupon, type CouponStatus } from './coupon.ts';

const EXPIRES_AT_MS = 5000;
const COUPON: Coupon = {
  id: 'cpn_1',
  campaignId: 'cmp_1',
  userId: 'ann',
  sequence: 1,
  code: '00000-00000-00000-00000',
  status: 'issued',
  issuedAtMs: 1000,
  expiresAtMs: EXPIRES_AT_MS,
};

describe('given a coupon with an expiry', () => {
  it.each<[stored: CouponStatus, nowMs: number, shown: CouponStatus]>([
    ['issued', EXPIRES_AT_MS - 1, 'issued'],
    ['issued', EXPIRES_AT_MS, 'expired'],
    ['issued', EXPIRES_AT_MS + 1, 'expired'],
    ['held', EXPIRES_AT_MS, 'held'],
    ['redeemed', EXPIRES_AT_MS, 'redeemed'],
    ['expired', EXPIRES_AT_MS - 1, 'expired'],
  ])('when it is stored as %s and it is %i, then it shows as %s', (status, nowMs, shown) => {
    expect(couponStatus({ ...COUPON, status }, nowMs)).toBe(shown);
  });
});

describe('given a coupon that never expires', () => {
  it('when any time has passed, then it shows as issued', () => {
    const coupon = { ...COUPON, expiresAtMs: null };
    expect(couponStatus(coupon, Number.MAX_SAFE_INTEGER)).toBe('issued');
  });
});
