import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { DataFolderError, makeOwnFile } from './data-folder.ts';
import { isDamage } from './sqlite-errors.ts';

/** Marks our files (SQLite's `application_id`): "FCR1". */
const APPLICATION_ID = 0x46435231;
const MIGRATIONS = new URL('./migrations/', import.meta.url);
const PAGE_CACHE_KIB = 65_536;
const MAPPED_BYTES_MAX = 8 * 1024 ** 3;
/** Readers and the writer never wait for each other in WAL mode, except while the log is reset. */
const BUSY_TIMEOUT_MS = 10_000;

/**
 * Opens the record for its one writer: creates it or brings it up to date, and makes sure that a
 * commit is on disk when it returns.
 *
 * @throws {DataFolderError} `foreign`, `newer` or `corrupt`
 */
export function openForWriting(file: string): DatabaseSync {
  try {
    makeOwnFile(file);
    const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    checkOrigin(db, file);
    // Checkpoints are made by a thread of their own (see checkpoint-thread.ts).
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0');
    tune(db);
    assertDurable(db);
    migrate(db, file);
    return db;
  } catch (error) {
    throw explained(error, file);
  }
}

/** Opens the record for copying its log into its file, beside the writer. */
export function openForCheckpoints(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  db.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0');
  return db;
}

/** Opens the record for reading beside its writer. */
export function openForReading(file: string): DatabaseSync {
  try {
    const db = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    tune(db);
    return db;
  } catch (error) {
    throw explained(error, file);
  }
}

/** The record's secret, from which ids and codes of coupons are sealed. */
export function readSecret(db: DatabaseSync): Uint8Array {
  const row = db.prepare("SELECT value FROM secrets WHERE name = 'seal'").get();
  if (!(row?.['value'] instanceof Uint8Array)) throw new Error('the record has no secret');
  return row['value'];
}

function tune(db: DatabaseSync): void {
  db.exec(`PRAGMA cache_size = -${PAGE_CACHE_KIB}; PRAGMA mmap_size = ${MAPPED_BYTES_MAX}`);
}

function checkOrigin(db: DatabaseSync, file: string): void {
  const id = readPragma(db, 'application_id');
  if (id === APPLICATION_ID) return;
  const tables = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.['count'];
  if (id !== 0 || tables !== 0) {
    throw new DataFolderError(
      'foreign',
      `${file} is a database of another program; give another folder with --data`,
    );
  }
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
}

/**
 * A commit that is acknowledged must be on disk, so neither setting may differ from what was asked.
 */
function assertDurable(db: DatabaseSync): void {
  const mode = String(db.prepare('PRAGMA journal_mode').get()?.['journal_mode']);
  const synchronous = readPragma(db, 'synchronous');
  if (mode !== 'wal' || synchronous !== 2) {
    throw new Error(
      `SQLite did not take journal_mode=WAL and synchronous=FULL: ${mode}, ${synchronous}`,
    );
  }
}

function migrate(db: DatabaseSync, file: string): void {
  const names = readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  const from = readPragma(db, 'user_version');
  if (from > names.length) {
    throw new DataFolderError(
      'newer',
      `${file} was written by a newer firstcome (schema ${from}, this knows ${names.length}); ` +
        'use that version, or give another folder with --data',
    );
  }
  for (const [index, name] of names.entries()) {
    if (index < from) continue;
    const sql = readFileSync(new URL(name, MIGRATIONS), 'utf8');
    db.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
  db.prepare("INSERT INTO secrets (name, value) VALUES ('seal', ?) ON CONFLICT DO NOTHING").run(
    randomBytes(32),
  );
}

function readPragma(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function explained(error: unknown, file: string): unknown {
  if (!isDamage(error)) return error;
  return new DataFolderError(
    'corrupt',
    `${file} is damaged or no database; put a backup in its place, or give another folder ` +
      'with --data',
    { cause: error },
  );
}
