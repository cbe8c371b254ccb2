import { createCipheriv, createHmac } from 'node:crypto';

/** Which coupon a sealed text stands for. */
export interface CouponNumber {
  /** The campaign's number in the record, 1 to 2^24 - 1. */
  readonly campaignNo: number;
  /** The coupon's sequence number in its campaign, 1 to 2^24 - 1. */
  readonly sequence: number;
}

/**
 * Turns a coupon's number into a text of 20 characters that tells nothing and cannot be guessed, and
 * back. The text is the number and a tag of 52 bits, encrypted with a synthetic initialization
 * vector: tag = AES(k1, number), text = tag and (number xor AES(k2, tag)). Nothing has to be stored
 * or indexed to find a coupon by its text, and a text that was made up is refused by its tag.
 *
 * Rogaway and Shrimpton, "A provable-security treatment of the key-wrap problem", EUROCRYPT 2006.
 */
export class CouponSeal {
  readonly #tagKey: Buffer;
  readonly #maskKey: Buffer;

  /**
   * @param secret  the record's secret, 32 bytes
   * @param purpose  separates seals that share a secret
   */
  constructor(secret: Uint8Array, purpose: string) {
    this.#tagKey = deriveKey(secret, `${purpose}/tag`);
    this.#maskKey = deriveKey(secret, `${purpose}/mask`);
  }

  /** Seals many numbers at once; the texts stand in their order. Upper case, see `ALPHABET`. */
  seal(numbers: readonly CouponNumber[]): string[] {
    const plain = Buffer.alloc(numbers.length * BLOCK);
    for (let i = 0; i < numbers.length; i++) writeNumber(plain, i * BLOCK, numbers[i]!);
    const tags = tagsOf(encrypt(this.#tagKey, plain));
    const masks = encrypt(this.#maskKey, tags);
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
    const plain = encrypt(this.#maskKey, tags);
    for (let i = 0; i < plain.length; i++) {
      plain[i] = i % BLOCK < NUMBER_BYTES ? plain[i]! ^ numbers[i]! : 0;
    }
    const expected = tagsOf(encrypt(this.#tagKey, plain));
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

function deriveKey(secret: Uint8Array, label: string): Buffer {
  return createHmac('sha256', secret).update(label).digest().subarray(0, 16);
}

function encrypt(key: Buffer, blocks: Buffer): Buffer {
  const cipher = createCipheriv('aes-128-ecb', key, null);
  cipher.setAutoPadding(false);
  return cipher.update(blocks);
}

function writeNumber(into: Buffer, at: number, { campaignNo, sequence }: CouponNumber): void {
  into.writeUIntBE(campaignNo, at, 3);
  into.writeUIntBE(sequence, at + 3, 3);
}

/** Cuts every block down to the tag's 52 bits, with zeros behind them. */
function tagsOf(blocks: Buffer): Buffer {
  const tags = Buffer.alloc(blocks.length);
  for (let at = 0; at < blocks.length; at += BLOCK) {
    blocks.copy(tags, at, at, at + TAG_BYTES);
    tags[at + TAG_BYTES - 1]! &= 0xf0;
  }
  return tags;
}

/** 48 bits of number, then 52 bits of tag, ten bits at a time. */
function encode(numbers: Buffer, tags: Buffer, at: number): string {
  let text = '';
  let bits = 0;
  let count = 0;
  for (let i = 0; i < NUMBER_BYTES + TAG_BYTES; i++) {
    const byte = i < NUMBER_BYTES ? numbers[at + i]! : tags[at + i - NUMBER_BYTES]!;
    bits = ((bits << 8) | byte) & 0x3ffff;
    count += 8;
    if (count >= 10) {
      count -= 10;
      text += PAIRS[(bits >>> count) & 1023]!;
    }
  }
  return text;
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
