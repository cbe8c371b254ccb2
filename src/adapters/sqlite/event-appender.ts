import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { NewEvent } from '../../domain/campaign/campaign-events.ts';
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

  /** After a rollback: what was appended since is not there. */
  reset(): void {
    this.#next = this.#readNextPosition();
  }

  #readNextPosition(): number {
    return this.#readNext.get()!['position'] as number;
  }
}
