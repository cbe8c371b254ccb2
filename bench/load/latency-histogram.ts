import type { LatencyUs } from './load-options.ts';

const SUB_BITS = 6;
const SUB_COUNT = 1 << SUB_BITS;
const BUCKETS = SUB_COUNT * 64;

/** Latencies in 64 buckets to each power of two of nanoseconds: right within 1.6 %. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sumNs = 0;
  #maxNs = 0;

  record(ns: number): void {
    this.#count += 1;
    this.#sumNs += ns;
    if (ns > this.#maxNs) this.#maxNs = ns;
    const exponent = ns < SUB_COUNT ? 0 : Math.floor(Math.log2(ns)) - SUB_BITS + 1;
    const mantissa = exponent === 0 ? ns : Math.floor(ns / 2 ** (exponent - 1)) - SUB_COUNT;
    const bucket = Math.min(exponent * SUB_COUNT + Math.floor(mantissa), BUCKETS - 1);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  summary(): LatencyUs {
    return {
      count: this.#count,
      mean: this.#count === 0 ? 0 : this.#sumNs / this.#count / 1e3,
      p50: this.#quantileUs(0.5),
      p90: this.#quantileUs(0.9),
      p99: this.#quantileUs(0.99),
      p999: this.#quantileUs(0.999),
      max: this.#maxNs / 1e3,
    };
  }

  #quantileUs(q: number): number {
    const wanted = Math.ceil(q * this.#count);
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const here = this.#counts[bucket] ?? 0;
      seen += here;
      if (here === 0 || seen < wanted) continue;
      const exponent = Math.floor(bucket / SUB_COUNT);
      const mantissa = bucket % SUB_COUNT;
      return (exponent === 0 ? mantissa : (mantissa + SUB_COUNT) * 2 ** (exponent - 1)) / 1e3;
    }
    return 0;
  }
}
