import type { DatabaseSync } from 'node:sqlite';
import type { CampaignChange } from '../../domain/campaign/decide-update.ts';
import type { PayOut, RedeemRequest } from '../../ports/redemption-store.ts';
import {
  StoreUnavailable,
  type CreateCampaign,
  type Origin,
  type RegisterVendor,
} from '../../ports/store.ts';
import { AcceptedClaimCommands, type NewAcceptedClaim } from './accepted-claim-commands.ts';
import { CatalogueCommands } from './catalogue-commands.ts';
import { decideClaimBatch } from './claim-batch.ts';
import type { ClaimColumns } from './claim-columns.ts';
import { CouponNames } from './coupon-names.ts';
import { CouponRedeemer } from './coupon-redeemer.ts';
import { EventAppender } from './event-appender.ts';
import { CouponIssuer } from './issue-coupons.ts';
import { KeptClaims } from './kept-claims.ts';
import { KeptKeys } from './kept-keys.ts';
import { Ledger } from './ledger.ts';
import { LiveCampaigns } from './live-campaigns.ts';
import { readSecret } from './open-database.ts';
import { RedemptionCommands } from './redemption-commands.ts';
import { RedemptionTerms } from './redemption-terms.ts';
import { SettlementCommands } from './settlement-commands.ts';
import { atCommit, beforeCommit } from './sqlite-errors.ts';

/** The commands that the writer's thread runs, by name: each one transaction. */
export type WriterCommands = ReturnType<typeof createWriter>;

/** Everything that writes to the record. There is one writer for a data folder. */
export function createWriter(db: DatabaseSync) {
  const campaigns = new LiveCampaigns(db);
  const events = new EventAppender(db);
  const keys = new KeptKeys(db);
  const names = new CouponNames(readSecret(db));
  const kept = new KeptClaims(db, keys, names);
  const issuer = new CouponIssuer(db, campaigns, events);
  const accepted = new AcceptedClaimCommands(db, { campaigns, events, issuer, keys, names });
  const catalogue = new CatalogueCommands(db, campaigns, events);
  const ledger = new Ledger(db);
  const terms = new RedemptionTerms(db);
  const redeemer = new CouponRedeemer(db, { events, ledger, terms });
  const redemptions = new RedemptionCommands(db, { keys, names, redeemer, terms });
  const settlements = new SettlementCommands(db, { events, ledger, names });
  const transact = transactor(db, () => {
    campaigns.forgetAll();
    terms.forgetAll();
    events.reset();
  });

  return {
    ...redemptionWrites({ transact, keys, redemptions, settlements }),
    registerVendor: (command: RegisterVendor, origin: Origin, nowMs: number) =>
      transact(() =>
        keys.once(origin.idempotency, nowMs, () => catalogue.registerVendor(command, nowMs)),
      ),
    createCampaign: (command: CreateCampaign, origin: Origin, nowMs: number) =>
      transact(() =>
        keys.once(origin.idempotency, nowMs, () =>
          catalogue.createCampaign(command, origin, nowMs),
        ),
      ),
    updateCampaign: (id: string, change: CampaignChange, origin: Origin, nowMs: number) =>
      transact(() => catalogue.updateCampaign(id, change, origin, nowMs)),
    issueCoupons: (columns: ClaimColumns) =>
      transact(() => decideClaimBatch(columns, { issuer, kept, names })),
    acceptClaims: (requests: readonly NewAcceptedClaim[], nowMs: number) =>
      transact(() => accepted.accept(requests, nowMs)),
    decideAcceptedClaims: (countMax: number, nowMs: number) =>
      transact(() => accepted.decide(countMax, nowMs)),
    forgetKeys: (beforeMs: number) => transact(() => keys.forget(beforeMs)),
    probe: (nowMs: number) => transact(() => probe(db, nowMs)),
  };
}

/** Uses of coupons come and go as JSON: of many small objects, threads copy one text far faster. */
function redemptionWrites({ transact, keys, redemptions, settlements }: RedemptionParts) {
  return {
    redeemCoupons: (requests: string, nowMs: number): string =>
      JSON.stringify(
        transact(() => redemptions.redeem(JSON.parse(requests) as RedeemRequest[], nowMs)),
      ),
    acceptRedemptions: (requests: string, nowMs: number): string =>
      JSON.stringify(
        transact(() => redemptions.accept(JSON.parse(requests) as RedeemRequest[], nowMs)),
      ),
    decideAcceptedRedemptions: (countMax: number, nowMs: number): string =>
      JSON.stringify(transact(() => redemptions.decide(countMax, nowMs))),
    reverseRedemption: (id: string, origin: Origin, nowMs: number) =>
      transact(() =>
        keys.once(origin.idempotency, nowMs, () => settlements.reverse(id, origin, nowMs)),
      ),
    payOut: (command: PayOut, origin: Origin, nowMs: number) =>
      transact(() =>
        keys.once(origin.idempotency, nowMs, () => settlements.payOut(command, origin, nowMs)),
      ),
    expireCoupons: (countMax: number, nowMs: number) =>
      transact(() => settlements.expire(countMax, nowMs)),
  };
}

interface RedemptionParts {
  readonly transact: ReturnType<typeof transactor>;
  readonly keys: KeptKeys;
  readonly redemptions: RedemptionCommands;
  readonly settlements: SettlementCommands;
}

/** Writes a row and so finds out whether the disk takes it. */
function probe(db: DatabaseSync, nowMs: number): void {
  db.prepare(
    "INSERT INTO secrets (name, value) VALUES ('probe', ?) " +
      'ON CONFLICT DO UPDATE SET value = excluded.value',
  ).run(Buffer.from(String(nowMs)));
}

/**
 * Makes the function that runs a command in a transaction of its own. What it throws says what is
 * known: `StoreUnavailable`, nothing was written; `StoreBroken`, nobody knows; anything else is a
 * fault of the command, and nothing was written.
 *
 * @param onRollback  called when what the command did to the memory beside the rows must be undone
 */
function transactor(db: DatabaseSync, onRollback: () => void) {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = (): void => {
    if (db.isTransaction) db.exec('ROLLBACK');
    onRollback();
  };
  return <Result>(command: () => Result): Result => {
    let result: Result;
    try {
      begin.run();
      result = command();
    } catch (error) {
      rollback();
      throw beforeCommit(error);
    }
    try {
      commit.run();
    } catch (error) {
      const failure = atCommit(error);
      if (failure instanceof StoreUnavailable) rollback();
      throw failure;
    }
    return result;
  };
}
