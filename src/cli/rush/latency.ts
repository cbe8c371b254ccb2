import { isDecided } from './answer.ts';
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

/** About as many as this; one more where the first begins before the first coupon. */
const BUCKETS_MAX = 12;
/** Shorter stretches would show how this machine's timers tick. */
const BUCKET_MIN_MS = 5;

/** Null when nothing was decided. */
export function latencyOf(record: RushRecord): Latency | null {
  const samples = new Float64Array(record.answers.length);
  let count = 0;
  for (const [request, answer] of record.answers.entries()) {
    if (!isDecided(answer)) continue;
    samples[count++] = record.answeredMs[request]! - record.intendedMs[request]!;
  }
  if (count === 0) return null;
  const sorted = samples.subarray(0, count).sort();
  // Nearest rank: the smallest sample that at least this part of them does not exceed.
  const at = (part: number) => sorted[Math.max(0, Math.ceil(part * count) - 1)]!;
  return { count, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) };
}

/** Issued over time, from the first coupon to the last, in equal stretches of a round length. */
export function issuedOverTime(record: Pick<RushRecord, 'answers' | 'answeredMs'>): IssuedBucket[] {
  const moments: number[] = [];
  for (const [request, answer] of record.answers.entries()) {
    if (answer?.kind === 'issued' && !answer.isReplay) moments.push(record.answeredMs[request]!);
  }
  if (moments.length === 0) return [];
  const firstMs = moments.reduce((first, moment) => Math.min(first, moment), Infinity);
  const lastMs = moments.reduce((last, moment) => Math.max(last, moment), 0);
  const widthMs = roundUp(Math.max(BUCKET_MIN_MS, (lastMs - firstMs) / BUCKETS_MAX));
  const first = Math.floor(firstMs / widthMs);
  const buckets = new Array<number>(Math.floor(lastMs / widthMs) - first + 1).fill(0);
  for (const moment of moments) buckets[Math.floor(moment / widthMs) - first]! += 1;
  return buckets.map((issued, index) => ({
    fromMs: (first + index) * widthMs,
    untilMs: (first + index + 1) * widthMs,
    issued,
  }));
}

/** The next of 1, 2, 5, 10, 20, 50 and so on. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return (ROUND.find((step) => step * power >= value) ?? 10) * power;
}

const ROUND = [1, 2, 5, 10];
