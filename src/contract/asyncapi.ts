import type { EventType } from '../domain/event.ts';
import { CloudEvent, EVENT_TYPES, EVENTS, fullEventType } from './event-schemas.ts';
import { hoistNamedSchemas } from './named-schemas.ts';
import { CONTRACT_VERSION } from './openapi.ts';

/** Describes the events and the stream that carries them (AsyncAPI 3.0). */
export function asyncApiDocument(): object {
  const messages = Object.fromEntries(
    EVENT_TYPES.map((type) => [messageName(type), message(type)]),
  );
  const { document, schemas } = hoistNamedSchemas(messages, '#/components/schemas/');
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'firstcome events',
      version: CONTRACT_VERSION,
      description:
        'CloudEvents 1.0. Every event reaches every reader at least once, in the order of the log.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: {
      events: {
        address: '/v1/events/stream',
        title: 'The event log, live',
        description: 'Server-sent events; goes on after the `Last-Event-ID` that it is given.',
        messages: references('#/components/messages/'),
      },
    },
    operations: {
      sendEvents: {
        action: 'send',
        channel: { $ref: '#/channels/events' },
        summary: 'The server tells what happened.',
        messages: Object.values(references('#/channels/events/messages/')),
      },
    },
    components: { messages: document, schemas },
  };
}

function message(type: EventType): object {
  const { summary, subject, data } = EVENTS[type];
  return {
    name: fullEventType(type),
    // `title` is left out: here it would not be a schema's.
    summary,
    contentType: 'application/cloudevents+json',
    payload: {
      ...CloudEvent,
      title: `${messageName(type)}Event`,
      properties: {
        ...CloudEvent.properties,
        type: { type: 'string', const: fullEventType(type) },
        subject,
        data,
      },
    },
  };
}

function references(prefix: string): Record<string, { $ref: string }> {
  return Object.fromEntries(
    EVENT_TYPES.map((type) => [messageName(type), { $ref: prefix + messageName(type) }]),
  );
}

/** `coupon.issued` as `couponIssued`. */
function messageName(type: EventType): string {
  return type.replaceAll(/\.(\w)/g, (_, letter: string) => letter.toUpperCase());
}
