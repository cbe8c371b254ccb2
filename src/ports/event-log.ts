import type { DomainEvent, EventType } from '../domain/event.ts';

/** The log of everything that happened, written by the store in the transaction of each effect. */
export interface EventLog {
  /** Events after a position, oldest first, at most `limit`. */
  read(query: EventQuery): Promise<readonly DomainEvent[]>;
  /** The position of the newest committed event, 0 if there is none. */
  head(): Promise<number>;
  /** Calls back after each commit that appended; gives the function that ends it. */
  onAppended(listener: () => void): () => void;
}

export interface EventQuery {
  readonly afterPosition: number;
  readonly limit: number;
  readonly type?: EventType;
  readonly subject?: string;
}
