import { createCipheriv, createHmac, type Cipheriv } from 'node:crypto';

/** Which coupon a sealed text stands for. */
export interface CouponNumber {
  /** The campaign's number in the record, 1 to 2^24 - 1. */
  readonly campaignNo: number;
  /** The coupon's sequence number in its campaign, 1 to 2^24 - 1. */
  readonly sequence: number;
}

/**
 * Turns a coupon's number into a text of 20 characters that tells nothing and cannot be guessed,
 * and back. The text is the number and a tag of 52 bits, encrypted with a synthetic initialization
 * vector: tag = AES(k1, number), text = tag and (number xor AES(k2, tag)). Nothing has to be stored
 * or indexed to find a coupon by its text, and a text that was made up is refused by its tag.
 *
 * Rogaway and Shrimpton, "A provable-security treatment of the key-wrap problem", EUROCRYPT 2006.
 */
export class CouponSeal {
  readonly #toTag: Cipheriv;
  readonly #toMask: Cipheriv;

  /**
   * @param secret  the record's secret, 32 bytes
   * @param purpose  separates seals that share a secret
   */
  constructor(secret: Uint8Array, purpose: string) {
    this.#toTag = createCipher(secret, `${purpose}/tag`);
    this.#toMask = createCipher(secret, `${purpose}/mask`);
  }

  /** Seals many numbers at once; the texts stand in their order. Upper case, see `ALPHABET`. */
  seal(numbers: readonly CouponNumber[]): string[] {
    const plain = Buffer.alloc(numbers.length * BLOCK);
    for (let i = 0; i < numbers.length; i++) writeNumber(plain, i * BLOCK, numbers[i]!);
    const tags = cutToTags(this.#toTag.update(plain));
    const masks = this.#toMask.update(tags);
    const texts = new Array<string>(numbers.length);
    for (let i = 0; i < numbers.length; i++) {
      const at = i * BLOCK;
      for (let byte = 0; byte < NUMBER_BYTES; byte++) masks[at + byte]! ^= plain[at + byte]!;
      texts[i] = encode(masks, tags, at);
    }
    return texts;
  }

  /** The number that a text stands for, or null if this seal has not made it. */
  open(text: string): CouponNumber | null {
    return this.openAll([text])[0]!;
  }

  /** Opens many texts at once, which is far cheaper than one by one; see `open`. */
  openAll(texts: readonly string[]): (CouponNumber | null)[] {
    const numbers = Buffer.alloc(texts.length * BLOCK);
    const tags = Buffer.alloc(texts.length * BLOCK);
    const isText = texts.map((text, i) => decode(text, numbers, tags, i * BLOCK));
    const plain = this.#toMask.update(tags);
    for (let i = 0; i < plain.length; i++) {
      plain[i] = i % BLOCK < NUMBER_BYTES ? plain[i]! ^ numbers[i]! : 0;
    }
    const expected = cutToTags(this.#toTag.update(plain));
    return isText.map((is, i) => {
      const at = i * BLOCK;
      if (!is || expected.compare(tags, at, at + TAG_BYTES, at, at + TAG_BYTES) !== 0) return null;
      return { campaignNo: plain.readUIntBE(at, 3), sequence: plain.readUIntBE(at + 3, 3) };
    });
  }
}

/** How long a sealed text is. */
export const SEALED_LENGTH = 20;

/** Crockford's base 32: no I, L, O or U, so that a code survives being read out. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const PAIRS = Array.from({ length: 1024 }, (_, i) => ALPHABET[i >>> 5]! + ALPHABET[i & 31]!);
const NO_CHARACTER = 255;
/** The value of each character by its code, in capital and small letters. */
const VALUES = new Uint8Array(128).fill(NO_CHARACTER);
for (const [value, character] of [...ALPHABET].entries()) {
  VALUES[character.charCodeAt(0)] = VALUES[character.toLowerCase().charCodeAt(0)] = value;
}
const BLOCK = 16;
const NUMBER_BYTES = 6;
/** 52 bits: six bytes and the upper half of a seventh. */
const TAG_BYTES = 7;

/**
 * AES-128 over whole blocks, one by one. That a block's result depends on nothing but the block is
 * what is wanted here, and why one cipher serves for ever.
 */
function createCipher(secret: Uint8Array, label: string): Cipheriv {
  const key = createHmac('sha256', secret).update(label).digest().subarray(0, BLOCK);
  return createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
}

function writeNumber(into: Buffer, at: number, { campaignNo, sequence }: CouponNumber): void {
  into[at] = campaignNo >>> 16;
  into[at + 1] = campaignNo >>> 8;
  into[at + 2] = campaignNo;
  into[at + 3] = sequence >>> 16;
  into[at + 4] = sequence >>> 8;
  into[at + 5] = sequence;
}

/** Cuts every block down to the tag's 52 bits, with zeros behind them. */
function cutToTags(blocks: Buffer): Buffer {
  for (let at = 0; at < blocks.length; at += BLOCK) {
    blocks[at + TAG_BYTES - 1]! &= 0xf0;
    blocks.fill(0, at + TAG_BYTES, at + BLOCK);
  }
  return blocks;
}

/** 48 bits of number, then 52 bits of tag: five times 20 bits, each two pairs of characters. */
function encode(numbers: Buffer, tags: Buffer, at: number): string {
  const n = at;
  const a = (numbers[n]! << 12) | (numbers[n + 1]! << 4) | (numbers[n + 2]! >>> 4);
  const b = ((numbers[n + 2]! & 15) << 16) | (numbers[n + 3]! << 8) | numbers[n + 4]!;
  const c = (numbers[n + 5]! << 12) | (tags[n]! << 4) | (tags[n + 1]! >>> 4);
  const d = ((tags[n + 1]! & 15) << 16) | (tags[n + 2]! << 8) | tags[n + 3]!;
  const e = (tags[n + 4]! << 12) | (tags[n + 5]! << 4) | (tags[n + 6]! >>> 4);
  return fourOf(a) + fourOf(b) + fourOf(c) + fourOf(d) + fourOf(e);
}

function fourOf(bits: number): string {
  return PAIRS[bits >>> 10]! + PAIRS[bits & 1023]!;
}

/** Writes a text's number and tag at a place; false, and rubbish there, if it is no text. */
function decode(text: string, numbers: Buffer, tags: Buffer, place: number): boolean {
  if (text.length !== SEALED_LENGTH) return false;
  const tagPlace = place - NUMBER_BYTES;
  let bits = 0;
  let count = 0;
  let at = 0;
  for (let i = 0; i < SEALED_LENGTH; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? NO_CHARACTER;
    if (value === NO_CHARACTER) return false;
    bits = ((bits << 5) | value) & 0xffff;
    count += 5;
    if (count >= 8) {
      count -= 8;
      const byte = (bits >>> count) & 255;
      if (at < NUMBER_BYTES) numbers[place + at] = byte;
      else tags[tagPlace + at] = byte;
      at += 1;
    }
  }
  // 100 bits fill twelve bytes and a half.
  tags[tagPlace + at] = (bits << 4) & 0xf0;
  return true;
}
