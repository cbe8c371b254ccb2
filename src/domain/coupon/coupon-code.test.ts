import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODE_BYTES, formatCouponCode, parseCouponCode } from './coupon-code.ts';

const SEED = 20260131;
const bytes = fc.uint8Array({ minLength: CODE_BYTES, maxLength: CODE_BYTES });

describe('given random bytes', () => {
  it('when a code is written, then it is four groups of five letters of Crockford', () => {
    const code = /^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){3}$/;
    fc.assert(
      fc.property(bytes, (random) => {
        expect(formatCouponCode(random)).toMatch(code);
      }),
      { seed: SEED },
    );
  });

  it('when many codes are written from one buffer, then each takes its own bytes', () => {
    const buffer = Uint8Array.from({ length: CODE_BYTES * 2 }, (_, index) => index);
    expect(formatCouponCode(buffer)).toBe('01234-56789-ABCDE-FGHJK');
    expect(formatCouponCode(buffer, CODE_BYTES)).toBe('MNPQR-STVWX-YZ012-34567');
  });
});

describe('given a code', () => {
  it('when it is typed small, without dashes or with letters for digits, then it is read', () => {
    fc.assert(
      fc.property(bytes, (random) => {
        const code = formatCouponCode(random);
        const typed = code.replaceAll('0', 'O').replaceAll('1', 'l');
        for (const text of [code, typed, typed.toLowerCase(), typed.replaceAll('-', '')]) {
          expect(parseCouponCode(text)).toBe(code);
        }
      }),
      { seed: SEED },
    );
  });

  it.each([
    ...['', '-', 'cpn_1', '01234-56789-ABCDE-FGHJ', '01234-56789-ABCDE-FGHJKM'],
    ...['01234-56789-ABCDE-FGHJU', '01234 56789 ABCDE FGHJK', '-'.repeat(65) + 'A'.repeat(20)],
  ])('when it is %o, then it is no code', (text) => {
    expect(parseCouponCode(text)).toBeNull();
  });
});
