import { isDecided, type WonCoupon } from './answer.ts';
import { countReplays, untold, type Replay, type ReplayFigures } from './judge-replays.ts';
import { findFaultsOfWinners, type WinnerFaults } from './judge-winners.ts';
import type { RushRecord } from './load.ts';

/** The campaign's counters, as the server gave them. */
export interface CampaignFigures {
  readonly quantity: number;
  readonly perUserLimit: number;
  readonly issued: number;
}

/** Everything that the verdict rests on. */
export interface Evidence {
  readonly campaignId: string;
  readonly before: CampaignFigures;
  /** Null when the server could not be asked. */
  readonly after: CampaignFigures | null;
  readonly record: Pick<RushRecord, 'users' | 'answers' | 'sentMs' | 'answeredMs'>;
  readonly userIdOf: (user: number) => string;
  /**
   * What users really hold of the campaign, for those who had to be asked (their answer was lost,
   * or coupons are unaccounted for); null for a user who could not be asked.
   */
  readonly holdings: ReadonlyMap<string, readonly WonCoupon[] | null>;
  /** Whether every user of this run whose holdings were in doubt was asked. */
  readonly holdingsComplete: boolean;
  readonly replays: readonly Replay[];
  readonly audit: { readonly ok: boolean; readonly checks: readonly AuditLine[] } | null;
  /** Without an audit: the code of the refusal; `unreachable` unless set. */
  readonly auditRefusal?: string;
  readonly interrupted: boolean;
}

export interface AuditLine {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface Judgement {
  readonly verdict: 'PASS' | 'BROKEN' | 'INCONCLUSIVE';
  readonly headline: string;
  /** Broken promises, a sentence each. */
  readonly faults: readonly string[];
  /** What could not be told, a sentence each. */
  readonly doubts: readonly string[];
  readonly notes: readonly string[];
  readonly issued: number;
  readonly issuedBefore: number;
  /** Coupons whose winner's answer was lost, found by asking for what the user holds. */
  readonly recovered: number;
  readonly overIssued: number;
  readonly duplicates: WinnerFaults['duplicates'] & { readonly all: number };
  readonly gaps: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  /** Claims that surely were not considered: refused for want of room or right, or never sent. */
  readonly undecided: number;
  readonly replays: ReplayFigures;
  /** `ok`, `failed`, or the code of what kept it from being read (`unreachable`, `forbidden`). */
  readonly audit: string;
}

/** Weighs answers, counters, replays and the server's own audit. Pure. */
export function judge(evidence: Evidence): Judgement {
  const tally = tallyOf(evidence);
  const { before, after } = evidence;
  const quantity = Math.max(before.quantity, after?.quantity ?? 0);
  const winners = findFaultsOfWinners(evidence, tally.recovered, quantity);
  const { duplicates, sequences } = winners;
  const delta = after === null ? null : after.issued - before.issued;
  const accounted = tally.issued + tally.recovered.length + tally.hidden.length;
  const unaccounted = delta === null ? 0 : Math.max(0, delta - accounted);
  const lost = delta === null ? 0 : Math.max(0, tally.issued + tally.recovered.length - delta);
  const gaps = Math.max(
    0,
    missingUpTo(sequences, before.issued) - unaccounted - tally.hidden.length,
  );
  const overIssued = Math.max(
    0,
    winners.beyondQuantity,
    (after?.issued ?? 0) - quantity,
    before.issued + accounted - quantity,
  );
  const replays = countReplays(evidence.replays);
  const allDuplicates = Object.values(duplicates).reduce((sum, count) => sum + count, 0);
  const isFalselySoldOut = (tally.refused['sold-out'] ?? 0) > 0 && stillHasSome(evidence);

  const faults = sentences([
    [overIssued > 0, `${overIssued} more issued than the quantity of ${quantity}`],
    [duplicates.users > 0, `${duplicates.users} users got more than ${before.perUserLimit}`],
    [duplicates.sequences > 0, `${duplicates.sequences} sequence numbers were given twice`],
    [duplicates.couponIds > 0, `${duplicates.couponIds} coupon ids were given twice`],
    [duplicates.codes > 0, `${duplicates.codes} codes were given twice`],
    [gaps > 0, `${gaps} sequence numbers were left out`],
    [lost > 0, `${lost} acknowledged coupons are missing from the campaign's count`],
    [tally.hidden.length > 0, `${tally.hidden.length} users were refused and hold a coupon`],
    [winners.mixedUp > 0, `${winners.mixedUp} answers carry a coupon of another user or campaign`],
    [winners.overtaken > 0, `${winners.overtaken} claims were overtaken by later ones`],
    [
      winners.contradicted > 0,
      `${winners.contradicted} already-claimed answers name other coupons`,
    ],
    [isFalselySoldOut, `sold-out was answered with ${remaining(after)} coupons left`],
    [replays.different > 0, `${replays.different} replays gave another answer${example(evidence)}`],
    ...(evidence.audit?.checks ?? []).map((check): Sentence => [
      !check.ok,
      `audit ${check.name}: ${check.detail}`,
    ]),
    [evidence.audit?.ok === false, 'the server’s audit found a broken promise'],
  ]);
  const doubts = doubtsOf(evidence, tally, unaccounted, replays);
  const verdict = faults.length > 0 ? 'BROKEN' : doubts.length > 0 ? 'INCONCLUSIVE' : 'PASS';
  const issued = tally.issued + tally.recovered.length;
  const figures = { issued, overIssued, allDuplicates, undecided: tally.undecided };
  return {
    verdict,
    headline: headline(verdict, figures, evidence, faults, doubts),
    faults,
    doubts,
    notes: notesOf(evidence, tally, unaccounted),
    issued,
    issuedBefore: before.issued,
    recovered: tally.recovered.length,
    overIssued,
    duplicates: { ...duplicates, all: allDuplicates },
    gaps,
    refused: tally.refused,
    errors: tally.errors,
    undecided: tally.undecided,
    replays,
    audit: auditOf(evidence),
  };
}

interface Tally {
  readonly issued: number;
  readonly recovered: readonly WonCoupon[];
  /** Coupons of users all of whose answers were heard and none of which named it. */
  readonly hidden: readonly WonCoupon[];
  readonly refused: Record<string, number>;
  readonly errors: Record<string, number>;
  readonly unknownUsers: ReadonlySet<string>;
  readonly untried: number;
  readonly heard: number;
  readonly decided: number;
  readonly undecided: number;
}

type Sentence = readonly [applies: boolean, sentence: string];

function tallyOf({ record, userIdOf, holdings, before }: Evidence): Tally {
  const refused: Record<string, number> = {};
  const errors: Record<string, number> = {};
  const won = new Set<string>();
  const unknownUsers = new Set<string>();
  let issued = 0;
  let untried = 0;
  let heard = 0;
  let decided = 0;
  let unsent = 0;
  for (const [request, answer] of record.answers.entries()) {
    if (isDecided(answer)) decided++;
    if (answer === null) untried++;
    else if (answer.kind === 'issued') {
      heard++;
      if (!answer.isReplay) issued++;
      won.add(answer.coupon.id);
    } else if (answer.kind === 'refused') {
      heard++;
      refused[answer.code] = (refused[answer.code] ?? 0) + 1;
    } else {
      const reason = `${answer.kind}: ${answer.reason}`;
      errors[reason] = (errors[reason] ?? 0) + 1;
      if (answer.kind === 'unsent') unsent++;
      else unknownUsers.add(userIdOf(record.users[request]!));
    }
  }
  const recovered: WonCoupon[] = [];
  const hidden: WonCoupon[] = [];
  for (const [userId, coupons] of holdings) {
    for (const coupon of coupons ?? []) {
      if (won.has(coupon.id) || coupon.sequence <= before.issued) continue;
      (unknownUsers.has(userId) ? recovered : hidden).push(coupon);
    }
  }
  const undecided = heard - decided + unsent;
  const counts = { issued, untried, heard, decided, undecided };
  return { ...counts, recovered, hidden, refused, errors, unknownUsers };
}

function missingUpTo(sequences: ReadonlySet<number>, issuedBefore: number): number {
  let last = issuedBefore;
  let seen = 0;
  for (const sequence of sequences) {
    if (sequence > issuedBefore) seen++;
    if (sequence > last) last = sequence;
  }
  return last - issuedBefore - seen;
}

function auditOf({ audit, auditRefusal = 'unreachable' }: Evidence): string {
  return audit === null ? auditRefusal : audit.ok ? 'ok' : 'failed';
}

function doubtsOf(
  evidence: Evidence,
  tally: Tally,
  unaccounted: number,
  replays: ReplayFigures,
): string[] {
  const unasked = [...tally.unknownUsers].filter((user) => !evidence.holdings.get(user)).length;
  const refusals = Object.entries(tally.refused).map(([code, count]) => `${code} ${count}`);
  const isForbidden = evidence.audit === null && evidence.auditRefusal === 'forbidden';
  const isUnexplained =
    unaccounted > 0 && (tally.unknownUsers.size > 0 || !evidence.holdingsComplete);
  return sentences([
    [evidence.interrupted, `interrupted with ${tally.untried} claims not sent`],
    [tally.heard === 0 && !evidence.interrupted, 'no claim was answered'],
    [tally.heard > 0 && tally.decided === 0, `no claim was decided (${refusals.join(', ')})`],
    [unasked > 0, `the outcome of ${unasked} users’ claims is not known`],
    [isUnexplained, `${unaccounted} coupons were issued that no answer accounts for`],
    ...untold(replays).map((words): Sentence => [true, `replays: ${words}`]),
    [evidence.after === null, 'the campaign’s counters could not be read afterwards'],
    [isForbidden, 'the server’s audit needs a key with the scope admin (403)'],
    [evidence.audit === null && !isForbidden, 'the server’s audit could not be read'],
  ]);
}

function notesOf(evidence: Evidence, tally: Tally, unaccounted: number): string[] {
  const { before, after } = evidence;
  const hasNewQuantity = after !== null && after.quantity !== before.quantity;
  const wasFull = before.issued >= before.quantity;
  return sentences([
    [wasFull, `all ${before.quantity} were issued before this run; it could only be refused`],
    [!wasFull && before.issued > 0, `${before.issued} were issued before this run`],
    [tally.recovered.length > 0, `${tally.recovered.length} winners’ answers were lost on the way`],
    [unaccounted > 0, `${unaccounted} coupons went to users of other callers meanwhile`],
    [hasNewQuantity, `the quantity went from ${before.quantity} to ${after?.quantity} meanwhile`],
    [tally.untried > 0 && !evidence.interrupted, `${tally.untried} claims were given up unsent`],
  ]);
}

function headline(
  verdict: Judgement['verdict'],
  figures: { issued: number; overIssued: number; allDuplicates: number; undecided: number },
  { before }: Evidence,
  faults: readonly string[],
  doubts: readonly string[],
): string {
  const earlier = before.issued === 0 ? '' : ` (${before.issued} issued before this run)`;
  const undecided = figures.undecided === 0 ? '' : `, ${figures.undecided} undecided`;
  const counts =
    `${figures.issued} of ${before.quantity} issued${earlier}, ` +
    `${figures.overIssued} over, ${figures.allDuplicates} duplicates${undecided}`;
  const reason = verdict === 'BROKEN' ? faults[0] : verdict === 'INCONCLUSIVE' ? doubts[0] : null;
  return reason == null ? `${verdict} ${counts}` : `${verdict} ${counts}: ${reason}`;
}

/** Nothing is ever given back, so whoever said sold-out with coupons left was wrong. */
function stillHasSome({ before, after }: Evidence): boolean {
  return after !== null && after.issued < after.quantity && after.quantity <= before.quantity;
}

function remaining(figures: CampaignFigures | null): number {
  return figures === null ? 0 : figures.quantity - figures.issued;
}

function example({ replays }: Evidence): string {
  const first = replays.find(({ ok }) => ok === false);
  if (first === undefined) return '';
  return ` (user ${first.userId}: ${first.got} instead of ${first.expected})`;
}

function sentences(candidates: readonly Sentence[]): string[] {
  return candidates.filter(([applies]) => applies).map(([, sentence]) => sentence);
}
