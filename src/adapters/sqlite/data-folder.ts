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
  writeFileSync(ownerFile, `${process.pid}\n`, { mode: OWN_FILE });
  return () => {
    rmSync(ownerFile, { force: true });
    lock.close();
  };
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
    makeOwnFile(join(folder, 'owner.lock'));
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
