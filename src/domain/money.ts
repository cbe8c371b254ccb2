/** An amount of money: a whole number of the currency's minor units (ISO 4217). */
export interface Money {
  /** Minor units: won for KRW, cents for USD. */
  readonly amount: number;
  /** Three capital letters of ISO 4217. */
  readonly currency: string;
}
