import type { DatabaseSync } from 'node:sqlite';
import type { LedgerEntry, Redemption } from '../../ports/redemption-store.ts';
import type { PageRequest, PageResult } from '../../ports/store.ts';
import type { CouponNames } from './coupon-names.ts';
import { decodeCursor, pageOf } from './cursors.ts';
import { redemptionOf, TRANSACTION_TYPES, type Row } from './rows.ts';
import { prepareStatements } from './statements.ts';

/** Above every position, for the newest entry. */
const NEWEST = Number.MAX_SAFE_INTEGER;
/** As wide as in an event's id: an entry has the number of the event that tells of it. */
const ENTRY_DIGITS = 16;

/** The questions that the reader's thread answers about uses of coupons and the ledger. */
export function createRedemptionQueries(db: DatabaseSync, names: CouponNames) {
  const sql = {
    ...prepareStatements(db, 'redemptions.sql', ['redemptionById']),
    ...prepareStatements(db, 'ledger.sql', ['vendorAccount', 'entriesBefore']),
  };
  return {
    redemption: (id: string): Redemption | null => {
      const row = sql.redemptionById.get(id);
      return row === undefined ? null : redemptionOf(row, names);
    },
    entries: (
      vendorId: string,
      { limit, cursor }: PageRequest,
    ): PageResult<LedgerEntry> | 'vendor-not-found' => {
      const vendor = sql.vendorAccount.get(vendorId);
      if (vendor === undefined) return 'vendor-not-found';
      const from = decodeCursor(cursor, [NEWEST]);
      if (from === null) return 'bad-cursor';
      const currency = vendor['currency'] as string;
      const account = vendor['accountNo'] as number | null;
      const rows = account === null ? [] : sql.entriesBefore.all(account, ...from, limit + 1);
      const entryOf = (row: Row) => ledgerEntryOf(row, vendorId, currency);
      return pageOf(rows, limit, entryOf, (row) => [row['position']]);
    },
  };
}

function ledgerEntryOf(row: Row, vendorId: string, currency: string): LedgerEntry {
  const money = (amount: unknown) => ({ amount: amount as number, currency });
  return {
    id: `ent_${String(row['position']).padStart(ENTRY_DIGITS, '0')}`,
    vendorId,
    type: TRANSACTION_TYPES[row['type'] as number]!,
    amount: money(row['amount']),
    balanceAfter: money(row['balanceAfter']),
    redemptionId: row['redemptionId'] as string | null,
    payoutId: row['payoutId'] as string | null,
    createdAtMs: row['createdAtMs'] as number,
  };
}
