import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { decideClaim, type ClaimDecision } from '../../domain/campaign/decide-claim.ts';
import { addDuration, parseDuration } from '../../domain/campaign/duration.ts';
import { BulkInsert } from './bulk-insert.ts';
import type { EventAppender } from './event-appender.ts';
import type { LiveCampaign, LiveCampaigns } from './live-campaigns.ts';
import { prepareStatements } from './statements.ts';

/** What one claim came to. */
export interface Decided {
  readonly decision: ClaimDecision;
  /** Of the coupon issued, else 0. */
  readonly sequence: number;
  /** With `already-claimed`: the sequence numbers that the user holds. */
  readonly held: readonly number[];
}

/** Decides claims and writes what was decided, inside the writer's open transaction. */
export class CouponIssuer {
  readonly #campaigns: LiveCampaigns;
  readonly #events: EventAppender;
  readonly #insertCoupons: BulkInsert;
  readonly #sql;

  constructor(db: DatabaseSync, campaigns: LiveCampaigns, events: EventAppender) {
    this.#campaigns = campaigns;
    this.#events = events;
    this.#sql = prepareStatements(db, 'claims.sql', ['heldByUser', 'raiseIssued']);
    this.#sql.heldByUser.setReturnArrays(true);
    this.#insertCoupons = new BulkInsert(db, 'claims.sql', 'insertCoupon');
  }

  /** Begins a run of claims of one campaign; null if there is no such campaign. */
  begin(campaignId: string, nowMs: number): CampaignRun | null {
    const campaign = this.#campaigns.get(campaignId);
    if (campaign === null) return null;
    const validFor = campaign.couponValidFor && parseDuration(campaign.couponValidFor);
    return {
      campaign,
      nowMs,
      issuedBefore: campaign.issued,
      expiresAtMs: validFor ? addDuration(nowMs, validFor) : null,
      userIds: [],
      traceparents: {},
      heldOfRun: new Map(),
      rows: [],
    };
  }

  /** Decides the next claim of a run; the rows of issued coupons are written when it ends. */
  decide(run: CampaignRun, userId: string, traceparent: string | undefined): Decided {
    const { campaign, nowMs } = run;
    const held = this.#heldBy(userId, run);
    const decision = decideClaim(campaign, campaign.issued, held.length, nowMs);
    if (decision !== 'issue') {
      return { decision, sequence: 0, held: decision === 'already-claimed' ? held : NONE };
    }
    const sequence = campaign.issued + 1;
    run.rows.push(campaign.no, sequence, userId, held.length + 1, nowMs, run.expiresAtMs);
    run.heldOfRun.set(userId, [...(run.heldOfRun.get(userId) ?? NONE), sequence]);
    campaign.issued = sequence;
    if (traceparent !== undefined) run.traceparents[run.userIds.length] = traceparent;
    run.userIds.push(userId);
    return { decision, sequence, held: NONE };
  }

  /** Ends a run: writes its coupons, raises the campaign's counter, tells of them in the log. */
  end(run: CampaignRun): void {
    const { campaign, issuedBefore, userIds, nowMs } = run;
    if (userIds.length === 0) return;
    assertEqual(campaign.issued - issuedBefore, userIds.length, 'coupons counted and issued');
    this.#insertCoupons.run(run.rows);
    const { changes } = this.#sql.raiseIssued.run(campaign.issued, campaign.no, issuedBefore);
    assertEqual(Number(changes), 1, 'campaigns whose counter was raised');
    const hasTraces = Object.keys(run.traceparents).length > 0;
    this.#events.appendIssued(
      campaign,
      issuedBefore + 1,
      {
        userIds,
        expiresAtMs: run.expiresAtMs,
        ...(hasTraces ? { traceparents: run.traceparents } : {}),
      },
      nowMs,
    );
  }

  /** What a user holds of the run's campaign: stored before it, and issued in it. */
  #heldBy(userId: string, run: CampaignRun): readonly number[] {
    const stored = this.#storedOf(userId, run.campaign);
    const ofRun = run.heldOfRun.get(userId);
    return ofRun === undefined ? stored : [...stored, ...ofRun];
  }

  #storedOf(userId: string, campaign: LiveCampaign): readonly number[] {
    // Almost every claim is a new user's and almost every limit is 1: one row is all to be looked
    // for.
    if (campaign.perUserLimit === 1) {
      const row = this.#sql.heldByUser.get(userId, campaign.no) as unknown as number[] | undefined;
      return row ?? NONE;
    }
    const rows = this.#sql.heldByUser.all(userId, campaign.no) as unknown as number[][];
    return rows.map((row) => row[0]!);
  }
}

/** Claims of one campaign that are decided in one transaction. */
export interface CampaignRun {
  readonly campaign: LiveCampaign;
  readonly nowMs: number;
  readonly issuedBefore: number;
  /** Of the coupons issued in this run. */
  readonly expiresAtMs: number | null;
  /** Who got a coupon, in order. */
  readonly userIds: string[];
  /** Trace contexts by index into `userIds`. */
  readonly traceparents: Record<string, string>;
  /** Sequence numbers of the coupons that users got in this run. */
  readonly heldOfRun: Map<string, readonly number[]>;
  /** The values of the coupons' rows, one row after the other. */
  readonly rows: SQLInputValue[];
}

const NONE: readonly number[] = [];

function assertEqual(actual: number, expected: number, what: string): void {
  if (actual !== expected) throw new Error(`${what}: ${actual}, not ${expected}`);
}
