import { parseCouponCode } from '../../domain/coupon/coupon-code.ts';
import { CouponSeal, type CouponNumber } from '../../seal/coupon-seal.ts';

const ID_PREFIX = 'cpn_';

/** The two texts by which a coupon is known: its id, and the code that its owner shows. */
export class CouponNames {
  readonly #ids: CouponSeal;
  readonly #codes: CouponSeal;

  /** @param secret  the record's secret, 32 bytes */
  constructor(secret: Uint8Array) {
    this.#ids = new CouponSeal(secret, 'coupon-id');
    this.#codes = new CouponSeal(secret, 'coupon-code');
  }

  ids(numbers: readonly CouponNumber[]): string[] {
    return this.#ids.seal(numbers).map((text) => ID_PREFIX + text.toLowerCase());
  }

  codes(numbers: readonly CouponNumber[]): string[] {
    return this.#codes.seal(numbers).map(grouped);
  }

  id(number: CouponNumber): string {
    return this.ids([number])[0]!;
  }

  code(number: CouponNumber): string {
    return this.codes([number])[0]!;
  }

  /** The coupon that an id or a code names; null if neither. */
  find(idOrCode: string): CouponNumber | null {
    if (idOrCode.startsWith(ID_PREFIX)) {
      const text = idOrCode.slice(ID_PREFIX.length);
      return text === text.toLowerCase() ? this.#ids.open(text) : null;
    }
    const code = parseCouponCode(idOrCode);
    return code === null ? null : this.#codes.open(code.replaceAll('-', ''));
  }
}

/** 20 characters as 5-5-5-5. */
function grouped(text: string): string {
  return `${text.slice(0, 5)}-${text.slice(5, 10)}-${text.slice(10, 15)}-${text.slice(15)}`;
}
