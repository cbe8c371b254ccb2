import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Discount } from '../../domain/campaign/campaign.ts';
import { prepareStatements } from './statements.ts';

/** What a campaign's coupons take off and pay. It never changes while the campaign lives. */
export interface UseTerms {
  readonly campaignNo: number;
  readonly campaignId: string;
  readonly vendorNo: number;
  readonly vendorId: string;
  readonly discount: Discount;
  readonly reimbursementBps: number;
}

/** Above this the memory starts afresh: it only spares reads. */
const REMEMBERED_MAX = 100_000;

/** The terms of the campaigns whose coupons were used lately; a rollback forgets them all. */
export class RedemptionTerms {
  readonly #read: StatementSync;
  readonly #known = new Map<number, UseTerms>();

  constructor(db: DatabaseSync) {
    this.#read = prepareStatements(db, 'redemptions.sql', ['termsOfCampaign']).termsOfCampaign;
  }

  /** The terms of a campaign that is known to exist, since it has issued coupons. */
  get(campaignNo: number): UseTerms {
    const known = this.#known.get(campaignNo);
    if (known !== undefined) return known;
    const row = this.#read.get(campaignNo);
    if (row === undefined) throw new Error(`coupons are there of no campaign (${campaignNo})`);
    if (this.#known.size >= REMEMBERED_MAX) this.#known.clear();
    const terms: UseTerms = {
      campaignNo,
      campaignId: row['campaignId'] as string,
      vendorNo: row['vendorNo'] as number,
      vendorId: row['vendorId'] as string,
      discount: JSON.parse(row['discount'] as string) as Discount,
      reimbursementBps: row['reimbursementBps'] as number,
    };
    this.#known.set(campaignNo, terms);
    return terms;
  }

  forgetAll(): void {
    this.#known.clear();
  }
}
