import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AuditCheck } from '../../ports/store.ts';
import { check } from '../../domain/audit-check.ts';
import type { CouponNames } from './coupon-names.ts';
import { eventCount, type RedeemedRun, type ToldTerms, type ToldUse } from './redeemed-run.ts';
import { TRANSACTION_TYPES, type Row } from './rows.ts';
import { prepareStatements } from './statements.ts';

/** Recounts promise 4 from the rows, inside the recount's read transaction. */
export function recountLedger(db: DatabaseSync, names: CouponNames): AuditCheck[] {
  const sql = prepareStatements(db, 'audit-ledger.sql', [
    'redemptionCounts',
    'couponsUsedOtherwise',
    'strayRedemptions',
    'wrongRedeemedCounters',
    'usesTold',
    'usesStored',
    'reversalsToldOtherwise',
    'reversalsUnfounded',
    'unbalancedTransactions',
    'wrongBalances',
    'wrongRunningBalances',
    'movedOtherwise',
    'emptyTransactions',
    'overdrawn',
    'debitsToldOtherwise',
    'debitsUnfounded',
  ]);
  const counts = sql.redemptionCounts.get()!;
  const each = (statement: StatementSync, say: (row: Row) => string) => statement.all().map(say);
  return [
    check('redemptions-agree', `${String(counts['redemptions'])} redemptions`, [
      ...each(
        sql.couponsUsedOtherwise,
        (row) => `${couponName(row)} has ${text(row, 'uses')} uses`,
      ),
      ...each(sql.strayRedemptions, (row) => `${text(row, 'id')} has no redeemed coupon`),
      ...each(sql.wrongRedeemedCounters, wrongCounter),
      ...usesToldOtherwise(sql.usesTold, sql.usesStored, names),
      ...each(sql.reversalsToldOtherwise, (row) => `${text(row, 'id')} is not told as reversed`),
      ...each(
        sql.reversalsUnfounded,
        (row) => `${text(row, 'id')} is told as reversed, but is not`,
      ),
    ]),
    check(
      'ledger-balances',
      `${String(counts['transactions'])} transactions, ${String(counts['accounts'])} accounts`,
      [
        ...each(
          sql.unbalancedTransactions,
          (row) => `${source(row)} adds up to ${text(row, 'sum')}`,
        ),
        ...each(sql.wrongBalances, wrongBalance),
        ...each(sql.wrongRunningBalances, wrongRunningBalance),
      ],
    ),
    check(
      'vendors-paid-once',
      `${String(counts['redemptions'])} redemptions, ${String(counts['payouts'])} payouts`,
      [
        ...each(sql.movedOtherwise, movedOtherwise),
        ...each(
          sql.emptyTransactions,
          (row) => `${source(row)} has ${text(row, 'entries')} entries`,
        ),
        ...each(sql.overdrawn, (row) => `payout ${text(row, 'sourceNo')} left a vendor owing`),
        ...each(sql.debitsToldOtherwise, (row) => `the log does not tell of ${source(row)}`),
        ...each(sql.debitsUnfounded, (row) => `no debit is what ${text(row, 'position')} tells of`),
      ],
    ),
  ];
}

/** Walks the runs of events beside the redemptions: each must tell of exactly the next ones. */
function usesToldOtherwise(
  usesTold: StatementSync,
  usesStored: StatementSync,
  names: CouponNames,
): string[] {
  const stored = usesStored.iterate()[Symbol.iterator]();
  let next = stored.next();
  for (const row of usesTold.iterate()) {
    const run = JSON.parse(row['data'] as string) as RedeemedRun;
    const coupons = names.findAll(run.uses.map((use) => use[2]));
    let position = row['position'] as number;
    for (const [index, use] of run.uses.entries()) {
      const coupon = coupons[index] ?? { campaignNo: 0, sequence: 0 };
      const told = toldInWords(position, use, run.terms[use[0]]!, couponName({ ...coupon }));
      const found = next.done === true ? 'nothing' : storedInWords(next.value);
      if (told !== found) return [`the log tells of ${told}, stored is ${found}`];
      next = stored.next();
      position += eventCount(use[6]);
    }
    if (position !== (row['position'] as number) + (row['count'] as number)) {
      return [`the uses told up to ${position} are counted wrongly`];
    }
  }
  return next.done === true ? [] : [`no event tells of ${storedInWords(next.value)}`];
}

function toldInWords(position: number, use: ToldUse, terms: ToldTerms, coupon: string): string {
  const [, id, , userId, order, discount, reimbursement, balance, reference] = use;
  const { campaignId, vendorId } = terms;
  const who = [position, id, coupon, campaignId, vendorId, userId, reference];
  return JSON.stringify([...who, order, discount, reimbursement, balance]);
}

function storedInWords(row: Row): string {
  const { position, id, campaignId, vendorId, userId, reference, orderMinor } = row;
  const who = [position, id, couponName(row), campaignId, vendorId, userId, reference];
  return JSON.stringify([
    ...who,
    orderMinor,
    row['discount'],
    row['reimbursement'],
    row['balanceAfter'],
  ]);
}

function wrongCounter(row: Row): string {
  return `${text(row, 'id')} counts ${text(row, 'redeemed')} redeemed and has ${text(row, 'uses')}`;
}

function wrongBalance(row: Row): string {
  return `account ${text(row, 'no')} says ${text(row, 'balance')}, its entries ${text(row, 'sum')}`;
}

function wrongRunningBalance(row: Row): string {
  return `account ${text(row, 'accountNo')} had another balance at ${text(row, 'position')}`;
}

function movedOtherwise(row: Row): string {
  const times = `${text(row, 'moved')} times, not ${text(row, 'due')}`;
  return `${source(row)} moved ${text(row, 'amount')} ${times}`;
}

function source(row: Row): string {
  return `${TRANSACTION_TYPES[row['type'] as number] ?? 'unknown'} ${text(row, 'sourceNo')}`;
}

function couponName(row: Row): string {
  return `${text(row, 'campaignNo')}/${text(row, 'sequence')}`;
}

function text(row: Row, column: string): string {
  return String(row[column]);
}
