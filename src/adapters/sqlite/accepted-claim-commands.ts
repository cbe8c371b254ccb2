import type { DatabaseSync } from 'node:sqlite';
import { claimRefused } from '../../domain/campaign/campaign-events.ts';
import type { ClaimDecision } from '../../domain/campaign/decide-claim.ts';
import type {
  AcceptedClaim,
  AcceptOutcome,
  Answer,
  ClaimOutcome,
  ClaimRequest,
} from '../../ports/store.ts';
import type { CouponNames } from './coupon-names.ts';
import type { EventAppender } from './event-appender.ts';
import type { CampaignRun, CouponIssuer, Decided } from './issue-coupons.ts';
import type { KeptKeys } from './kept-keys.ts';
import type { LiveCampaigns } from './live-campaigns.ts';
import { prepareStatements } from './statements.ts';

/** A claim to accept, with the id that it gets. */
export interface NewAcceptedClaim extends ClaimRequest {
  readonly id: string;
}

interface Parts {
  readonly campaigns: LiveCampaigns;
  readonly events: EventAppender;
  readonly issuer: CouponIssuer;
  readonly keys: KeptKeys;
  readonly names: CouponNames;
}

/** Writes asynchronous claims down and decides them later, inside the writer's open transaction. */
export class AcceptedClaimCommands {
  readonly #parts: Parts;
  readonly #sql;

  constructor(db: DatabaseSync, parts: Parts) {
    this.#parts = parts;
    this.#sql = prepareStatements(db, 'claims.sql', [
      'insertAcceptedClaim',
      'queuedClaims',
      'decideAcceptedClaim',
    ]);
  }

  accept(requests: readonly NewAcceptedClaim[], nowMs: number): Answer<AcceptOutcome>[] {
    return requests.map((request) =>
      this.#parts.keys.once(request.origin.idempotency, nowMs, () => this.#accept(request, nowMs)),
    );
  }

  /** Decides the oldest queued claims; those of one campaign make one run of events. */
  decide(countMax: number, nowMs: number): AcceptedClaim[] {
    const rows = this.#sql.queuedClaims.all(countMax) as unknown as QueuedRow[];
    const runs = new Map<string, CampaignRun>();
    const decided = rows.map((row) => {
      const run = runs.get(row.campaignId) ?? this.#parts.issuer.begin(row.campaignId, nowMs);
      if (run === null) throw new Error(`claim ${row.id} is of no campaign`);
      runs.set(row.campaignId, run);
      return this.#decide(row, run);
    });
    for (const run of runs.values()) this.#parts.issuer.end(run);
    return decided;
  }

  #accept(request: NewAcceptedClaim, nowMs: number): AcceptOutcome {
    const [userId, ...others] = request.userIds;
    if (userId === undefined || others.length > 0) {
      throw new Error(`an asynchronous claim is of one user, not of ${request.userIds.length}`);
    }
    const { id, campaignId, origin } = request;
    const campaign = this.#parts.campaigns.get(campaignId);
    if (campaign === null) return { kind: 'campaign-not-found' };
    this.#sql.insertAcceptedClaim.run(id, campaign.no, userId, origin.traceparent, nowMs);
    return {
      kind: 'accepted',
      claim: { id, campaignId, userId, outcome: null, createdAtMs: nowMs },
    };
  }

  #decide(row: QueuedRow, run: CampaignRun): AcceptedClaim {
    const { id, campaignId, userId, traceparent, createdAtMs } = row;
    const decided = this.#parts.issuer.decide(run, userId, traceparent ?? undefined);
    if (decided.decision !== 'issue') {
      const claim = { id, campaignId, userId };
      this.#parts.events.append(claimRefused(claim, decided.decision, run.nowMs, traceparent));
    }
    const outcome = this.#outcomeOf(decided, decided.decision, userId, run);
    const { changes } = this.#sql.decideAcceptedClaim.run(JSON.stringify(outcome), row.no);
    if (Number(changes) !== 1) throw new Error(`claim ${id} was decided twice`);
    return { id, campaignId, userId, outcome, createdAtMs };
  }

  #outcomeOf(
    { sequence, held }: Decided,
    code: ClaimDecision,
    userId: string,
    run: CampaignRun,
  ): ClaimOutcome {
    const { campaign, nowMs } = run;
    const numberOf = (of: number) => ({ campaignNo: campaign.no, sequence: of });
    const refused = { kind: 'refused', decidedAtMs: nowMs } as const;
    switch (code) {
      case 'issue':
        return {
          kind: 'issued',
          coupon: {
            id: this.#parts.names.id(numberOf(sequence)),
            campaignId: campaign.id,
            userId,
            sequence,
            code: this.#parts.names.code(numberOf(sequence)),
            status: 'issued',
            issuedAtMs: nowMs,
            expiresAtMs: run.expiresAtMs,
          },
        };
      case 'already-claimed':
        return { ...refused, code, couponIds: this.#parts.names.ids(held.map(numberOf)) };
      case 'campaign-not-started':
        return { ...refused, code, startsAtMs: campaign.startsAtMs ?? nowMs };
      case 'campaign-ended':
        return { ...refused, code, endsAtMs: campaign.endsAtMs ?? nowMs };
      case 'campaign-paused':
      case 'sold-out':
        return { ...refused, code };
    }
  }
}

interface QueuedRow {
  readonly no: number;
  readonly id: string;
  readonly campaignId: string;
  readonly userId: string;
  readonly traceparent: string | null;
  readonly createdAtMs: number;
}
