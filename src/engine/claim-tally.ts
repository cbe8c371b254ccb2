/** Counts what became of claims since the start, for /metrics. */
export class ClaimTally {
  readonly byOutcome = new Map<string, number>();
  fromMemory = 0;
  batches = 0;
  inBatches = 0;
  storeSeconds = 0;
  /** The last reason for which the holders of a sold-out campaign could not be fetched. */
  holdersUnknownBecause: unknown = null;

  /** A claim that the record decided. */
  decided(outcome: string): void {
    this.inBatches += 1;
    this.#count(outcome);
  }

  /** A claim that was refused without asking the record. */
  refusedFromMemory(code: string): void {
    this.fromMemory += 1;
    this.#count(code);
  }

  batch(seconds: number): void {
    this.batches += 1;
    this.storeSeconds += seconds;
  }

  holdersUnknown(because: unknown): void {
    this.holdersUnknownBecause = because;
  }

  #count(outcome: string): void {
    this.byOutcome.set(outcome, (this.byOutcome.get(outcome) ?? 0) + 1);
  }
}
