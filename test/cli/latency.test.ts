import { describe, expect, it } from 'vitest';
import type { ClaimAnswer } from '../../src/cli/rush/answer.ts';
import { issuedOverTime, latencyOf } from '../../src/cli/rush/latency.ts';

const SOLD_OUT: ClaimAnswer = { kind: 'refused', code: 'sold-out' };
const OVERLOADED: ClaimAnswer = { kind: 'refused', code: 'overloaded' };
const WON: ClaimAnswer = {
  kind: 'issued',
  coupon: { id: 'cpn_1', code: 'C', campaignId: 'cmp_a', userId: 'u', sequence: 1 },
  isReplay: false,
};

/** A record of claims that were all sent at once. */
function recordOf(rows: readonly (readonly [answer: ClaimAnswer, answeredMs: number])[]) {
  return {
    users: new Uint32Array(rows.length),
    answers: rows.map(([answer]) => answer),
    intendedMs: new Float64Array(rows.length),
    sentMs: new Float64Array(rows.length),
    answeredMs: Float64Array.from(rows, ([, answeredMs]) => answeredMs),
    durationMs: 1_000,
  };
}

const issuedAt = (...moments: number[]) => issuedOverTime(recordOf(moments.map((ms) => [WON, ms])));

describe('issued over time', () => {
  it('has few stretches when all went quickly, and none that is empty at either end', () => {
    expect(issuedAt(31, 33, 38)).toEqual([
      { fromMs: 30, untilMs: 35, issued: 2 },
      { fromMs: 35, untilMs: 40, issued: 1 },
    ]);
    expect(issuedAt(1_003)).toEqual([{ fromMs: 1_000, untilMs: 1_005, issued: 1 }]);
  });

  it('has stretches of a round length when it took long, with the pauses between', () => {
    const buckets = issuedAt(...Array.from({ length: 100 }, (_, i) => (i < 50 ? i : i + 900)));
    expect(buckets.map(({ fromMs }) => fromMs)).toEqual(
      Array.from({ length: 10 }, (_, index) => index * 100),
    );
    expect(buckets.map(({ issued }) => issued)).toEqual([50, 0, 0, 0, 0, 0, 0, 0, 0, 50]);
  });

  it('is nothing when nothing was issued', () => {
    expect(issuedOverTime(recordOf([[SOLD_OUT, 3]]))).toEqual([]);
  });
});

describe('the latency', () => {
  it('is of decided claims alone', () => {
    const record = recordOf([
      [WON, 10],
      [SOLD_OUT, 20],
      [OVERLOADED, 900],
    ]);
    expect(latencyOf(record)).toMatchObject({ count: 2, maxMs: 20 });
    expect(latencyOf(recordOf([[OVERLOADED, 900]]))).toBeNull();
  });
});
