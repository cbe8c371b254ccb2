import { DecisionTally } from './decision-tally.ts';

/** Counts what became of claims since the start, for /metrics. */
export class ClaimTally extends DecisionTally {
  fromMemory = 0;
  /** The last reason for which the holders of a sold-out campaign could not be fetched. */
  holdersUnknownBecause: unknown = null;

  /** A claim that was refused without asking the record. */
  refusedFromMemory(code: string): void {
    this.fromMemory += 1;
    this.count(code);
  }

  holdersUnknown(because: unknown): void {
    this.holdersUnknownBecause = because;
  }
}
