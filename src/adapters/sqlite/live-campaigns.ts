import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ClaimTerms } from '../../domain/campaign/campaign.ts';
import { prepareStatements } from './statements.ts';

/** A campaign as the writer knows it while it decides claims. */
export interface LiveCampaign extends ClaimTerms {
  readonly id: string;
  readonly no: number;
  readonly couponValidFor: string | null;
  /** As of the claims decided so far in the open transaction. */
  issued: number;
}

/** Above this the memory starts afresh: it only spares reads. */
const REMEMBERED_MAX = 100_000;

/**
 * The campaigns that claims were decided for lately, so that they need not be read for every batch.
 * Only the one writer changes campaigns, and it tells (`forget`); a transaction that is rolled back
 * forgets them all.
 */
export class LiveCampaigns {
  readonly #read: StatementSync;
  readonly #known = new Map<string, LiveCampaign>();

  constructor(db: DatabaseSync) {
    this.#read = prepareStatements(db, 'claims.sql', ['campaignForClaims']).campaignForClaims;
  }

  get(id: string): LiveCampaign | null {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const row = this.#read.get(id);
    if (row === undefined) return null;
    if (this.#known.size >= REMEMBERED_MAX) this.#known.clear();
    const campaign: LiveCampaign = {
      id,
      no: row['no'] as number,
      quantity: row['quantity'] as number,
      perUserLimit: row['perUserLimit'] as number,
      startsAtMs: row['startsAtMs'] as number | null,
      endsAtMs: row['endsAtMs'] as number | null,
      paused: row['paused'] === 1,
      couponValidFor: row['couponValidFor'] as string | null,
      issued: row['issued'] as number,
    };
    this.#known.set(id, campaign);
    return campaign;
  }

  forget(id: string): void {
    this.#known.delete(id);
  }

  forgetAll(): void {
    this.#known.clear();
  }
}
