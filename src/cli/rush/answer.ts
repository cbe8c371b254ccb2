import { headerOf, type Exchange, type RawAnswer } from './http-connection.ts';

/** What a winner was told. */
export interface WonCoupon {
  readonly id: string;
  readonly campaignId: string;
  readonly userId: string;
  readonly sequence: number;
  readonly code: string;
}

/** What became of one claim, as far as its caller can know. */
export type ClaimAnswer =
  | {
      readonly kind: 'issued';
      readonly coupon: WonCoupon;
      /** The server said that it gave the first answer to this key again. */
      readonly isReplay: boolean;
    }
  | {
      readonly kind: 'refused';
      readonly code: string;
      /** With `already-claimed`. */
      readonly couponIds?: readonly string[];
    }
  | { readonly kind: 'unsent'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** The refusals that are decisions about a claim. Others (too busy, no right to) say nothing. */
const DECISIONS: ReadonlySet<string> = new Set([
  'already-claimed',
  'campaign-not-started',
  'campaign-paused',
  'campaign-ended',
  'sold-out',
]);

/** Losers are many and alike; they share one object a code. */
const REFUSALS = new Map<string, ClaimAnswer>();
const REFUSALS_MAX = 1_000;

/** Whether an answer decides the claim; what was refused for other reasons was never considered. */
export function isDecided(answer: ClaimAnswer | null): boolean {
  if (answer?.kind === 'refused') return DECISIONS.has(answer.code);
  return answer?.kind === 'issued';
}

/** Reads a claim's answer. What cannot be understood is an unknown outcome, never a refusal. */
export function readClaimAnswer(exchange: Exchange): ClaimAnswer {
  if (exchange.kind !== 'answered') return exchange;
  const { answer } = exchange;
  const body = parseObject(answer.body);
  if (answer.status === 201) return readCoupon(answer, body);
  const code = body?.['code'];
  if (typeof code !== 'string') {
    return { kind: 'unknown', reason: `HTTP ${answer.status} without a code` };
  }
  // By the contract, a fault of the server leaves open whether the claim was made.
  if (code === 'internal') return { kind: 'unknown', reason: 'internal' };
  const couponIds = body?.['couponIds'];
  if (Array.isArray(couponIds)) {
    return { kind: 'refused', code, couponIds: couponIds.map(String) };
  }
  const known = REFUSALS.get(code);
  if (known !== undefined) return known;
  const refusal: ClaimAnswer = { kind: 'refused', code };
  if (REFUSALS.size < REFUSALS_MAX) REFUSALS.set(code, refusal);
  return refusal;
}

function readCoupon(answer: RawAnswer, body: Record<string, unknown> | null): ClaimAnswer {
  const { id, campaignId, userId, sequence, code } = body ?? {};
  const isCoupon =
    typeof id === 'string' &&
    typeof campaignId === 'string' &&
    typeof userId === 'string' &&
    typeof sequence === 'number' &&
    typeof code === 'string';
  if (!isCoupon) return { kind: 'unknown', reason: 'HTTP 201 without a coupon' };
  const isReplay = headerOf(answer, 'idempotent-replayed') === 'true';
  return { kind: 'issued', coupon: { id, campaignId, userId, sequence, code }, isReplay };
}

export function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    // An answer that is not JSON is none that this client understands; the caller says so.
    return null;
  }
}
