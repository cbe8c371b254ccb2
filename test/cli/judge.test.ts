import { describe, expect, it } from 'vitest';
import type { ClaimAnswer, WonCoupon } from '../../src/cli/rush/answer.ts';
import { judge, type Evidence } from '../../src/cli/rush/judge.ts';

const CAMPAIGN = 'cmp_a';
const userIdOf = (user: number) => `user-${user}`;

interface Row {
  readonly user: number;
  readonly answer: ClaimAnswer | null;
  readonly sentMs?: number;
  readonly answeredMs?: number;
}

const SOLD_OUT: ClaimAnswer = { kind: 'refused', code: 'sold-out' };
const OVERLOADED: ClaimAnswer = { kind: 'refused', code: 'overloaded' };
const LOST: ClaimAnswer = { kind: 'unknown', reason: 'ECONNRESET' };

function coupon(user: number, sequence: number, change: Partial<WonCoupon> = {}): WonCoupon {
  return {
    id: `cpn_${sequence}`,
    code: `CODE-${sequence}`,
    campaignId: CAMPAIGN,
    userId: userIdOf(user),
    sequence,
    ...change,
  };
}

function won(user: number, sequence: number, change: Partial<WonCoupon> = {}): Row {
  return {
    user,
    answer: { kind: 'issued', coupon: coupon(user, sequence, change), isReplay: false },
  };
}

/** Ten coupons; users 1 to 10 win in order, 11 to 15 lose. All at once unless a row says. */
function goodRows(): Row[] {
  const winners = Array.from({ length: 10 }, (_, index) => won(index + 1, index + 1));
  const losers = Array.from({ length: 5 }, (_, index) => ({ user: index + 11, answer: SOLD_OUT }));
  return [...winners, ...losers];
}

function evidence(rows: readonly Row[], change: Partial<Evidence> = {}): Evidence {
  return {
    campaignId: CAMPAIGN,
    before: { quantity: 10, perUserLimit: 1, issued: 0 },
    after: { quantity: 10, perUserLimit: 1, issued: 10 },
    record: {
      users: Uint32Array.from(rows, ({ user }) => user),
      answers: rows.map(({ answer }) => answer),
      sentMs: Float64Array.from(rows, ({ sentMs }) => sentMs ?? 0),
      answeredMs: Float64Array.from(rows, ({ answeredMs }) => answeredMs ?? 100),
    },
    userIdOf,
    holdings: new Map(),
    holdingsComplete: true,
    replays: [],
    audit: { ok: true, checks: [] },
    interrupted: false,
    ...change,
  };
}

const figures = (issued: number, quantity = 10) => ({ quantity, perUserLimit: 1, issued });

describe('the judge of a rush passes', () => {
  it('a clean run, with the counts in the first line', () => {
    const judgement = judge(evidence(goodRows()));
    expect(judgement.headline).toBe('PASS 10 of 10 issued, 0 over, 0 duplicates');
    expect(judgement).toMatchObject({
      verdict: 'PASS',
      issued: 10,
      gaps: 0,
      refused: { 'sold-out': 5 },
      faults: [],
      doubts: [],
    });
  });

  it('a second run of a campaign that is gone, and says that nothing was left to issue', () => {
    const rows: Row[] = [
      { user: 1, answer: { kind: 'refused', code: 'already-claimed', couponIds: ['cpn_1'] } },
      { user: 11, answer: SOLD_OUT },
    ];
    const judgement = judge(evidence(rows, { before: figures(10) }));
    expect(judgement).toMatchObject({ verdict: 'PASS', issued: 0 });
    expect(judgement.headline).toContain('0 of 10 issued (10 issued before this run)');
    expect(judgement.notes).toEqual([expect.stringContaining('it could only be refused')]);
  });

  it('a campaign that was partly issued before', () => {
    const rows = [4, 5, 6, 7, 8, 9, 10].map((sequence) => won(sequence, sequence));
    expect(judge(evidence(rows, { before: figures(3) }))).toMatchObject({
      verdict: 'PASS',
      issued: 7,
      issuedBefore: 3,
    });
  });

  it('a winner whose answer was lost and whose coupon was found', () => {
    const rows = goodRows().with(4, { user: 5, answer: LOST });
    const holdings = new Map([[userIdOf(5), [coupon(5, 5)]]]);
    expect(judge(evidence(rows, { holdings }))).toMatchObject({
      verdict: 'PASS',
      issued: 10,
      recovered: 1,
      errors: { 'unknown: ECONNRESET': 1 },
    });
  });

  it('a run beside other callers, when none of its own users holds what is missing', () => {
    const rows = goodRows().filter(({ user }) => user !== 5 && user !== 6);
    const judgement = judge(evidence(rows));
    expect(judgement).toMatchObject({ verdict: 'PASS', issued: 8, gaps: 0 });
    expect(judgement.notes).toEqual([expect.stringContaining('other callers')]);
  });

  it('a run in which some were not considered, and says how many', () => {
    const rows = [...goodRows(), { user: 16, answer: OVERLOADED }];
    const judgement = judge(evidence(rows));
    expect(judgement.headline).toBe('PASS 10 of 10 issued, 0 over, 0 duplicates, 1 undecided');
    expect(judgement).toMatchObject({ undecided: 1, refused: { 'sold-out': 5, overloaded: 1 } });
  });

  it('answers that the server marks as given again, without counting them twice', () => {
    const first = won(1, 1);
    const again: Row = {
      user: 1,
      answer: { kind: 'issued', coupon: coupon(1, 1), isReplay: true },
    };
    const rows = [first, again, ...goodRows().slice(1)];
    expect(judge(evidence(rows))).toMatchObject({ verdict: 'PASS', issued: 10 });
  });
});

describe('the judge of a rush finds', () => {
  it.each<[string, Evidence, string, object]>([
    [
      'more coupons than the quantity',
      evidence([...goodRows().slice(0, 10), won(11, 11)], { after: figures(11) }),
      '1 more issued than the quantity of 10',
      { overIssued: 1 },
    ],
    [
      'more coupons than the quantity when the counter hides it',
      evidence([...goodRows().slice(0, 10), won(11, 3, { id: 'cpn_x', code: 'X' })]),
      '1 more issued',
      { overIssued: 1 },
    ],
    [
      'a sequence number given twice',
      evidence(goodRows().with(1, won(2, 1, { id: 'cpn_x', code: 'X' })), { after: figures(10) }),
      '1 sequence numbers were given twice',
      { duplicates: { users: 0, sequences: 1, couponIds: 0, codes: 0, all: 1 } },
    ],
    [
      'a sequence number that was taken before the run',
      evidence([won(1, 2)], { before: figures(3), after: figures(4) }),
      '1 sequence numbers were given twice',
      {},
    ],
    [
      'a coupon id given twice',
      evidence(goodRows().with(1, won(2, 2, { id: 'cpn_1' }))),
      '1 coupon ids were given twice',
      {},
    ],
    [
      'a code given twice',
      evidence(goodRows().with(1, won(2, 2, { code: 'CODE-1' }))),
      '1 codes were given twice',
      {},
    ],
    [
      'a user above the limit',
      evidence(goodRows().with(1, won(1, 2))),
      '1 users got more than 1',
      {},
    ],
    [
      'a gap in the sequence numbers',
      evidence(goodRows().slice(0, 9).with(8, won(9, 10)), { after: figures(9) }),
      '1 sequence numbers were left out',
      { gaps: 1 },
    ],
    [
      'an acknowledged coupon that is not counted',
      evidence(goodRows().slice(0, 10), { after: figures(9) }),
      '1 acknowledged coupons are missing',
      {},
    ],
    [
      'a user who was refused and holds a coupon',
      evidence(goodRows().with(4, { user: 5, answer: SOLD_OUT }), {
        holdings: new Map([[userIdOf(5), [coupon(5, 5)]]]),
      }),
      '1 users were refused and hold a coupon',
      {},
    ],
    [
      'a coupon of somebody else',
      evidence(goodRows().with(1, won(2, 2, { userId: 'user-9' }))),
      'another user or campaign',
      {},
    ],
    [
      'a coupon of another campaign',
      evidence(goodRows().with(1, won(2, 2, { campaignId: 'cmp_b' }))),
      'another user or campaign',
      {},
    ],
    [
      'a claim that was overtaken by a later one',
      evidence(
        goodRows()
          .with(0, { ...won(1, 2), sentMs: 0, answeredMs: 5 })
          .with(1, { ...won(2, 1), sentMs: 6, answeredMs: 9 }),
      ),
      '1 claims were overtaken',
      {},
    ],
    [
      'sold out before it was',
      evidence([won(1, 1), { user: 2, answer: SOLD_OUT }], { after: figures(1) }),
      'sold-out was answered with 9 coupons left',
      {},
    ],
    [
      'a winner who is told of another coupon later',
      evidence([
        ...goodRows(),
        { user: 1, answer: { kind: 'refused', code: 'already-claimed', couponIds: ['cpn_2'] } },
      ]),
      '1 already-claimed answers name other coupons',
      {},
    ],
    [
      'a loser who is told of a coupon that is none',
      evidence([
        ...goodRows(),
        { user: 12, answer: { kind: 'refused', code: 'already-claimed', couponIds: [] } },
      ]),
      '1 already-claimed answers',
      {},
    ],
    [
      'a replay with another answer',
      evidence(goodRows(), {
        replays: [{ userId: 'user-1', expected: 'holds cpn_1', got: 'holds nothing', ok: false }],
      }),
      '1 replays gave another answer (user user-1: holds nothing instead of holds cpn_1)',
      { replays: { asked: 1, same: 0, different: 1, notAnswered: 0, refused: {} } },
    ],
    [
      'a failed check of the server’s own audit',
      evidence(goodRows(), {
        audit: { ok: false, checks: [{ name: 'sequences', ok: false, detail: 'a gap at 3' }] },
      }),
      'audit sequences: a gap at 3',
      { audit: 'failed' },
    ],
  ])('%s', (_case, given, fault, figuresFound) => {
    const judgement = judge(given);
    expect(judgement.verdict).toBe('BROKEN');
    expect(judgement.faults).toContainEqual(expect.stringContaining(fault));
    expect(judgement.headline).toMatch(/^BROKEN /);
    expect(judgement).toMatchObject(figuresFound);
  });
});

describe('the judge of a rush cannot tell', () => {
  it.each<[string, Evidence, string]>([
    ['without the audit', evidence(goodRows(), { audit: null }), 'audit could not be read'],
    ['without the counters', evidence(goodRows(), { after: null }), 'counters could not be read'],
    [
      'with a lost answer of a user who could not be asked',
      evidence(goodRows().with(4, { user: 5, answer: LOST }), {
        holdings: new Map([[userIdOf(5), null]]),
      }),
      'the outcome of 1 users’ claims is not known',
    ],
    [
      'with a lost answer and a coupon that may be decided late',
      evidence(goodRows().with(4, { user: 5, answer: LOST }), {
        holdings: new Map([[userIdOf(5), []]]),
      }),
      '1 coupons were issued that no answer accounts for',
    ],
    [
      'with coupons unaccounted for and too many users to ask',
      evidence(goodRows().slice(1), { holdingsComplete: false }),
      'no answer accounts for',
    ],
    [
      'when interrupted',
      evidence([won(1, 1), { user: 2, answer: null }], { after: figures(1), interrupted: true }),
      'interrupted with 1 claims not sent',
    ],
    [
      'when nothing was answered',
      evidence([{ user: 1, answer: { kind: 'unsent', reason: 'ECONNREFUSED' } }], {
        after: figures(0),
      }),
      'no claim was answered',
    ],
    [
      'when replays were not answered',
      evidence(goodRows(), {
        replays: [{ userId: 'user-1', expected: 'x', got: 'ECONNRESET', ok: null }],
      }),
      'replays: 1 not answered',
    ],
    [
      'when replays met the limit of the key',
      evidence(goodRows(), {
        replays: [
          { userId: 'user-1', expected: 'x', got: 'x', ok: null, refusedWith: 'rate-limited' },
        ],
      }),
      'replays: 1 refused by limit',
    ],
    [
      'when every claim was refused without a decision',
      evidence(
        [
          { user: 1, answer: OVERLOADED },
          { user: 2, answer: { kind: 'refused', code: 'rate-limited' } },
        ],
        { after: figures(0) },
      ),
      'no claim was decided (overloaded 1, rate-limited 1)',
    ],
    [
      'with a key that may not audit',
      evidence(goodRows(), { audit: null, auditRefusal: 'forbidden' }),
      'the server’s audit needs a key with the scope admin (403)',
    ],
  ])('%s', (_case, given, doubt) => {
    const judgement = judge(given);
    expect(judgement.verdict).toBe('INCONCLUSIVE');
    expect(judgement.doubts).toContainEqual(expect.stringContaining(doubt));
    expect(judgement.headline).toMatch(/^INCONCLUSIVE /);
  });

  it('still says BROKEN when it saw a fault, whatever else it does not know', () => {
    const rows = [...goodRows().slice(0, 10), won(11, 11)];
    expect(judge(evidence(rows, { audit: null, after: null })).verdict).toBe('BROKEN');
  });
});
