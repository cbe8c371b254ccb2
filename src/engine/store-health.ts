import { StoreBroken, StoreUnavailable, type Store } from '../ports/store.ts';
import type { Health } from './engine.ts';

const PROBE_EVERY_MS = 1_000;

/**
 * Watches the record. While it cannot write, nothing is ready and a probe looks whether it can again;
 * when it is broken, the process is told to end: what is on disk is then only known to a new start.
 */
export class StoreHealth implements Health {
  readonly #store: Pick<Store, 'probe'>;
  readonly #onBroken: (error: Error) => void;
  readonly #onRecovered: () => void;
  #because: string | null = null;
  #isBroken = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    store: Pick<Store, 'probe'>,
    react: { readonly onBroken: (error: Error) => void; readonly onRecovered: () => void },
  ) {
    this.#store = store;
    this.#onBroken = react.onBroken;
    this.#onRecovered = react.onRecovered;
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
    this.#onBroken(error);
  }

  #pause(error: StoreUnavailable): void {
    this.#because = error.message;
    if (this.#isBroken) return;
    this.#timer ??= setTimeout(() => void this.#probe(), PROBE_EVERY_MS).unref();
  }

  async #probe(): Promise<void> {
    try {
      await this.#store.probe();
      this.#timer = null;
      if (this.#isBroken) return;
      this.#because = null;
      this.#onRecovered();
    } catch (error) {
      this.#timer = null;
      this.observe(error);
    }
  }
}
