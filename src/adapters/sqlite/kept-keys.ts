import type { DatabaseSync } from 'node:sqlite';
import type { Answer, IdempotencyKey } from '../../ports/store.ts';
import { prepareStatements } from './statements.ts';

/** Keys that one sweep takes away at most, so that claims never wait long for it. */
const FORGET_AT_ONCE_MAX = 1_000;

/** Idempotency keys with their first outcomes, inside the writer's open transaction. */
export class KeptKeys {
  readonly #sql;

  constructor(db: DatabaseSync) {
    this.#sql = prepareStatements(db, 'claims.sql', ['keptKey', 'insertKey', 'forgetKeys']);
  }

  /** What came of the key's first use; null if this is the first. */
  find<Outcome>({ key, fingerprint }: IdempotencyKey): Answer<Outcome> | null {
    const row = this.#sql.keptKey.get(key);
    if (row === undefined) return null;
    if (row['fingerprint'] !== fingerprint) return { kind: 'key-reused' };
    return {
      kind: 'replayed',
      outcome: JSON.parse(row['outcome'] as string) as Outcome,
      requestId: row['requestId'] as string,
    };
  }

  keep(key: IdempotencyKey, outcome: unknown, nowMs: number): void {
    this.#sql.insertKey.run(
      key.key,
      key.fingerprint,
      key.requestId,
      JSON.stringify(outcome),
      nowMs,
    );
  }

  /**
   * Runs a command unless its key was used before, and keeps its outcome.
   *
   * @param consumesKey  whether an outcome is kept with the key; if not, the key stays free
   */
  once<Outcome>(
    key: IdempotencyKey | null,
    nowMs: number,
    command: () => Outcome,
    consumesKey: (outcome: Outcome) => boolean = () => true,
  ): Answer<Outcome> {
    if (key === null) return { kind: 'decided', outcome: command(), requestId: null };
    const kept = this.find<Outcome>(key);
    if (kept !== null) return kept;
    const outcome = command();
    if (consumesKey(outcome)) this.keep(key, outcome, nowMs);
    return { kind: 'decided', outcome, requestId: key.requestId };
  }

  /** Forgets keys from before a moment; gives how many went. */
  forget(beforeMs: number): number {
    return Number(this.#sql.forgetKeys.run(beforeMs, FORGET_AT_ONCE_MAX).changes);
  }
}
