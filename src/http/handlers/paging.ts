import { PAGE_LIMIT_DEFAULT } from '../../contract/primitives.ts';
import { invalidRequest } from '../../contract/problem-document.ts';
import type { PageRequest, PageResult } from '../../ports/store.ts';
import { jsonAnswer, problemAnswer, type CallAnswer } from '../answer.ts';
import type { CallInput } from '../call-route.ts';

/** The page that a list's parameters ask for. */
export function pageRequest({ query }: CallInput): PageRequest {
  return { limit: limitOf(query), cursor: query['cursor'] ?? null };
}

/** How many entries are asked for; the schema has seen to it that it is 1 to 100. */
export function limitOf(query: CallInput['query']): number {
  return Number(query['limit'] ?? PAGE_LIMIT_DEFAULT);
}

/** The answer that a page of the record makes. */
export function pageAnswer<Item>(
  page: PageResult<Item>,
  { exchange }: CallInput,
  render: (item: Item) => unknown,
): CallAnswer {
  if (page === 'bad-cursor') return problemAnswer(BAD_CURSOR, exchange);
  return jsonAnswer(200, { data: page.items.map(render), nextCursor: page.nextCursor });
}

/** The refusal of a cursor that this list has not given. */
export const BAD_CURSOR = invalidRequest([
  { pointer: '/cursor', detail: 'must be a nextCursor of this list' },
]);
