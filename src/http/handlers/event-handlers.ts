import { eventTypeOf } from '../../contract/event-schemas.ts';
import { invalidRequest } from '../../contract/problem-document.ts';
import type { EventQuery } from '../../ports/event-log.ts';
import { jsonAnswer, problemAnswer } from '../answer.ts';
import type { CallHandler, CallInput } from '../call-route.ts';
import type { EventStreams } from '../event-streams.ts';
import { retryAfter } from '../command-answer.ts';
import type { HttpParts } from '../http-parts.ts';
import { eventId, eventPosition, renderEvent } from '../render.ts';
import { wholeRequest } from '../request-body.ts';
import { BAD_CURSOR, limitOf } from './paging.ts';

type EventCalls = 'listEvents' | 'streamEvents';

const RETRY_STREAM_S = 5;

/** The event log: a page at a time, or live. */
export function eventHandlers(
  { engine }: HttpParts,
  streams: EventStreams,
): Record<EventCalls, CallHandler> {
  return {
    listEvents: async ({ query, exchange }) => {
      const limit = limitOf(query);
      const { after = 'evt_0', cursor } = query;
      const afterPosition = eventPosition(cursor ?? after);
      if (afterPosition === null) {
        return problemAnswer(cursor === undefined ? BAD_AFTER : BAD_CURSOR, exchange);
      }
      // One more than asked for tells whether there is a next page.
      const filter = filterOf(query);
      const events = await engine.events.read({ ...filter, afterPosition, limit: limit + 1 });
      const data = events.slice(0, limit);
      const hasMore = events.length > limit;
      const nextCursor = hasMore ? eventId(data.at(-1)!.position) : null;
      return jsonAnswer(200, { data: data.map(renderEvent), nextCursor });
    },
    streamEvents: async ({ query, headers, exchange }, response) => {
      if (streams.isFull) {
        return problemAnswer({ code: 'overloaded' }, exchange, retryAfter(RETRY_STREAM_S));
      }
      const start = headers.lastEventId ?? query['after'];
      const given = start === undefined ? await engine.events.head() : eventPosition(start);
      if (given === null) {
        return problemAnswer(headers.lastEventId === undefined ? BAD_AFTER : BAD_LAST_ID, exchange);
      }
      streams.open(response, exchange.requestId, given, filterOf(query));
      return 'streaming';
    },
  };
}

const BAD_AFTER = invalidRequest([{ pointer: '/after', detail: 'must be the id of an event' }]);
const BAD_LAST_ID = wholeRequest('Last-Event-ID must be the id of an event.');

function filterOf(query: CallInput['query']): Pick<EventQuery, 'type' | 'subject'> {
  const type = query['type'] === undefined ? undefined : eventTypeOf(query['type']);
  const { subject } = query;
  return { ...(type !== undefined && { type }), ...(subject !== undefined && { subject }) };
}
