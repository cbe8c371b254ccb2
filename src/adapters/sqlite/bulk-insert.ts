import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { readStatement } from './statements.ts';

/** Rows that go in with one statement: much of what a lone row costs is its statement's start. */
const ROWS_AT_ONCE = 16;

/** Writes many rows with one INSERT statement, in the order given. */
export class BulkInsert {
  readonly #one: StatementSync;
  readonly #many: StatementSync;
  readonly #columns: number;

  /** @param name  of a statement in `statements/` that ends with `VALUES` and one row */
  constructor(db: DatabaseSync, file: string, name: string) {
    const one = readStatement(file, name);
    const [, row] = /VALUES (\([^()]*\));\s*$/.exec(one) ?? [];
    if (row === undefined) throw new Error(`${name} in statements/${file} is no INSERT of one row`);
    this.#columns = row.split('?').length - 1;
    this.#one = db.prepare(one);
    // A statement of many rows that can abort halfway keeps a journal of its own to undo the half.
    // A row that does not fit rolls the whole transaction back anyway, so the half may stand until
    // then.
    this.#many = db.prepare(
      one
        .replace('INSERT INTO', 'INSERT OR FAIL INTO')
        .replace(row, new Array(ROWS_AT_ONCE).fill(row).join(', ')),
    );
  }

  /** @param values  those of all rows, one row after the other */
  run(values: readonly SQLInputValue[]): void {
    const rows = values.length / this.#columns;
    if (!Number.isInteger(rows)) throw new Error(`${values.length} values make no whole rows`);
    let written = 0;
    while (written < rows) {
      const count = rows - written >= ROWS_AT_ONCE ? ROWS_AT_ONCE : 1;
      const part = values.slice(written * this.#columns, (written + count) * this.#columns);
      const { changes } = (count === 1 ? this.#one : this.#many).run(...part);
      if (Number(changes) !== count) throw new Error(`${Number(changes)} rows written of ${count}`);
      written += count;
    }
  }
}
