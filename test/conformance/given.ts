import { expect } from 'vitest';
import type { Coupon } from '../../src/domain/coupon/coupon.ts';
import type { DomainEvent } from '../../src/domain/event.ts';
import type { EventLog } from '../../src/ports/event-log.ts';
import type {
  AcceptedClaim,
  Answer,
  ClaimOutcome,
  ClaimRequest,
  ClaimRequestOutcome,
  CreateCampaign,
  Origin,
  PageRequest,
  PageResult,
  Store,
} from '../../src/ports/store.ts';

/** A request without a key and without a trace. */
export const PLAIN: Origin = { idempotency: null, traceparent: null };
export const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** A request with an idempotency key. */
export function keyed(key: string, requestId = 'req_1', fingerprint = 'same'): Origin {
  return { idempotency: { key, fingerprint, requestId }, traceparent: null };
}

/** A command that would create an open campaign of ten coupons, one for each user. */
export function campaignCommand(terms: Partial<CreateCampaign> = {}): CreateCampaign {
  return {
    id: 'cmp_a',
    vendorId: 'ven_a',
    title: 'Tea for two',
    discount: { type: 'fixed', amount: 5000, currency: 'KRW' },
    quantity: 10,
    perUserLimit: 1,
    startsAtMs: null,
    endsAtMs: null,
    couponValidFor: null,
    reimbursementBps: 1000,
    ...terms,
  };
}

/** Creates a campaign, and its vendor if need be; gives its id. */
export async function givenCampaign(
  store: Store,
  terms: Partial<CreateCampaign> = {},
): Promise<string> {
  const command = campaignCommand(terms);
  const { vendorId, id } = command;
  if ((await store.vendor(vendorId)) === null) {
    await store.registerVendor({ id: vendorId, name: 'Tea house', currency: 'KRW' }, PLAIN);
  }
  const answer = await store.createCampaign(command, PLAIN);
  expect(outcomeOf(answer).kind).toBe('created');
  return id;
}

export function request(
  campaignId: string,
  userIds: readonly string[],
  origin: Origin = PLAIN,
): ClaimRequest {
  return { campaignId, userIds, origin };
}

/** Claims in one request, as one batch; gives what became of each. */
export async function claim(
  store: Store,
  campaignId: string,
  userIds: readonly string[],
  origin: Origin = PLAIN,
): Promise<readonly ClaimOutcome[]> {
  const { answers } = await store.issueCoupons([request(campaignId, userIds, origin)]);
  expect(answers).toHaveLength(1);
  return claimsOf(answers[0]!);
}

/** Accepts one asynchronous claim. */
export async function accept(
  store: Store,
  campaignId: string,
  userId: string,
  origin: Origin = PLAIN,
): Promise<AcceptedClaim> {
  const [answer] = await store.acceptClaims([request(campaignId, [userId], origin)]);
  const outcome = outcomeOf(answer!);
  if (outcome.kind !== 'accepted') throw new Error(`the claim was not accepted: ${outcome.kind}`);
  return outcome.claim;
}

export function outcomeOf<Outcome>(answer: Answer<Outcome>): Outcome {
  if (answer.kind === 'key-reused') throw new Error('the key was used for something else');
  return answer.outcome;
}

export function claimsOf(answer: Answer<ClaimRequestOutcome>): readonly ClaimOutcome[] {
  const outcome = outcomeOf(answer);
  if (outcome.kind !== 'claims') throw new Error(outcome.kind);
  return outcome.claims;
}

export function couponOf(outcome: ClaimOutcome | null | undefined): Coupon {
  if (outcome?.kind !== 'issued') throw new Error(`no coupon: ${JSON.stringify(outcome)}`);
  return outcome.coupon;
}

/** An outcome in a word: `issued 3` or the code of the refusal. */
export function inAWord(outcome: ClaimOutcome): string {
  return outcome.kind === 'issued' ? `issued ${outcome.coupon.sequence}` : outcome.code;
}

export function inWords(outcomes: readonly ClaimOutcome[]): readonly string[] {
  return outcomes.map(inAWord);
}

/** `user-1`, `user-2` ... */
export function users(count: number, prefix = 'user-'): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
}

export async function allEvents(log: EventLog): Promise<readonly DomainEvent[]> {
  return log.read({ afterPosition: 0, limit: 1_000_000 });
}

export async function expectAuditOk(store: Store): Promise<void> {
  const checks = await store.recount();
  expect(checks.filter((check) => !check.ok)).toEqual([]);
}

/** Reads a list to its end; a list that never ends is a failure. */
export async function readPages<Item>(
  list: (page: PageRequest) => Promise<PageResult<Item>>,
  limit: number,
): Promise<readonly (readonly Item[])[]> {
  const pages: (readonly Item[])[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < 100; page++) {
    const result: PageResult<Item> = await list({ limit, cursor });
    if (result === 'bad-cursor') throw new Error('the list did not know its own cursor');
    pages.push(result.items);
    cursor = result.nextCursor;
    if (cursor === null) return pages;
  }
  throw new Error('the list has no end');
}
