import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { CouponSeal, SEALED_LENGTH } from './coupon-seal.ts';

const SECRET = new Uint8Array(32).fill(7);
const NUMBER_MAX = 2 ** 24 - 1;
const number = fc.record({
  campaignNo: fc.integer({ min: 1, max: NUMBER_MAX }),
  sequence: fc.integer({ min: 1, max: NUMBER_MAX }),
});

describe('a coupon seal', () => {
  const seal = new CouponSeal(SECRET, 'test');

  it('opens what it has sealed', () => {
    fc.assert(
      fc.property(fc.array(number, { maxLength: 20 }), (numbers) => {
        expect(seal.seal(numbers).map((text) => seal.open(text))).toEqual(numbers);
      }),
    );
  });

  it('gives a number the same text, alone or among others', () => {
    const numbers = [1, 2, 3].map((sequence) => ({ campaignNo: 5, sequence }));
    expect(numbers.flatMap((one) => seal.seal([one]))).toEqual(seal.seal(numbers));
  });

  it('refuses a text of which one character was changed', () => {
    fc.assert(
      fc.property(number, fc.nat({ max: SEALED_LENGTH - 1 }), fc.nat({ max: 30 }), (of, at, by) => {
        const text = seal.seal([of])[0]!;
        const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
        const other = alphabet[(alphabet.indexOf(text[at]!) + 1 + by) % 32]!;
        expect(seal.open(text.slice(0, at) + other + text.slice(at + 1))).toBeNull();
      }),
    );
  });

  it('refuses texts that another secret or another purpose has sealed', () => {
    const text = seal.seal([{ campaignNo: 1, sequence: 1 }])[0]!;
    expect(new CouponSeal(new Uint8Array(32).fill(8), 'test').open(text)).toBeNull();
    expect(new CouponSeal(SECRET, 'other').open(text)).toBeNull();
  });

  it('shows neither order nor campaign: neighbours differ in about half of their bits', () => {
    const texts = seal.seal(
      Array.from({ length: 200 }, (_, index) => ({ campaignNo: 1, sequence: index + 1 })),
    );
    expect(new Set(texts).size).toBe(200);
    const starts = new Set(texts.map((text) => text.slice(0, 3)));
    expect(starts.size).toBeGreaterThan(190);
  });

  it.each(['', 'ABC', 'U'.repeat(20), '!'.repeat(20), '0'.repeat(21)])('refuses %j', (text) => {
    expect(seal.open(text)).toBeNull();
  });
});
