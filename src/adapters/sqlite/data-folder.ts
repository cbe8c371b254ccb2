import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from './sqlite-errors.ts';

/** The record holds the secret that codes are made from, so it is its owner's alone. */
const OWN_FOLDER = 0o700;
const ANY_FOLDER = 0o777;
const OWN_FILE = 0o600;

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
 * Takes a data folder for this process, so that no second one decides over the same record. The
 * lock is the operating system's, held through an open transaction on a file of its own: it ends
 * with the process, however that ends, and leaves nothing to clean up.
 *
 * @returns the function that gives the folder back
 * @throws {DataFolderError} `in-use` or `not-writable`
 */
export function lockDataFolder(folder: string): () => void {
  const ownerFile = ownerFileIn(folder);
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
  writeFileSync(ownerFile, `${process.pid}\n`, { mode: OWN_FILE });
  return () => {
    rmSync(ownerFile, { force: true });
    lock.close();
  };
}

/**
 * Looks who has a data folder, and changes nothing in it.
 *
 * @returns null if nobody has it, and a pid of null if somebody has it and it cannot be told who
 */
export function ownerOf(folder: string): { readonly pid: number | null } | null {
  const lockFile = lockFileIn(folder);
  if (!existsSync(lockFile)) return null;
  // A file that says who the owner is stays behind when that one is killed; the lock does not.
  let lock: DatabaseSync | null = null;
  try {
    lock = new DatabaseSync(lockFile, { readOnly: true, timeout: 0 });
    lock.prepare('SELECT count(*) FROM sqlite_schema').get();
    return null;
  } catch (error) {
    // A file that cannot be read tells nothing of an owner.
    if (!isBusy(error)) return null;
    const pid = Number(readOwner(ownerFileIn(folder)));
    return { pid: Number.isSafeInteger(pid) ? pid : null };
  } finally {
    lock?.close();
  }
}

function ownerFileIn(folder: string): string {
  return join(folder, 'owner');
}

function lockFileIn(folder: string): string {
  return join(folder, 'owner.lock');
}

/**
 * Makes a folder and those above it. Node's own recursive form never returns where a file system
 * answers that the parent it has just seen is missing, as /proc does.
 */
function makeFolder(folder: string, mode: number): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent, ANY_FOLDER);
  mkdirSync(folder, { mode });
}

/**
 * Makes a file that only its owner may read, unless it is there. SQLite would make it readable to
 * all; the files that it puts beside a database (its log) take over the mode of that database.
 */
export function makeOwnFile(file: string): void {
  closeSync(openSync(file, 'a', OWN_FILE));
}

function openLock(folder: string): DatabaseSync {
  try {
    makeFolder(folder, OWN_FOLDER);
    writeFileSync(join(folder, '.writable'), '');
    rmSync(join(folder, '.writable'));
    makeOwnFile(lockFileIn(folder));
    return new DatabaseSync(lockFileIn(folder), { timeout: 0 });
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
