import type { IdempotencyKey } from '../ports/store.ts';
import type { NotNow } from './engine.ts';

const RETRY_AFTER_S = 1;

/**
 * The idempotency keys of requests that are being worked on. The record knows a key only once its
 * effect is committed; between the two, this does.
 */
export class RunningKeys {
  readonly #fingerprints = new Map<string, string>();

  /** Runs a command unless one with the same key is running already. */
  async run<Result>(
    key: IdempotencyKey | null,
    command: () => Promise<Result>,
  ): Promise<Result | NotNow | { readonly kind: 'key-reused' }> {
    if (key === null) return command();
    const running = this.#fingerprints.get(key.key);
    if (running === key.fingerprint) {
      return { kind: 'not-now', code: 'request-in-progress', retryAfterS: RETRY_AFTER_S };
    }
    if (running !== undefined) return { kind: 'key-reused' };
    this.#fingerprints.set(key.key, key.fingerprint);
    try {
      return await command();
    } finally {
      this.#fingerprints.delete(key.key);
    }
  }
}
