import { vendorMoved } from '../../domain/coupon/redemption-events.ts';
import {
  balanced,
  decidePostings,
  type AccountKind,
  type Posting,
  type TransactionType,
} from '../../domain/ledger/ledger.ts';
import type { LedgerEntry } from '../../ports/redemption-store.ts';
import { appendEvent, type MemoryTables } from './tables.ts';

/** Why money moves, and on whose account. */
export interface Movement {
  readonly type: TransactionType;
  readonly vendorId: string;
  /** Of redemptions and reversals. */
  readonly redemptionId: string | null;
  /** Of payouts. */
  readonly payoutId: string | null;
}

/** One movement of money with all its postings. Written once; never changed, never taken away. */
export interface LedgerTransaction extends Movement {
  readonly currency: string;
  readonly postings: readonly Posting[];
  /** The balance of the vendor's account with this transaction, minor units. */
  readonly balanceAfterMinor: number;
  readonly createdAtMs: number;
}

/** Decides whether postings can be written on the accounts as they are now. */
export function decideMovement(
  tables: MemoryTables,
  vendorId: string,
  postings: readonly Posting[],
): ReturnType<typeof decidePostings> {
  const { balance } = tables.vendors.get(vendorId)!;
  return decidePostings(postings, (account) =>
    account === 'vendor'
      ? BigInt(balance.amount)
      : (tables.platformBalances.get(platformAccount(account, balance.currency)) ?? 0n),
  );
}

/** Makes a transaction on the accounts as they are now; nothing is written. */
export function transactionOf(
  tables: MemoryTables,
  movement: Movement,
  postings: readonly Posting[],
  nowMs: number,
): LedgerTransaction {
  const { id, balance } = tables.vendors.get(movement.vendorId)!;
  const balanceAfterMinor = balance.amount + postedTo('vendor', balanced(postings));
  if (!Number.isSafeInteger(balanceAfterMinor)) {
    throw new Error(`the balance of ${id} would be larger than can be counted`);
  }
  const { currency } = balance;
  return { ...movement, currency, postings, balanceAfterMinor, createdAtMs: nowMs };
}

/** Writes a transaction, carries the balances of its accounts on, and tells of the vendor's. */
export function post(
  tables: MemoryTables,
  transaction: LedgerTransaction,
  traceparent: string | null,
): void {
  const { currency, postings, balanceAfterMinor, createdAtMs } = transaction;
  tables.transactions.push(transaction);
  const vendor = tables.vendors.get(transaction.vendorId)!;
  const balanceAfter = { amount: balanceAfterMinor, currency };
  tables.vendors.set(vendor.id, { ...vendor, balance: balanceAfter });
  for (const { account, amountMinor } of postings) {
    if (account === 'vendor') continue;
    const name = platformAccount(account, currency);
    const before = tables.platformBalances.get(name) ?? 0n;
    tables.platformBalances.set(name, before + BigInt(amountMinor));
  }
  const amount = { amount: postedTo('vendor', postings), currency };
  appendEvent(
    tables,
    vendorMoved({ ...transaction, amount, balanceAfter }, createdAtMs, traceparent),
  );
}

/** The platform keeps one account of a kind for each currency. */
export function platformAccount(kind: Exclude<AccountKind, 'vendor'>, currency: string): string {
  return `${kind} ${currency}`;
}

/** What postings add to the account of a kind, minor units. */
export function postedTo(account: AccountKind, postings: readonly Posting[]): number {
  return postings
    .filter((posting) => posting.account === account)
    .reduce((sum, posting) => sum + posting.amountMinor, 0);
}

/** What was posted to a vendor's account, oldest first. */
export function entriesOf(tables: MemoryTables, vendorId: string): readonly LedgerEntry[] {
  return tables.transactions.flatMap((transaction, index) =>
    transaction.vendorId === vendorId ? [entryOf(transaction, index + 1)] : [],
  );
}

function entryOf(transaction: LedgerTransaction, number: number): LedgerEntry {
  const { type, vendorId, redemptionId, payoutId, currency, createdAtMs } = transaction;
  return {
    id: `ent_${number}`,
    vendorId,
    type,
    amount: { amount: postedTo('vendor', transaction.postings), currency },
    balanceAfter: { amount: transaction.balanceAfterMinor, currency },
    redemptionId,
    payoutId,
    createdAtMs,
  };
}
