import { StoreBroken, StoreUnavailable } from '../../ports/store.ts';

/** SQLite's primary result codes, https://www.sqlite.org/rescode.html. */
const BUSY = 5;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const NOTADB = 26;

/**
 * Says what a failure before the end of a transaction means. No frame that ends it can be on disk
 * yet, so even a failed write has left nothing behind.
 */
export function beforeCommit(error: unknown): unknown {
  const code = resultCode(error);
  if (code !== FULL && code !== BUSY && code !== IOERR) return error;
  return new StoreUnavailable(sentence(error), { cause: error });
}

/**
 * Says what a failure of COMMIT, or of a checkpoint, means. On a full disk the write failed before
 * anything was synced, and the log is as it was. After a failed sync nobody knows what the disk
 * holds, whatever the operating system answers the second time.
 */
export function atCommit(error: unknown): StoreUnavailable | StoreBroken {
  if (resultCode(error) === FULL) return new StoreUnavailable(sentence(error), { cause: error });
  return new StoreBroken(sentence(error), { cause: error });
}

export function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  return code === CORRUPT || code === NOTADB;
}

/** Somebody else has the file locked. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === BUSY;
}

function resultCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
}

function sentence(error: unknown): string {
  return `the record cannot be written: ${error instanceof Error ? error.message : String(error)}`;
}
