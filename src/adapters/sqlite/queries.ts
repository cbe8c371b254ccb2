import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Campaign } from '../../domain/campaign/campaign.ts';
import {
  addHolder,
  createHolderFilter,
  type HolderFilter,
} from '../../domain/campaign/holder-filter.ts';
import type { Coupon } from '../../domain/coupon/coupon.ts';
import type {
  AcceptedClaim,
  ClaimOutcome,
  PageRequest,
  PageResult,
  Vendor,
} from '../../ports/store.ts';
import type { CouponNames } from './coupon-names.ts';
import { decodeCursor, pageOf } from './cursors.ts';
import { campaignOf, couponOf, vendorOf, type Row } from './rows.ts';
import { prepareStatements } from './statements.ts';

/** Above every number of a row, for lists that go down from the newest. */
const NEWEST = Number.MAX_SAFE_INTEGER;

/** The questions that the reader's thread answers about vendors, campaigns, coupons and claims. */
export function createQueries(db: DatabaseSync, names: CouponNames) {
  const sql = {
    ...prepareStatements(db, 'catalogue.sql', [
      'vendorById',
      'vendorsBefore',
      'campaignById',
      'campaignsBefore',
    ]),
    ...prepareStatements(db, 'queries.sql', [
      'couponByNumber',
      'couponsOfUser',
      'acceptedClaimById',
      'usersOfCampaign',
      'campaignNumber',
    ]),
  };

  return {
    vendor: (id: string): Vendor | null => {
      const row = sql.vendorById.get(id);
      return row === undefined ? null : vendorOf(row);
    },
    vendors: ({ limit, cursor }: PageRequest): PageResult<Vendor> => {
      const from = decodeCursor(cursor, [NEWEST]);
      if (from === null) return 'bad-cursor';
      const rows = sql.vendorsBefore.all(...from, limit + 1);
      return pageOf(rows, limit, vendorOf, (row) => [row['no']]);
    },
    campaign: (id: string): Campaign | null => {
      const row = sql.campaignById.get(id);
      return row === undefined ? null : campaignOf(row);
    },
    campaigns: ({ limit, cursor }: PageRequest): PageResult<Campaign> => {
      const from = decodeCursor(cursor, [NEWEST]);
      if (from === null) return 'bad-cursor';
      const rows = sql.campaignsBefore.all(...from, limit + 1);
      return pageOf(rows, limit, campaignOf, (row) => [row['no']]);
    },
    coupon: (idOrCode: string): Coupon | null => {
      const number = names.find(idOrCode);
      if (number === null) return null;
      const row = sql.couponByNumber.get(number.campaignNo, number.sequence);
      return row === undefined ? null : couponOf(row, names);
    },
    couponsOfUser: (userId: string, { limit, cursor }: PageRequest): PageResult<Coupon> => {
      const from = decodeCursor(cursor, [-1, 0, 0]);
      if (from === null) return 'bad-cursor';
      const rows = sql.couponsOfUser.all(userId, ...from, limit + 1);
      const place = (row: Row) => [row['issuedAtMs'], row['campaignNo'], row['nth']];
      return pageOf(rows, limit, (row) => couponOf(row, names), place);
    },
    acceptedClaim: (id: string): AcceptedClaim | null => {
      const row = sql.acceptedClaimById.get(id);
      if (row === undefined) return null;
      const outcome = row['outcome'] as string | null;
      return {
        id,
        campaignId: row['campaignId'] as string,
        userId: row['userId'] as string,
        outcome: outcome === null ? null : (JSON.parse(outcome) as ClaimOutcome),
        createdAtMs: row['createdAtMs'] as number,
      };
    },
    holders: (campaignId: string) => holdersOf(campaignId, sql),
  };
}

function holdersOf(
  campaignId: string,
  sql: Record<'campaignNumber' | 'usersOfCampaign', StatementSync>,
): HolderFilter | null {
  const campaign = sql.campaignNumber.get(campaignId);
  if (campaign === undefined) return null;
  const filter = createHolderFilter(campaign['issued'] as number);
  for (const row of sql.usersOfCampaign.iterate(campaign['no'] as number)) {
    addHolder(filter, row['userId'] as string);
  }
  return filter;
}
