import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Engine } from '../engine/engine.ts';

/** Figures of the engine and the process, read when they are asked for. */
export function createEngineMetrics({ figures, health, events }: Engine): Registry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Counter({
    name: 'firstcome_claims_total',
    help: 'Claims decided, by outcome: issued or the code of the refusal.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of figures.claimsByOutcome) this.inc({ outcome }, count);
    },
  });
  const counted: readonly (readonly [name: string, help: string, read: () => number])[] = [
    [
      'firstcome_claims_refused_from_memory_total',
      'Refusals that were answered without asking the record.',
      () => figures.refusedFromMemory,
    ],
    ['firstcome_claim_batches_total', 'Batches handed to the record.', () => figures.batches],
    [
      'firstcome_claims_in_batches_total',
      'Claims within those batches.',
      () => figures.claimsInBatches,
    ],
    [
      'firstcome_store_seconds_total',
      'Seconds that the record spent on claim batches.',
      () => figures.storeSeconds,
    ],
  ];
  for (const [name, help, read] of counted) {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }
  new Gauge({
    name: 'firstcome_claims_waiting',
    help: 'Claims that wait for the commit in flight.',
    registers,
    collect() {
      this.set(figures.claimsWaiting);
    },
  });
  new Gauge({
    name: 'firstcome_ready',
    help: '1 if everything can be served.',
    registers,
    collect() {
      this.set(health.notReadyBecause() === null ? 1 : 0);
    },
  });
  new Gauge({
    name: 'firstcome_event_log_position',
    help: 'Position of the newest event.',
    registers,
    async collect() {
      this.set(await events.head());
    },
  });
  return registry;
}
