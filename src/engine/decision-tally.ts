/** Counts what became of commands of one kind since the start, for /metrics. */
export class DecisionTally {
  readonly byOutcome = new Map<string, number>();
  batches = 0;
  inBatches = 0;
  storeSeconds = 0;

  /** A command that the record decided. */
  decided(outcome: string): void {
    this.inBatches += 1;
    this.count(outcome);
  }

  batch(seconds: number): void {
    this.batches += 1;
    this.storeSeconds += seconds;
  }

  protected count(outcome: string): void {
    this.byOutcome.set(outcome, (this.byOutcome.get(outcome) ?? 0) + 1);
  }
}
