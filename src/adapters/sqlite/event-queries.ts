import type { DatabaseSync } from 'node:sqlite';
import { couponIssued } from '../../domain/campaign/campaign-events.ts';
import type { DomainEvent, EventType } from '../../domain/event.ts';
import type { EventQuery } from '../../ports/event-log.ts';
import type { CouponNames } from './coupon-names.ts';
import type { IssuedRun } from './event-appender.ts';
import type { Row } from './rows.ts';
import { prepareStatements } from './statements.ts';

/** The questions that the reader's thread answers about the event log. */
export function createEventQueries(db: DatabaseSync, names: CouponNames) {
  const sql = prepareStatements(db, 'queries.sql', [
    'headPosition',
    'eventsFrom',
    'eventsOfTypeFrom',
    'eventsOfSubjectFrom',
    'runOfCoupon',
  ]);

  const rowsFor = ({ afterPosition, limit, type, subject }: EventQuery): Row[] => {
    const from = afterPosition + 1;
    if (subject === undefined) {
      if (type === undefined) return sql.eventsFrom.all(from, from, limit + 1);
      return sql.eventsOfTypeFrom.all(type, from, limit + 1);
    }
    const rows: Row[] = sql.eventsOfSubjectFrom.all(subject, from, limit + 1);
    const number = names.find(subject);
    if (number === null) return rows;
    // A coupon's issue is told in a run, which has no subject of its own.
    const run = sql.runOfCoupon.get(number.campaignNo, number.sequence);
    return run === undefined ? rows : [run, ...rows];
  };

  return {
    head: (): number => sql.headPosition.get()!['position'] as number,
    read: (query: EventQuery): DomainEvent[] => {
      const events: DomainEvent[] = [];
      for (const row of rowsFor(query)) {
        for (const event of eventsOf(row, query, names)) {
          if (query.type !== undefined && event.type !== query.type) continue;
          if (query.subject !== undefined && event.subject !== query.subject) continue;
          events.push(event);
          if (events.length === query.limit) return events;
        }
      }
      return events;
    },
  };
}

/** The events that a row stands for and that lie behind the query's position. */
function* eventsOf(row: Row, query: EventQuery, names: CouponNames): Generator<DomainEvent> {
  const position = row['position'] as number;
  if (row['first_sequence'] !== null) {
    yield* issuedEventsOf(row, query, names);
  } else if (position > query.afterPosition) {
    yield {
      position,
      type: row['type'] as EventType,
      subject: row['subject'] as string,
      partitionKey: row['partition_key'] as string,
      timeMs: row['time'] as number,
      traceparent: row['traceparent'] as string | null,
      data: JSON.parse(row['data'] as string) as Record<string, unknown>,
    };
  }
}

function* issuedEventsOf(row: Row, query: EventQuery, names: CouponNames): Generator<DomainEvent> {
  const run = JSON.parse(row['data'] as string) as IssuedRun;
  const firstPosition = row['position'] as number;
  const firstSequence = row['first_sequence'] as number;
  const campaignNo = row['campaign_no'] as number;
  const begin = Math.max(0, query.afterPosition + 1 - firstPosition);
  // A subject is one coupon of the run, so only without one can the page's limit cut it.
  const end = query.subject === undefined ? begin + query.limit : run.userIds.length;
  const userIds = run.userIds.slice(begin, end);
  const ids = names.ids(
    userIds.map((_, index) => ({ campaignNo, sequence: firstSequence + begin + index })),
  );
  for (const [index, userId] of userIds.entries()) {
    const coupon = {
      id: ids[index]!,
      campaignId: row['partition_key'] as string,
      userId,
      sequence: firstSequence + begin + index,
      issuedAtMs: row['time'] as number,
      expiresAtMs: run.expiresAtMs,
    };
    const traceparent = run.traceparents?.[String(begin + index)] ?? null;
    yield { position: firstPosition + begin + index, ...couponIssued(coupon, traceparent) };
  }
}
