import type { Answer, Origin } from '../../ports/store.ts';
import type { MemoryTables } from './tables.ts';

/** Keys forgotten in one call, so that no call runs long. */
const FORGOTTEN_MAX = 10_000;

/**
 * Does a command once for each idempotency key: a repeat gets the first answer again.
 *
 * @param consumesKey  whether an outcome is kept with the key; if not, the key stays free
 */
export function once<Outcome>(
  tables: MemoryTables,
  origin: Origin,
  nowMs: number,
  decide: () => Outcome,
  consumesKey: (outcome: Outcome) => boolean = () => true,
): Answer<Outcome> {
  const asked = origin.idempotency;
  if (asked === null) return { kind: 'decided', outcome: decide(), requestId: null };
  const first = tables.keys.get(asked.key);
  if (first === undefined) {
    const { key, fingerprint, requestId } = asked;
    const outcome = decide();
    if (consumesKey(outcome)) {
      tables.keys.set(key, { fingerprint, requestId, outcome, firstUsedAtMs: nowMs });
    }
    return { kind: 'decided', outcome, requestId };
  }
  if (first.fingerprint !== asked.fingerprint) return { kind: 'key-reused' };
  // The fingerprint covers the call, so what is stored under it is an outcome of this command.
  return { kind: 'replayed', outcome: first.outcome as Outcome, requestId: first.requestId };
}

/** Forgets keys first used before a moment, oldest first; gives how many. */
export function forgetKeysBefore(tables: MemoryTables, beforeMs: number): number {
  const old = [...tables.keys]
    .filter(([, row]) => row.firstUsedAtMs < beforeMs)
    .slice(0, FORGOTTEN_MAX);
  for (const [key] of old) tables.keys.delete(key);
  return old.length;
}
