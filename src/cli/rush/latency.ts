import type { RushRecord } from './load.ts';

/** Milliseconds from the intended send to the decision, of claims that were decided. */
export interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** How many coupons were issued in a stretch of time. */
export interface IssuedBucket {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly issued: number;
}

const BUCKETS = 12;

/** Null when nothing was decided. */
export function latencyOf(record: RushRecord): Latency | null {
  const samples = new Float64Array(record.answers.length);
  let count = 0;
  for (const [request, answer] of record.answers.entries()) {
    if (answer?.kind !== 'issued' && answer?.kind !== 'refused') continue;
    samples[count++] = record.answeredMs[request]! - record.intendedMs[request]!;
  }
  if (count === 0) return null;
  const sorted = samples.subarray(0, count).sort();
  // Nearest rank: the smallest sample that at least this part of them does not exceed.
  const at = (part: number) => sorted[Math.max(0, Math.ceil(part * count) - 1)]!;
  return { count, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) };
}

/** Issued over time, from the start to the last coupon, in equal stretches. */
export function issuedOverTime(record: RushRecord): IssuedBucket[] {
  const moments: number[] = [];
  for (const [request, answer] of record.answers.entries()) {
    if (answer?.kind === 'issued' && !answer.isReplay) moments.push(record.answeredMs[request]!);
  }
  if (moments.length === 0) return [];
  const lastMs = moments.reduce((last, moment) => Math.max(last, moment), 0);
  const widthMs = lastMs / BUCKETS;
  const buckets = new Array<number>(BUCKETS).fill(0);
  for (const moment of moments) {
    const bucket = Math.min(BUCKETS - 1, Math.floor(moment / widthMs));
    buckets[bucket] = buckets[bucket]! + 1;
  }
  return buckets.map((issued, index) => ({
    fromMs: index * widthMs,
    untilMs: (index + 1) * widthMs,
    issued,
  }));
}
