import type { DatabaseSync } from 'node:sqlite';
import { couponIssued } from '../../domain/campaign/campaign-events.ts';
import type { DomainEvent, EventType } from '../../domain/event.ts';
import type { EventQuery } from '../../ports/event-log.ts';
import type { CouponNames } from './coupon-names.ts';
import type { IssuedRun } from './event-appender.ts';
import { eventsOfRun, type RedeemedRun } from './redeemed-run.ts';
import type { Row } from './rows.ts';
import { prepareStatements } from './statements.ts';
import { createSubjectPositions } from './subject-positions.ts';

/** The questions that the reader's thread answers about the event log. */
export function createEventQueries(db: DatabaseSync, names: CouponNames) {
  const sql = prepareStatements(db, 'events.sql', [
    'headPosition',
    'eventsFrom',
    'eventsOfTypeFrom',
    'rowAt',
  ]);
  const positionsOf = createSubjectPositions(db, names);

  /** The next part of what a query may be after; its own type is still to be looked at. */
  const readOn = (query: EventQuery): Part => {
    const { afterPosition, limit, type, subject } = query;
    const from = afterPosition + 1;
    if (subject !== undefined) {
      const positions = positionsOf(subject, from, limit + 1);
      const events = eventsAt(positions, (position) => sql.rowAt.get(position), names);
      return { events, lastPosition: positions.length > limit ? positions.at(-1)! : null };
    }
    const rows: Row[] =
      type === undefined
        ? sql.eventsFrom.all(from, from, limit + 1)
        : sql.eventsOfTypeFrom.all(rowTypeOf(type), from, limit + 1);
    const last = rows.length > limit ? rows.at(-1)! : null;
    return {
      events: rows.flatMap((row) => eventsOf(row, from, limit, names)),
      lastPosition: last && (last['position'] as number) + (last['count'] as number) - 1,
    };
  };

  return {
    head: (): number => sql.headPosition.get()!['position'] as number,
    read: (query: EventQuery): DomainEvent[] => {
      const events: DomainEvent[] = [];
      let afterPosition: number | null = query.afterPosition;
      // Ends with the log, or earlier with a full page.
      while (afterPosition !== null) {
        const part = readOn({ ...query, afterPosition });
        for (const event of part.events) {
          if (query.type !== undefined && event.type !== query.type) continue;
          events.push(event);
          if (events.length === query.limit) return events;
        }
        afterPosition = part.lastPosition;
      }
      return events;
    },
  };
}

interface Part {
  readonly events: readonly DomainEvent[];
  /** Where to go on behind; null if nothing more is there. */
  readonly lastPosition: number | null;
}

/** What vendors are credited for uses is told in the row of these uses. */
function rowTypeOf(type: EventType): EventType {
  return type === 'vendor.credited' ? 'coupon.redeemed' : type;
}

/** Exactly the events at some positions, which ascend. */
function eventsAt(
  positions: readonly number[],
  rowAt: (position: number) => Row | undefined,
  names: CouponNames,
): DomainEvent[] {
  let row: Row | undefined;
  return positions.map((position) => {
    if (row === undefined || position >= (row['position'] as number) + (row['count'] as number)) {
      row = rowAt(position);
    }
    const event = row && eventsOf(row, position, 1, names)[0];
    if (event?.position !== position) throw new Error(`the log has nothing at ${position}`);
    return event;
  });
}

/** The events that a row stands for, from a position on, at least `countMax` if it has so many. */
function eventsOf(row: Row, from: number, countMax: number, names: CouponNames): DomainEvent[] {
  const position = row['position'] as number;
  if (row['first_sequence'] !== null) return issuedEventsOf(row, from, countMax, names);
  if (row['subject'] === null) {
    const run = JSON.parse(row['data'] as string) as RedeemedRun;
    return eventsOfRun(run, row['time'] as number)
      .map((event, index) => ({ position: position + index, ...event }))
      .filter((event) => event.position >= from);
  }
  if (position < from) return [];
  return [
    {
      position,
      type: row['type'] as EventType,
      subject: row['subject'] as string,
      partitionKey: row['partition_key'] as string,
      timeMs: row['time'] as number,
      traceparent: row['traceparent'] as string | null,
      data: JSON.parse(row['data'] as string) as Record<string, unknown>,
    },
  ];
}

function issuedEventsOf(
  row: Row,
  from: number,
  countMax: number,
  names: CouponNames,
): DomainEvent[] {
  const run = JSON.parse(row['data'] as string) as IssuedRun;
  const firstPosition = row['position'] as number;
  const firstSequence = row['first_sequence'] as number;
  const campaignNo = row['campaign_no'] as number;
  const begin = Math.max(0, from - firstPosition);
  const userIds = run.userIds.slice(begin, begin + countMax);
  const ids = names.ids(
    userIds.map((_, index) => ({ campaignNo, sequence: firstSequence + begin + index })),
  );
  return userIds.map((userId, index) => {
    const coupon = {
      id: ids[index]!,
      campaignId: row['partition_key'] as string,
      userId,
      sequence: firstSequence + begin + index,
      issuedAtMs: row['time'] as number,
      expiresAtMs: run.expiresAtMs,
    };
    const traceparent = run.traceparents?.[String(begin + index)] ?? null;
    return { position: firstPosition + begin + index, ...couponIssued(coupon, traceparent) };
  });
}
