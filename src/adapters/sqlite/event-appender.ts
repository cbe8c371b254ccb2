import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { NewEvent } from '../../domain/campaign/campaign-events.ts';
import type { RedeemedRun } from './redeemed-run.ts';
import { prepareStatements } from './statements.ts';

/** A run of coupon.issued events of one campaign, as its `data` column holds it. */
export interface IssuedRun {
  /** Who got the sequence numbers, from the row's `first_sequence` on. */
  readonly userIds: readonly string[];
  readonly expiresAtMs: number | null;
  /** Trace contexts by index into `userIds`. */
  readonly traceparents?: Readonly<Record<string, string>>;
}

/** Writes events at the end of the log, inside the writer's open transaction. */
export class EventAppender {
  readonly #insert: StatementSync;
  readonly #readNext: StatementSync;
  #next: number;

  constructor(db: DatabaseSync) {
    const statements = prepareStatements(db, 'claims.sql', ['insertEvent', 'nextPosition']);
    this.#insert = statements.insertEvent;
    this.#readNext = statements.nextPosition;
    this.#next = this.#readNextPosition();
  }

  /** Where the next event will stand. */
  get nextPosition(): number {
    return this.#next;
  }

  append(event: NewEvent): void {
    this.#insert.run(
      this.#next,
      1,
      event.type,
      event.subject,
      event.partitionKey,
      null,
      null,
      event.timeMs,
      event.traceparent,
      JSON.stringify(event.data),
    );
    this.#next += 1;
  }

  /** Appends one coupon.issued event for each user of the run. */
  appendIssued(
    campaign: { readonly id: string; readonly no: number },
    firstSequence: number,
    run: IssuedRun,
    timeMs: number,
  ): void {
    this.#insert.run(
      this.#next,
      run.userIds.length,
      'coupon.issued',
      null,
      campaign.id,
      campaign.no,
      firstSequence,
      timeMs,
      null,
      JSON.stringify(run),
    );
    this.#next += run.userIds.length;
  }

  /** Appends the events of coupons that were used, at the place that their rows name already. */
  appendRedeemed(
    run: RedeemedRun,
    { position, count, timeMs }: { position: number; count: number; timeMs: number },
  ): void {
    if (position !== this.#next) {
      throw new Error(`uses are told at ${position}, but the log goes on at ${this.#next}`);
    }
    // A run is of many campaigns and vendors, so its row has neither subject nor partition.
    this.#insert.run(
      ...[position, count, 'coupon.redeemed', null, '', null, null, timeMs, null],
      JSON.stringify(run),
    );
    this.#next += count;
  }

  /** After a rollback: what was appended since is not there. */
  reset(): void {
    this.#next = this.#readNextPosition();
  }

  #readNextPosition(): number {
    return this.#readNext.get()!['position'] as number;
  }
}
