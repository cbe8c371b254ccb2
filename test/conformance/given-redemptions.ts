import { expect } from 'vitest';
import type { Coupon } from '../../src/domain/coupon/coupon.ts';
import type {
  LedgerEntry,
  PayOutOutcome,
  RedeemOutcome,
  RedeemRequest,
  Redemption,
  ReverseOutcome,
} from '../../src/ports/redemption-store.ts';
import type { Answer, CreateCampaign, Origin, Store } from '../../src/ports/store.ts';
import { claim, couponOf, givenCampaign, outcomeOf, PLAIN, readPages, users } from './given.ts';

/** Coupons of a campaign of that many, one for each user; 5000 KRW each, 500 of it to `ven_a`. */
export async function givenCoupons(
  store: Store,
  count: number,
  terms: Partial<CreateCampaign> = {},
): Promise<readonly Coupon[]> {
  const id = await givenCampaign(store, { quantity: count, ...terms });
  return (await claim(store, id, users(count))).map(couponOf);
}

export async function givenCoupon(
  store: Store,
  terms: Partial<CreateCampaign> = {},
): Promise<Coupon> {
  return (await givenCoupons(store, 1, terms))[0]!;
}

/** A use of a coupon, named by its id or code, of an order of which nobody says how much it is. */
export function useOf(
  id: string,
  coupon: string,
  more: Partial<Pick<RedeemRequest, 'orderAmount' | 'reference' | 'origin'>> = {},
): RedeemRequest {
  return { id, coupon, orderAmount: null, reference: null, origin: PLAIN, ...more };
}

/** An order that comes to so much, in the coupon's currency unless another is said. */
export function orderOf(amount: number, currency: string | null = null) {
  return { orderAmount: { amount, currency } };
}

/** Uses one coupon alone; gives what became of it. */
export async function redeem(store: Store, request: RedeemRequest): Promise<RedeemOutcome> {
  const answers = await store.redeemCoupons([request]);
  expect(answers).toHaveLength(1);
  return outcomeOf(answers[0]!);
}

/** Uses one coupon that can be used. */
export async function givenRedemption(store: Store, request: RedeemRequest): Promise<Redemption> {
  return redemptionOf(await redeem(store, request));
}

/** Accepts one use for later. */
export async function acceptUse(store: Store, request: RedeemRequest): Promise<Redemption> {
  const [answer] = await store.acceptRedemptions([request]);
  const outcome = outcomeOf(answer!);
  if (outcome.kind !== 'accepted') throw new Error(`the use was not accepted: ${outcome.code}`);
  return outcome.redemption;
}

export async function reverse(
  store: Store,
  id: string,
  origin: Origin = PLAIN,
): Promise<ReverseOutcome> {
  return outcomeOf(await store.reverseRedemption(id, origin));
}

/** Pays a vendor out, in its own currency unless another is said. */
export async function payOut(
  store: Store,
  id: string,
  amount: number,
  more: { readonly vendorId?: string; readonly currency?: string; readonly origin?: Origin } = {},
): Promise<PayOutOutcome> {
  const { vendorId = 'ven_a', currency = null, origin = PLAIN } = more;
  return outcomeOf(await store.payOut({ id, vendorId, amount: { amount, currency } }, origin));
}

export function redemptionOf(outcome: RedeemOutcome | ReverseOutcome): Redemption {
  if (outcome.kind === 'refused') throw new Error(`refused: ${outcome.code}`);
  return outcome.redemption;
}

/** What became of a use, a reversal or a payout in a word: its kind, or why it was refused. */
export function wordOf(
  outcome: { readonly kind: string } | { readonly kind: 'refused'; readonly code: string },
): string {
  return 'code' in outcome ? outcome.code : outcome.kind;
}

export function wordsOfAnswers(
  answers: readonly Answer<{ readonly kind: string }>[],
): readonly string[] {
  return answers.map((answer) => `${answer.kind} ${wordOf(outcomeOf(answer))}`);
}

/** All entries of a vendor, oldest first. */
export async function entriesOf(store: Store, vendorId = 'ven_a'): Promise<readonly LedgerEntry[]> {
  const pages = await readPages(async (page) => {
    const result = await store.entries(vendorId, page);
    if (result === 'vendor-not-found') throw new Error(`no vendor ${vendorId}`);
    return result;
  }, 100);
  return pages.flat().toReversed();
}

export async function balanceOf(store: Store, vendorId = 'ven_a'): Promise<number> {
  return (await store.vendor(vendorId))!.balance.amount;
}

export async function redeemedOf(store: Store, campaignId = 'cmp_a'): Promise<number> {
  return (await store.campaign(campaignId))!.redeemed;
}

/** The entries of a vendor as words, oldest first: `redemption 500 -> 500`. */
export async function ledgerInWords(store: Store, vendorId = 'ven_a'): Promise<readonly string[]> {
  const entries = await entriesOf(store, vendorId);
  return entries.map(
    ({ type, amount, balanceAfter }) => `${type} ${amount.amount} -> ${balanceAfter.amount}`,
  );
}
