import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Why a data folder cannot be used; the message says what is the matter and what to do. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
  readonly code: 'in-use' | 'not-writable' | 'foreign' | 'newer' | 'corrupt';

  constructor(code: DataFolderError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Where the record lives within its folder. */
export function databaseFile(folder: string): string {
  return join(folder, 'firstcome.db');
}

/**
 * Takes a data folder for this process, so that no second one decides over the same record. The lock
 * is the operating system's, held through an open transaction on a file of its own: it ends with the
 * process, however that ends, and leaves nothing to clean up.
 *
 * @returns the function that gives the folder back
 * @throws {DataFolderError} `in-use` or `not-writable`
 */
export function lockDataFolder(folder: string): () => void {
  const ownerFile = join(folder, 'owner');
  const lock = openLock(folder);
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw new DataFolderError(
      'in-use',
      `the data folder ${folder} is in use by process ${readOwner(ownerFile)}; ` +
        'stop that one, or give another folder with --data',
      { cause: error },
    );
  }
  writeFileSync(ownerFile, `${process.pid}\n`);
  return () => {
    rmSync(ownerFile, { force: true });
    lock.close();
  };
}

/**
 * Makes a folder and those above it. Node's own recursive form never returns where a file system
 * answers that the parent it has just seen is missing, as /proc does.
 */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  mkdirSync(folder);
}

function openLock(folder: string): DatabaseSync {
  try {
    makeFolder(folder);
    writeFileSync(join(folder, '.writable'), '');
    rmSync(join(folder, '.writable'));
    return new DatabaseSync(join(folder, 'owner.lock'), { timeout: 0 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataFolderError(
      'not-writable',
      `the data folder ${folder} cannot be written (${reason}); ` +
        'mend its permissions or the disk, or give another folder with --data',
      { cause: error },
    );
  }
}

function readOwner(ownerFile: string): string {
  try {
    return readFileSync(ownerFile, 'utf8').trim() || 'unknown';
  } catch (error) {
    return `unknown (${error instanceof Error ? error.message : String(error)})`;
  }
}
