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

  /** Whether a name that was found is an id, and not a code. */
  isId(name: string): boolean {
    return name.startsWith(ID_PREFIX);
  }

  /** The coupon that an id or a code names; null if neither. */
  find(idOrCode: string): CouponNumber | null {
    return this.findAll([idOrCode])[0]!;
  }

  /** Finds many at once; see `find`. */
  findAll(idsOrCodes: readonly string[]): (CouponNumber | null)[] {
    const isId = idsOrCodes.map((text) => text.startsWith(ID_PREFIX));
    const ids = this.#ids.openAll(idsOrCodes.filter((_, i) => isId[i]).map(sealedOfId));
    const codes = this.#codes.openAll(idsOrCodes.filter((_, i) => !isId[i]).map(sealedOfCode));
    let id = 0;
    let code = 0;
    return isId.map((is) => (is ? ids[id++]! : codes[code++]!));
  }
}

/** What stands behind an id's prefix; ids are written in small letters, or they are none. */
function sealedOfId(id: string): string {
  const text = id.slice(ID_PREFIX.length);
  return text === text.toLowerCase() ? text : '';
}

function sealedOfCode(typed: string): string {
  return parseCouponCode(typed)?.replaceAll('-', '') ?? '';
}

/** 20 characters as 5-5-5-5. */
function grouped(text: string): string {
  return `${text.slice(0, 5)}-${text.slice(5, 10)}-${text.slice(10, 15)}-${text.slice(15)}`;
}
