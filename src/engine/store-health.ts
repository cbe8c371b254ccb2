import { StoreBroken, StoreUnavailable, type Store } from '../ports/store.ts';
import type { Health } from './engine.ts';

const PROBE_EVERY_MS = 1_000;

/** What is told of the record's health. */
export interface HealthReactions {
  /** Once, when nobody can say any more what is on disk. */
  readonly onBroken: (error: Error) => void;
  /** Once, when writing has begun to fail; it goes on failing until `onRecovered`. */
  readonly onPaused: (reason: string) => void;
  readonly onRecovered: () => void;
}

/**
 * Watches the record. While it cannot write, nothing is ready and a probe looks whether it can
 * again; when it is broken, the process is told to end: what is on disk is then only known to a new
 * start.
 */
export class StoreHealth implements Health {
  readonly #store: Pick<Store, 'probe'>;
  readonly #react: HealthReactions;
  #because: string | null = null;
  #isBroken = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(store: Pick<Store, 'probe'>, react: HealthReactions) {
    this.#store = store;
    this.#react = react;
  }

  notReadyBecause(): string | null {
    return this.#because;
  }

  /** Takes note of what a store method rejected with. */
  observe(error: unknown): void {
    if (error instanceof StoreBroken) this.#break(error);
    else if (error instanceof StoreUnavailable) this.#pause(error);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isBroken = true;
  }

  #break(error: StoreBroken): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#because = error.message;
    this.#react.onBroken(error);
  }

  #pause(error: StoreUnavailable): void {
    const isFirst = this.#because === null;
    this.#because = error.message;
    if (this.#isBroken) return;
    if (isFirst) this.#react.onPaused(error.message);
    this.#timer ??= setTimeout(() => void this.#probe(), PROBE_EVERY_MS).unref();
  }

  async #probe(): Promise<void> {
    try {
      await this.#store.probe();
      this.#timer = null;
      if (this.#isBroken) return;
      this.#because = null;
      this.#react.onRecovered();
    } catch (error) {
      this.#timer = null;
      this.observe(error);
    }
  }
}
