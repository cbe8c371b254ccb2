import type { DatabaseSync } from 'node:sqlite';
import type { CouponNames } from './coupon-names.ts';
import type { Row } from './rows.ts';
import { prepareStatements } from './statements.ts';

/**
 * Makes the function that says where the log tells of something: the first `countMax` positions
 * from `from` on. Events in rows of their own are found by the log's index; those in runs, many to
 * a row, by what they tell of: coupons issued, coupons used, vendors credited.
 */
export function createSubjectPositions(db: DatabaseSync, names: CouponNames) {
  const sql = prepareStatements(db, 'events.sql', [
    'positionsOfSubject',
    'positionOfIssue',
    'positionsOfUses',
    'positionsOfCredits',
  ]);
  return (subject: string, from: number, countMax: number): number[] => {
    const coupon = names.find(subject);
    const inRuns: Row[] =
      coupon === null
        ? sql.positionsOfCredits.all(subject, from, countMax)
        : [
            ...sql.positionOfIssue.all(coupon.campaignNo, coupon.sequence),
            ...sql.positionsOfUses.all(coupon.campaignNo, coupon.sequence),
          ];
    return [...inRuns, ...sql.positionsOfSubject.all(subject, from, countMax)]
      .map((row) => row['position'] as number)
      .filter((position) => position >= from)
      .sort((a, b) => a - b)
      .slice(0, countMax);
  };
}
