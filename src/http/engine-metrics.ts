import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Engine, Figures, Health } from '../engine/engine.ts';

/** Figures of the engine and the process, read when they are asked for. */
export function createEngineMetrics({ figures, health, events }: Engine): Registry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const byOutcome = [
    [
      'firstcome_claims_total',
      'Claims decided, by outcome: issued or the code of the refusal.',
      figures.claimsByOutcome,
    ],
    [
      'firstcome_redemptions_total',
      'Uses of coupons decided, by outcome: redeemed or the code of the refusal.',
      figures.redemptionsByOutcome,
    ],
  ] as const;
  for (const [name, help, counts] of byOutcome) {
    new Counter({
      name,
      help,
      labelNames: ['outcome'],
      registers,
      collect() {
        this.reset();
        for (const [outcome, count] of counts) this.inc({ outcome }, count);
      },
    });
  }
  for (const [name, help, read] of countersOf(figures)) {
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
  for (const [name, help, read] of gaugesOf(figures, health)) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }
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

type Reading = readonly (readonly [name: string, help: string, read: () => number])[];

function countersOf(figures: Figures): Reading {
  return [
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
    [
      'firstcome_redemption_batches_total',
      'Batches of redemptions handed to the record.',
      () => figures.redemptionBatches,
    ],
    [
      'firstcome_redemptions_in_batches_total',
      'Redemptions within those batches.',
      () => figures.redemptionsInBatches,
    ],
    [
      'firstcome_redemption_store_seconds_total',
      'Seconds that the record spent on batches of redemptions.',
      () => figures.redemptionStoreSeconds,
    ],
    [
      'firstcome_coupons_expired_total',
      'Coupons that were marked as expired.',
      () => figures.couponsExpired,
    ],
  ];
}

function gaugesOf(figures: Figures, health: Health): Reading {
  return [
    [
      'firstcome_claims_waiting',
      'Claims that wait for the commit in flight.',
      () => figures.claimsWaiting,
    ],
    [
      'firstcome_redemptions_waiting',
      'Redemptions that wait for the commit in flight.',
      () => figures.redemptionsWaiting,
    ],
    [
      'firstcome_ready',
      '1 if everything can be served.',
      () => (health.notReadyBecause() === null ? 1 : 0),
    ],
  ];
}
