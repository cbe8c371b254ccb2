import type { DatabaseSync } from 'node:sqlite';
import type { CampaignChange } from '../../domain/campaign/decide-update.ts';
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
import { EventAppender } from './event-appender.ts';
import { CouponIssuer } from './issue-coupons.ts';
import { KeptKeys } from './kept-keys.ts';
import { LiveCampaigns } from './live-campaigns.ts';
import { readSecret } from './open-database.ts';
import { atCommit, beforeCommit } from './sqlite-errors.ts';

/** The commands that the writer's thread runs, by name: each one transaction. */
export type WriterCommands = ReturnType<typeof createWriter>;

/** Everything that writes to the record. There is one writer for a data folder. */
export function createWriter(db: DatabaseSync) {
  const campaigns = new LiveCampaigns(db);
  const events = new EventAppender(db);
  const keys = new KeptKeys(db);
  const names = new CouponNames(readSecret(db));
  const issuer = new CouponIssuer(db, campaigns, events);
  const accepted = new AcceptedClaimCommands(db, { campaigns, events, issuer, keys, names });
  const catalogue = new CatalogueCommands(db, campaigns, events);
  const transact = transactor(db, () => {
    campaigns.forgetAll();
    events.reset();
  });

  return {
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
      transact(() => decideClaimBatch(columns, { issuer, keys, names })),
    acceptClaims: (requests: readonly NewAcceptedClaim[], nowMs: number) =>
      transact(() => accepted.accept(requests, nowMs)),
    decideAcceptedClaims: (countMax: number, nowMs: number) =>
      transact(() => accepted.decide(countMax, nowMs)),
    forgetKeys: (beforeMs: number) => transact(() => keys.forget(beforeMs)),
    probe: (nowMs: number) => transact(() => probe(db, nowMs)),
  };
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
