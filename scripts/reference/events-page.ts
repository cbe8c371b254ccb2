import {
  EVENT_TYPES,
  EVENTS,
  fullEventType,
  CloudEvent,
} from '../../src/contract/event-schemas.ts';
import { code, page, table } from './markdown.ts';
import { membersTable, typeOf } from './schema-table.ts';

const INTRODUCTION = `
An event is a fact that happened: a CloudEvent 1.0 in JSON, written in the same transaction as what
it tells of. It is never changed and never lost, and there is one order of all events.
\`GET /v1/events\` lists them, oldest first; \`GET /v1/events/stream\` sends them as they happen and
goes on after the \`Last-Event-ID\` that it is given.`.trim();

/** Every type of event with what it carries. */
export function eventsPage(): string {
  const envelope = Object.entries(CloudEvent.properties).map(([name, schema]) => [
    code(name),
    name === 'type' ? 'string' : typeOf(schema),
    'description' in schema ? String(schema.description) : '',
  ]);
  const sections = EVENT_TYPES.map((type) => {
    const { summary, subject, data } = EVENTS[type];
    const about = 'description' in subject ? `Subject: ${String(subject.description)}` : '';
    return `## ${fullEventType(type)}\n\n${summary} ${about}\n\n${membersTable(data, 'http.md')}`;
  });
  return page(
    'Events',
    INTRODUCTION,
    table(['member', 'type', 'what'], envelope),
    table(
      ['type', 'what happened'],
      EVENT_TYPES.map((type) => [code(fullEventType(type)), EVENTS[type].summary]),
    ),
    ...sections,
  );
}
