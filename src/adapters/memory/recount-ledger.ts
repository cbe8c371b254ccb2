import type { Money } from '../../domain/money.ts';
import type { Payout, Redemption } from '../../ports/redemption-store.ts';
import type { Vendor } from '../../ports/store.ts';
import { platformAccount, postedTo, type LedgerTransaction } from './ledger.ts';
import type { MemoryTables } from './tables.ts';

/**
 * Debits equal credits in every transaction, and every balance is the sum of what was posted: the
 * vendors' after each transaction, the platform's now.
 */
export function wrongBalances(tables: MemoryTables): readonly string[] {
  const { transactions, vendors, platformBalances } = tables;
  const unbalanced = transactions.flatMap((transaction, index) => {
    const sum = sumOf(transaction.postings.map((posting) => posting.amountMinor));
    return sum === 0n ? [] : [`transaction ${index + 1} adds up to ${sum}`];
  });
  const byVendor = Map.groupBy(transactions, (transaction) => transaction.vendorId);
  const wrong = [...vendors.values()].flatMap((vendor) =>
    wrongBalancesOf(vendor, byVendor.get(vendor.id) ?? []),
  );
  const strays = [...byVendor.keys()]
    .filter((vendorId) => !vendors.has(vendorId))
    .map((vendorId) => `the ledger tells of ${vendorId}, which is not there`);
  const posted = postedToPlatform(transactions);
  const names = new Set([...posted.keys(), ...platformBalances.keys()]);
  const platform = [...names]
    .filter((name) => (posted.get(name) ?? 0n) !== (platformBalances.get(name) ?? 0n))
    .map((name) => `${name} says ${platformBalances.get(name)}, its postings ${posted.get(name)}`);
  return [...unbalanced, ...wrong, ...strays, ...platform];
}

/**
 * Each redemption in force and each payout moved its money once, each reversed redemption there and
 * back, nothing else moved any, and no payout left a vendor owing. The log tells the same.
 */
export function wrongPayments(tables: MemoryTables): readonly string[] {
  const { transactions, payouts, redemptions } = tables;
  const expected = [
    ...[...redemptions.values()].flatMap(({ redemption }) => movementsOf(redemption)),
    ...[...payouts.values()].map(movementOf),
  ];
  const overdrawn = transactions
    .filter((transaction) => transaction.type === 'payout' && transaction.balanceAfterMinor < 0)
    .map((transaction) => `${transaction.payoutId} left ${transaction.vendorId} owing`);
  const moved = transactions.map(inWords);
  const told = tables.events.flatMap(({ type, subject, data }) => {
    if (type !== 'vendor.credited' && type !== 'vendor.debited') return [];
    const { amount } = data['amount'] as Money;
    const of = data['redemptionId'] ?? data['payoutId'];
    return [words(data['type'], subject, of, type === 'vendor.credited' ? amount : -amount)];
  });
  return [
    ...differences(expected, moved, 'in the ledger'),
    ...overdrawn,
    ...differences(moved, told, 'in the log'),
  ];
}

/** A vendor's account, walked from its first transaction to its last. */
function wrongBalancesOf(
  { id, balance }: Vendor,
  transactions: readonly LedgerTransaction[],
): readonly string[] {
  let sum = 0n;
  const wrong = transactions.flatMap((transaction) => {
    sum += BigInt(postedTo('vendor', transaction.postings));
    const said = transaction.balanceAfterMinor;
    return BigInt(said) === sum ? [] : [`${id} had ${sum} where its entry says ${said}`];
  });
  if (BigInt(balance.amount) === sum) return wrong;
  return [...wrong, `${id} says ${balance.amount}, its postings ${sum}`];
}

function postedToPlatform(transactions: readonly LedgerTransaction[]): Map<string, bigint> {
  const posted = new Map<string, bigint>();
  for (const { currency, postings } of transactions) {
    for (const { account, amountMinor } of postings) {
      if (account === 'vendor') continue;
      const name = platformAccount(account, currency);
      posted.set(name, (posted.get(name) ?? 0n) + BigInt(amountMinor));
    }
  }
  return posted;
}

/** What must have moved on account of a redemption, in words that can be compared. */
function movementsOf({ id, vendorId, status, reimbursement }: Redemption): readonly string[] {
  const amountMinor = reimbursement?.amount ?? 0;
  if (amountMinor === 0) return [];
  const paid = words('redemption', vendorId, id, amountMinor);
  return status === 'reversed' ? [paid, words('reversal', vendorId, id, -amountMinor)] : [paid];
}

function movementOf({ id, vendorId, amount }: Payout): string {
  return words('payout', vendorId, id, -amount.amount);
}

function inWords({ type, vendorId, redemptionId, payoutId, postings }: LedgerTransaction): string {
  return words(type, vendorId, redemptionId ?? payoutId, postedTo('vendor', postings));
}

function words(type: unknown, vendorId: string, of: unknown, amountMinor: number): string {
  return `${String(type)} ${String(of)} moves ${amountMinor} to ${vendorId}`;
}

/** Compares lists that must hold the same, each thing as often, in whatever order. */
function differences(
  expected: readonly string[],
  found: readonly string[],
  where: string,
): readonly string[] {
  const [foundTimes, expectedTimes] = [timesOf(found), timesOf(expected)];
  return [...new Set([...expected, ...found])].flatMap((one) => {
    const [times, due] = [foundTimes.get(one) ?? 0, expectedTimes.get(one) ?? 0];
    return times === due ? [] : [`${one}: ${times} times ${where}, not ${due}`];
  });
}

function timesOf(words: readonly string[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const word of words) times.set(word, (times.get(word) ?? 0) + 1);
  return times;
}

function sumOf(amounts: readonly number[]): bigint {
  return amounts.reduce((sum, amount) => sum + BigInt(amount), 0n);
}
