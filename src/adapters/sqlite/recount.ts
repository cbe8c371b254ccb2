import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { check, counted } from '../../domain/audit-check.ts';
import type { AuditCheck } from '../../ports/store.ts';
import type { CouponNames } from './coupon-names.ts';
import type { IssuedRun } from './event-appender.ts';
import { recountLedger } from './recount-ledger.ts';
import type { Row } from './rows.ts';
import { prepareStatements } from './statements.ts';

/** Counts the promises again from the rows, in one read transaction. */
export function recount(db: DatabaseSync, names: CouponNames): AuditCheck[] {
  const sql = prepareStatements(db, 'audit.sql', [
    'campaignCounts',
    'usersOverLimit',
    'couponsWithoutCampaign',
    'positionGaps',
    'runs',
    'couponUsers',
    'strayDecisions',
    'acceptedCounts',
  ]);
  db.exec('BEGIN');
  try {
    const campaigns = sql.campaignCounts.all();
    const coupons = campaigns.reduce((sum, row) => sum + (row['stored'] as number), 0);
    const accepted = sql.acceptedCounts.get()!;
    const inCampaigns = counted(campaigns.length, 'campaign');
    const inCoupons = counted(coupons, 'coupon');
    return [
      check('issued-within-quantity', inCampaigns, campaigns.flatMap(overIssued)),
      check('sequences-without-gap', inCoupons, [
        ...campaigns.flatMap(gapsOrRepeats),
        ...strayCoupons(sql.couponsWithoutCampaign),
      ]),
      check('per-user-limit', inCoupons, sql.usersOverLimit.all().map(overLimit)),
      check('counters-agree', inCampaigns, campaigns.flatMap(wrongCounter)),
      check('events-agree', inCoupons, [
        ...sql.positionGaps.all().map(positionGap),
        ...disagreeingEvents(sql.runs, sql.couponUsers),
      ]),
      check(
        'accepted-claims-agree',
        `${counted(Number(accepted['accepted']), 'asynchronous claim')}, ` +
          `${Number(accepted['queued']).toLocaleString('en-US')} queued`,
        sql.strayDecisions.all().map((row) => `${String(row['id'])} has no such coupon`),
      ),
      ...recountLedger(db, names),
    ];
  } finally {
    db.exec('COMMIT');
  }
}

function overIssued({ id, stored, quantity }: Row): string[] {
  const isOver = (stored as number) > (quantity as number);
  return isOver ? [`${String(id)} issued ${String(stored)} of ${String(quantity)}`] : [];
}

/** The primary key rules repeats out, so lowest, highest and count tell of every gap. */
function gapsOrRepeats({ id, stored, lowest, highest }: Row): string[] {
  const isWhole = stored === highest && lowest === Math.min(1, stored as number);
  if (isWhole) return [];
  return [
    `${String(id)} has ${String(stored)} coupons from ${String(lowest)} to ${String(highest)}`,
  ];
}

function strayCoupons(statement: StatementSync): string[] {
  const stray = statement.get()!['stray'] as number;
  return stray === 0 ? [] : [`${stray} coupons are of no campaign`];
}

function overLimit({ userId, held, campaignId }: Row): string {
  return `${String(userId)} holds ${String(held)} of ${String(campaignId)}`;
}

function wrongCounter({ id, issued, stored }: Row): string[] {
  if (issued === stored) return [];
  return [`${String(id)} says ${String(issued)} issued and has ${String(stored)}`];
}

function positionGap({ position, expected }: Row): string {
  return `the log has ${String(position)} where ${String(expected)} belongs`;
}

/** Walks the runs of events beside the coupons: each must tell of exactly the next coupons. */
function disagreeingEvents(runs: StatementSync, couponUsers: StatementSync): string[] {
  const faults: string[] = [];
  const coupons = couponUsers.iterate()[Symbol.iterator]();
  let coupon = coupons.next();
  for (const row of runs.iterate()) {
    const { userIds } = JSON.parse(row['data'] as string) as IssuedRun;
    if (userIds.length !== row['count'])
      faults.push(`a run counts ${String(row['count'])} wrongly`);
    for (const [index, userId] of userIds.entries()) {
      const sequence = (row['firstSequence'] as number) + index;
      const told = `${String(row['campaignNo'])}/${sequence} of ${userId}`;
      const stored = coupon.done === true ? 'nothing' : couponName(coupon.value);
      if (told !== stored) return [...faults, `the log tells of ${told}, stored is ${stored}`];
      coupon = coupons.next();
    }
  }
  if (coupon.done !== true) faults.push(`no event tells of ${couponName(coupon.value)}`);
  return faults;
}

function couponName({ campaignNo, sequence, userId }: Row): string {
  return `${String(campaignNo)}/${String(sequence)} of ${String(userId)}`;
}
