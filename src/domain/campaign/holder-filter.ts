/**
 * Who may hold a coupon of a campaign: a Bloom filter. "No" is certain, "perhaps" is to be asked of
 * the record. It is built once a campaign has sold out; since nobody can win any more, it stays
 * true, and the losers of the rush are answered from memory without ever a wrong word to a winner.
 *
 * Bloom, "Space/time trade-offs in hash coding with allowable errors", CACM 13(7), 1970; the two
 * hashes are combined as in Kirsch and Mitzenmacher, "Less hashing, same performance", ESA 2006.
 */
export interface HolderFilter {
  /** Eight bits to a byte; the length is a power of two. */
  readonly bits: Uint8Array;
}

/** Between 10 and 20 bits for each holder, which is under 1 % of false "perhaps". */
const BITS_PER_HOLDER = 10;
const BITS_MIN = 1024;
const PROBES = 7;
const SEED_FIRST = 0x811c9dc5;
const SEED_STEP = 0x9747b28c;

export function createHolderFilter(holdersMax: number): HolderFilter {
  const bits = 2 ** Math.ceil(Math.log2(Math.max(BITS_MIN, holdersMax * BITS_PER_HOLDER)));
  return { bits: new Uint8Array(bits / 8) };
}

export function addHolder({ bits }: HolderFilter, userId: string): void {
  const mask = bits.length * 8 - 1;
  const step = hashOf(userId, SEED_STEP) | 1;
  let hash = hashOf(userId, SEED_FIRST);
  for (let probe = 0; probe < PROBES; probe++) {
    const bit = hash & mask;
    bits[bit >>> 3]! |= 1 << (bit & 7);
    hash = (hash + step) >>> 0;
  }
}

/** False: this user holds no coupon of the campaign. True: ask the record. */
export function mayHold({ bits }: HolderFilter, userId: string): boolean {
  const mask = bits.length * 8 - 1;
  const step = hashOf(userId, SEED_STEP) | 1;
  let hash = hashOf(userId, SEED_FIRST);
  for (let probe = 0; probe < PROBES; probe++) {
    const bit = hash & mask;
    if ((bits[bit >>> 3]! & (1 << (bit & 7))) === 0) return false;
    hash = (hash + step) >>> 0;
  }
  return true;
}

/** FNV-1a over the characters, then the finalizer of MurmurHash3, so that low bits are mixed. */
function hashOf(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
