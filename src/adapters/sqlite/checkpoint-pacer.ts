import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StoreUnavailable } from '../../ports/store.ts';
import { ThreadClient } from './thread-client.ts';

const SCRIPT = new URL(`./checkpoint-thread${import.meta.url.slice(-3)}`, import.meta.url);
/** How often the log's length is looked at, in commits. */
const LOOK_EVERY = 16;
/**
 * Pages in the log that are not yet in the database file, from which on the thread copies them.
 * Few, because commits wait for the disk while it writes what a checkpoint syncs: with small
 * portions the slowest claims are faster, and the rate is the same.
 */
const COPY_FROM_PAGES = 256;
/** Pages in the log from which on it should begin again at its start; at 4 KiB each, 64 MiB. */
const RESTART_FROM_PAGES = 16_384;
/** The writer copies this many itself, so that nothing is left and the log can begin again. */
const REST_PAGES_MAX = 512;
/** Above this the writer copies whatever is left: a log without bound would fill the disk. */
const LOG_PAGES_MAX = 131_072;

type CheckpointCommands = { checkpoint: () => void };

/**
 * Keeps the write-ahead log short without letting claims wait. A thread of its own copies the bulk;
 * since commits go on meanwhile, a rest always remains, and only while nothing is left can the log
 * begin again: the writer copies that rest itself, between two commits, when it is small.
 */
export class CheckpointPacer {
  readonly #look: StatementSync;
  readonly #copyRest: StatementSync;
  readonly #file: string;
  #thread: Promise<ThreadClient<CheckpointCommands>> | null = null;
  #commits = 0;
  #isCopying = false;

  constructor(db: DatabaseSync, file: string) {
    this.#look = db.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#copyRest = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
    this.#file = file;
  }

  /** Looks now and then whether there is something to copy. Call it after each commit. */
  afterCommit(): void {
    this.#commits += 1;
    if (this.#commits % LOOK_EVERY !== 0) return;
    const { inLog, left } = this.#pages();
    if (inLog >= LOG_PAGES_MAX || (inLog >= RESTART_FROM_PAGES && left <= REST_PAGES_MAX)) {
      this.#copyRest.get();
    } else if (left >= COPY_FROM_PAGES || (inLog >= RESTART_FROM_PAGES && left > 0)) {
      this.#copyBulk();
    }
  }

  async close(): Promise<void> {
    await (await this.#thread)?.close();
  }

  #copyBulk(): void {
    if (this.#isCopying) return;
    this.#isCopying = true;
    this.#thread ??= ThreadClient.start<CheckpointCommands>(SCRIPT, { file: this.#file });
    this.#thread
      .then((thread) => thread.call('checkpoint'))
      .finally(() => {
        this.#isCopying = false;
      })
      .then(
        () => undefined,
        (error: unknown) => {
          // A full disk leaves the pages in the log, where they are safe. After a failed sync
          // nobody knows what the database file holds: the thread must end, and with it the
          // process.
          if (!(error instanceof StoreUnavailable)) {
            setImmediate(() => {
              throw error;
            });
          }
        },
      );
  }

  #pages(): { inLog: number; left: number } {
    const row = this.#look.get() as { log: number; checkpointed: number };
    return { inLog: row.log, left: row.log - row.checkpointed };
  }
}
