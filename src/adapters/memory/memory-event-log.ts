import type { EventLog, EventQuery } from '../../ports/event-log.ts';
import type { MemoryTables } from './tables.ts';

export function createMemoryEventLog(tables: MemoryTables): EventLog {
  return {
    async read({ afterPosition, limit, type, subject }: EventQuery) {
      return tables.events
        .slice(Math.max(0, afterPosition))
        .filter((event) => type === undefined || event.type === type)
        .filter((event) => subject === undefined || event.subject === subject)
        .slice(0, limit);
    },
    async head() {
      return tables.events.length;
    },
    onAppended(listener) {
      // Wrapped, so that one function may listen twice and each listening ends by itself.
      const registered = (): void => listener();
      tables.listeners.add(registered);
      return () => {
        tables.listeners.delete(registered);
      };
    },
  };
}
