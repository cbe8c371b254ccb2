import type { WonCoupon } from './answer.ts';
import type { Evidence } from './judge.ts';

/** What is wrong with the coupons that winners were told of. */
export interface WinnerFaults {
  readonly duplicates: {
    /** Users with more coupons of this run than the per-user limit. */
    readonly users: number;
    readonly sequences: number;
    readonly couponIds: number;
    readonly codes: number;
  };
  /** Every sequence number that was seen. */
  readonly sequences: ReadonlySet<number>;
  readonly beyondQuantity: number;
  /** Coupons of another user or campaign than asked for. */
  readonly mixedUp: number;
  /** Claims sent after another's answer was in and yet decided before it. */
  readonly overtaken: number;
  /** `already-claimed` answers that leave out a coupon which the user had been told of. */
  readonly contradicted: number;
}

interface Win {
  readonly coupon: WonCoupon;
  readonly sentMs: number;
  readonly answeredMs: number;
}

export function findFaultsOfWinners(
  evidence: Evidence,
  recovered: readonly WonCoupon[],
  quantity: number,
): WinnerFaults {
  const { record, before, campaignId, userIdOf } = evidence;
  const wins: Win[] = [];
  const byUser = new Map<string, Set<string>>();
  let mixedUp = 0;
  for (const [request, answer] of record.answers.entries()) {
    if (answer?.kind !== 'issued' || answer.isReplay) continue;
    const { coupon } = answer;
    const userId = userIdOf(record.users[request]!);
    if (coupon.userId !== userId || coupon.campaignId !== campaignId) mixedUp++;
    const sentMs = record.sentMs[request]!;
    wins.push({ coupon, sentMs, answeredMs: record.answeredMs[request]! });
    addTo(byUser, userId, coupon.id);
  }
  for (const coupon of recovered) addTo(byUser, coupon.userId, coupon.id);
  const coupons = [...wins.map((win) => win.coupon), ...recovered];
  const sequences = new Set(coupons.map(({ sequence }) => sequence));
  const givenBefore = [...sequences].filter((sequence) => sequence <= before.issued).length;
  return {
    duplicates: {
      users: [...byUser.values()].filter((held) => held.size > before.perUserLimit).length,
      // A number that was taken before this run began is a number given twice as well.
      sequences: coupons.length - sequences.size + givenBefore,
      couponIds: coupons.length - new Set(coupons.map(({ id }) => id)).size,
      codes: coupons.length - new Set(coupons.map(({ code }) => code)).size,
    },
    sequences,
    beyondQuantity: coupons.filter(({ sequence }) => sequence > quantity).length,
    mixedUp,
    overtaken: countOvertaken(wins),
    contradicted: countContradicted(evidence, byUser),
  };
}

/**
 * Sequence numbers follow the order of decisions: whoever was sent after another's answer had come
 * back must have a higher number than that other.
 */
function countOvertaken(wins: readonly Win[]): number {
  const bySent = wins.toSorted((a, b) => a.sentMs - b.sentMs);
  const byAnswered = wins.toSorted((a, b) => a.answeredMs - b.answeredMs);
  let answered = 0;
  let highest = 0;
  let overtaken = 0;
  for (const win of bySent) {
    for (; answered < byAnswered.length; answered++) {
      const earlier = byAnswered[answered]!;
      if (earlier.answeredMs >= win.sentMs) break;
      highest = Math.max(highest, earlier.coupon.sequence);
    }
    if (win.coupon.sequence < highest) overtaken++;
  }
  return overtaken;
}

/** A user at the limit by this run's coupons alone must be told of exactly those. */
function countContradicted(
  { record, before, userIdOf }: Evidence,
  byUser: ReadonlyMap<string, ReadonlySet<string>>,
): number {
  let contradicted = 0;
  for (const [request, answer] of record.answers.entries()) {
    if (answer?.kind !== 'refused' || answer.code !== 'already-claimed') continue;
    const held = byUser.get(userIdOf(record.users[request]!));
    const told = new Set(answer.couponIds ?? []);
    const isAtLimit = held !== undefined && held.size >= before.perUserLimit;
    const isRight = isAtLimit
      ? told.size === held.size && [...held].every((id) => told.has(id))
      : told.size >= before.perUserLimit;
    if (!isRight) contradicted++;
  }
  return contradicted;
}

function addTo(byUser: Map<string, Set<string>>, userId: string, couponId: string): void {
  const held = byUser.get(userId);
  if (held === undefined) byUser.set(userId, new Set([couponId]));
  else held.add(couponId);
}
