import type { DatabaseSync } from 'node:sqlite';
import { campaignCreated, campaignUpdated } from '../../domain/campaign/campaign-events.ts';
import type { Campaign } from '../../domain/campaign/campaign.ts';
import {
  decideCampaignUpdate,
  type CampaignChange,
  type CampaignUpdateDecision,
} from '../../domain/campaign/decide-update.ts';
import type {
  CreateCampaign,
  CreateCampaignOutcome,
  Origin,
  RegisterVendor,
  Vendor,
} from '../../ports/store.ts';
import type { EventAppender } from './event-appender.ts';
import type { LiveCampaigns } from './live-campaigns.ts';
import { campaignOf, vendorOf } from './rows.ts';
import { prepareStatements } from './statements.ts';

/** Writes vendors and campaigns, inside the writer's open transaction. */
export class CatalogueCommands {
  readonly #campaigns: LiveCampaigns;
  readonly #events: EventAppender;
  readonly #sql;

  constructor(db: DatabaseSync, campaigns: LiveCampaigns, events: EventAppender) {
    this.#campaigns = campaigns;
    this.#events = events;
    this.#sql = prepareStatements(db, 'catalogue.sql', [
      'insertVendor',
      'vendorById',
      'insertCampaign',
      'updateCampaign',
      'campaignById',
    ]);
  }

  registerVendor({ id, name, currency }: RegisterVendor, nowMs: number): Vendor {
    this.#sql.insertVendor.run(id, name, currency, nowMs);
    return vendorOf(this.#sql.vendorById.get(id)!);
  }

  createCampaign(command: CreateCampaign, origin: Origin, nowMs: number): CreateCampaignOutcome {
    const vendor = this.#sql.vendorById.get(command.vendorId);
    if (vendor === undefined) return { kind: 'refused', code: 'vendor-not-found' };
    if (command.discount.currency !== vendor['currency']) {
      return { kind: 'refused', code: 'currency-mismatch' };
    }
    this.#sql.insertCampaign.run(
      command.id,
      vendor['no'] as number,
      command.title,
      JSON.stringify(command.discount),
      command.quantity,
      command.perUserLimit,
      command.startsAtMs,
      command.endsAtMs,
      command.couponValidFor,
      command.reimbursementBps,
      nowMs,
    );
    const campaign = this.#read(command.id)!;
    this.#events.append(campaignCreated(campaign, origin.traceparent));
    return { kind: 'created', campaign };
  }

  updateCampaign(
    id: string,
    change: CampaignChange,
    origin: Origin,
    nowMs: number,
  ): CampaignUpdateDecision | { readonly kind: 'not-found' } {
    const campaign = this.#read(id);
    if (campaign === null) return { kind: 'not-found' };
    const decision = decideCampaignUpdate(campaign, change);
    if (decision.kind !== 'updated' || decision.changed.length === 0) return decision;
    const { title, paused, quantity, endsAtMs } = decision.campaign;
    this.#sql.updateCampaign.run(title, Number(paused), quantity, endsAtMs, id);
    this.#campaigns.forget(id);
    this.#events.append(
      campaignUpdated(decision.campaign, decision.changed, nowMs, origin.traceparent),
    );
    return decision;
  }

  #read(id: string): Campaign | null {
    const row = this.#sql.campaignById.get(id);
    return row === undefined ? null : campaignOf(row);
  }
}
