/**
 * Double entry: money never appears or vanishes, it moves between accounts. Every transaction's
 * postings add up to zero; an account's balance is the sum of its postings.
 *
 * Signs are the account holder's: a vendor's account grows with what the platform owes the vendor.
 */
export type AccountKind =
  /** What the platform owes one vendor. */
  | 'vendor'
  /** What promotions have cost the platform: the other side of what vendors are credited. */
  | 'promotion-cost'
  /** What left for the vendors' banks: the other side of payouts. */
  | 'paid-out';

/** One line of a transaction. */
export interface Posting {
  readonly account: AccountKind;
  /** Minor units; what is added to the account, negative for what is taken away. */
  readonly amountMinor: number;
}

/** Why money moved. */
export type TransactionType = 'redemption' | 'reversal' | 'payout';

/** A redemption credits the vendor with its reimbursement, at the cost of promotions. */
export function redemptionPostings(reimbursementMinor: number): readonly Posting[] {
  return balanced([
    { account: 'vendor', amountMinor: reimbursementMinor },
    { account: 'promotion-cost', amountMinor: -reimbursementMinor },
  ]);
}

/** A reversal is the redemption with the signs turned round; nothing is ever taken out again. */
export function reversalPostings(reimbursementMinor: number): readonly Posting[] {
  return balanced(
    redemptionPostings(reimbursementMinor).map(({ account, amountMinor }) => ({
      account,
      amountMinor: 0 - amountMinor,
    })),
  );
}

/** A payout takes from the vendor's account what leaves for the bank. */
export function payoutPostings(amountMinor: number): readonly Posting[] {
  return balanced([
    { account: 'vendor', amountMinor: -amountMinor },
    { account: 'paid-out', amountMinor },
  ]);
}

/** Vendors' balances are told as JSON numbers, which are exact up to here. */
const VENDOR_BALANCE_MAX = BigInt(Number.MAX_SAFE_INTEGER);
/** The platform's own balances add up all vendors', are told to nobody, and are kept in 64 bits. */
const PLATFORM_BALANCE_MAX = 2n ** 63n - 1n;

/**
 * Decides whether postings can be written: no account's balance may leave the range in which it is
 * counted exactly, above or below zero.
 *
 * @param postings  at most one of each account
 * @param balanceOf  the account's balance without them, minor units
 */
export function decidePostings(
  postings: readonly Posting[],
  balanceOf: (account: AccountKind) => bigint,
): 'post' | 'balance-limit-reached' {
  const isCountable = postings.every(({ account, amountMinor }) => {
    const balance = balanceOf(account) + BigInt(amountMinor);
    const max = account === 'vendor' ? VENDOR_BALANCE_MAX : PLATFORM_BALANCE_MAX;
    return -max <= balance && balance <= max;
  });
  return isCountable ? 'post' : 'balance-limit-reached';
}

/** Whether a vendor can be paid out so much: never more than the account holds. */
export function decidePayout(
  balanceMinor: number,
  amountMinor: number,
): 'pay' | 'insufficient-balance' {
  return amountMinor <= balanceMinor ? 'pay' : 'insufficient-balance';
}

/** Asserts that postings add up to zero; it stays on in production, before anything is written. */
export function balanced(postings: readonly Posting[]): readonly Posting[] {
  const sum = postings.reduce((total, { amountMinor }) => total + BigInt(amountMinor), 0n);
  if (sum !== 0n) throw new Error(`postings add up to ${sum}, not to zero`);
  return postings;
}
