import type { Money } from '../sdk/index.ts';

/** Money as people read it here: whole minor units and the currency. */
export function moneyText({ amount, currency }: Money): string {
  return `${amount} ${currency}`;
}

/** Money as flags give it; without a currency the server takes the one that fits. */
export function moneyOf(flags: {
  readonly amount: number;
  readonly currency?: string;
}): number | Money {
  const { amount, currency } = flags;
  return currency === undefined ? amount : { amount, currency };
}
