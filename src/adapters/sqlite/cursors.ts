import type { PageResult } from '../../ports/store.ts';
import type { Row } from './rows.ts';

/**
 * Reads a cursor: the numbers of the row to go on behind.
 *
 * @param first  what stands for the beginning; a cursor has as many numbers
 * @returns null if no list of this shape has given it
 */
export function decodeCursor(cursor: string | null, first: readonly number[]): number[] | null {
  if (cursor === null) return [...first];
  const numbers = Buffer.from(cursor, 'base64url').toString('latin1').split('.').map(Number);
  const isOurs =
    numbers.length === first.length &&
    numbers.every((number) => Number.isSafeInteger(number)) &&
    encodeCursor(numbers) === cursor;
  return isOurs ? numbers : null;
}

/**
 * Makes a page of rows of which one more was read than it holds.
 *
 * @param place  the numbers of a row, as `decodeCursor` gives them
 */
export function pageOf<Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  place: (row: Row) => readonly unknown[],
): PageResult<Item> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    items: shown.map(toItem),
    nextCursor: last === undefined ? null : encodeCursor(place(last)),
  };
}

function encodeCursor(numbers: readonly unknown[]): string {
  return Buffer.from(numbers.join('.'), 'latin1').toString('base64url');
}
