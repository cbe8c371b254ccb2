import type { PageRequest, PageResult } from '../../ports/store.ts';

/**
 * Gives one page of a list whose rows are only ever added at its old end, so that a row's number
 * (1 is the oldest) is its place for ever, and a page never repeats or skips a row.
 *
 * @param list  the list's name, written into its cursors so that no other list takes them
 * @param rows  all rows, oldest first
 */
export function pageOf<Item>(
  list: string,
  rows: readonly Item[],
  order: 'oldest-first' | 'newest-first',
  page: PageRequest,
): PageResult<Item> {
  const after = page.cursor === null ? null : readCursor(list, page.cursor, rows.length);
  if (after === 'bad-cursor') return 'bad-cursor';
  return order === 'oldest-first'
    ? ascending(list, rows, after ?? 0, page.limit)
    : descending(list, rows, after ?? rows.length + 1, page.limit);
}

function ascending<Item>(
  list: string,
  rows: readonly Item[],
  after: number,
  limit: number,
): PageResult<Item> {
  const items = rows.slice(after, after + limit);
  const last = after + items.length;
  return { items, nextCursor: last < rows.length ? writeCursor(list, last) : null };
}

function descending<Item>(
  list: string,
  rows: readonly Item[],
  before: number,
  limit: number,
): PageResult<Item> {
  const last = Math.max(1, before - limit);
  const items = rows.slice(last - 1, before - 1).reverse();
  return { items, nextCursor: last > 1 ? writeCursor(list, last) : null };
}

function writeCursor(list: string, rowNumber: number): string {
  return Buffer.from(`${list}#${rowNumber}`).toString('base64url');
}

/** The number of the last row that was given, or `bad-cursor` for what this list never wrote. */
function readCursor(list: string, cursor: string, rowCount: number): number | 'bad-cursor' {
  const text = Buffer.from(cursor, 'base64url').toString();
  const rowNumber = Number(text.slice(text.lastIndexOf('#') + 1));
  const isWhole = Number.isSafeInteger(rowNumber) && rowNumber >= 1 && rowNumber <= rowCount;
  // Writing it again catches every other spelling: padding, signs, leading zeros, another list.
  return isWhole && writeCursor(list, rowNumber) === cursor ? rowNumber : 'bad-cursor';
}
