/** Crockford's base 32: no I, L, O and U, so that a code can be read aloud and typed. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUP_LENGTH = 5;
const GROUPS = 4;

/** How many random bytes one code takes. Each gives five bits, so a code has 100. */
export const CODE_BYTES = GROUP_LENGTH * GROUPS;

/**
 * Writes a coupon's code, `ABCDE-FGHJK-MNPQR-STVWX`.
 *
 * @param random  at least `CODE_BYTES` bytes that nobody can guess
 * @param offset  where in `random` to start
 */
export function formatCouponCode(random: Uint8Array, offset = 0): string {
  let code = '';
  for (let i = 0; i < CODE_BYTES; i++) {
    if (i > 0 && i % GROUP_LENGTH === 0) code += '-';
    code += ALPHABET[random[offset + i]! & 31]!;
  }
  return code;
}

/**
 * Reads a code as a person may have typed it: in small letters, without dashes, with the letters
 * that Crockford reads as digits. Gives it as it was issued, or null if it cannot be a code.
 */
export function parseCouponCode(text: string): string | null {
  if (text.length > TYPED_LENGTH_MAX) return null;
  const typed = text.replaceAll('-', '').toUpperCase();
  const letters = typed.replace(/[IL]/g, '1').replaceAll('O', '0');
  if (!/^[0-9A-HJKMNP-TV-Z]{20}$/.test(letters)) return null;
  return letters.replace(/.{5}(?!$)/g, '$&-');
}

/** Generous with dashes, but no regular expression runs over a page of text. */
const TYPED_LENGTH_MAX = 64;
