/** A fact that happened. Never changed, never lost; `position` is its place in the one log. */
export interface DomainEvent {
  /** 1, 2, 3 ... without gap, in the order of commits. */
  readonly position: number;
  readonly type: EventType;
  /** The id that it is about. */
  readonly subject: string;
  /** The campaign, order or vendor whose events stay in one order. */
  readonly partitionKey: string;
  readonly timeMs: number;
  /** W3C trace context of the request that caused it. */
  readonly traceparent: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The name within `dev.firstcome.NAME.v1`. */
export type EventType =
  | 'campaign.created'
  | 'campaign.updated'
  | 'coupon.issued'
  | 'claim.refused'
  | 'coupon.redeemed'
  | 'redemption.reversed'
  | 'vendor.credited'
  | 'vendor.debited';
