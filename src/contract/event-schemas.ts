import { Type, type TSchema } from 'typebox';
import type { EventType } from '../domain/event.ts';
import {
  Balance,
  CampaignId,
  ClaimId,
  Cursor,
  CouponId,
  Duration,
  EventId,
  moneyOrNull,
  oneOf,
  orNull,
  PageLimit,
  PayoutId,
  RedemptionId,
  Time,
  UserId,
  VendorId,
} from './primitives.ts';
import { EntryType } from './redemption-schemas.ts';
import { Discount, RefusalCode } from './schemas.ts';

/** What one type of event means and carries. */
export interface EventDefinition {
  readonly summary: string;
  /** Whose id the event's `subject` is. */
  readonly subject: TSchema;
  readonly data: TSchema;
}

const CLOSED = { additionalProperties: false } as const;

const REDEMPTION = {
  redemptionId: RedemptionId,
  couponId: CouponId,
  campaignId: CampaignId,
  vendorId: VendorId,
  userId: UserId,
} as const;

const LEDGER_ENTRY = {
  vendorId: VendorId,
  amount: Balance,
  balanceAfter: Balance,
  type: EntryType,
  redemptionId: orNull(RedemptionId, 'Of redemptions and reversals.'),
  payoutId: orNull(PayoutId, 'Of payouts.'),
} as const;

/** Every type of event that this version writes. */
export const EVENTS: Readonly<Record<EventType, EventDefinition>> = {
  'campaign.created': {
    summary: 'A campaign was created.',
    subject: CampaignId,
    data: Type.Object(
      {
        campaignId: CampaignId,
        vendorId: VendorId,
        title: Type.String(),
        discount: Discount,
        quantity: Type.Integer(),
        perUserLimit: Type.Integer(),
        startsAt: orNull(Time, 'Null: from the beginning.'),
        endsAt: orNull(Time, 'Null: without end.'),
        couponValidFor: orNull(Duration, 'Null: for ever.'),
        reimbursementBps: Type.Integer(),
      },
      { ...CLOSED, title: 'CampaignCreated' },
    ),
  },
  'campaign.updated': {
    summary: 'The owner changed a campaign.',
    subject: CampaignId,
    data: Type.Object(
      {
        campaignId: CampaignId,
        changed: Type.Array(Type.String(), { description: 'The members that have new values.' }),
        title: Type.Optional(Type.String()),
        status: Type.Optional(oneOf(['paused', 'open'], 'Whether claims are taken.')),
        quantity: Type.Optional(Type.Integer()),
        endsAt: Type.Optional(orNull(Time, 'Null: without end.')),
      },
      { ...CLOSED, title: 'CampaignUpdated' },
    ),
  },
  'coupon.issued': {
    summary: 'A user won a coupon. Its code is its owner’s secret and not told here.',
    subject: CouponId,
    data: Type.Object(
      {
        couponId: CouponId,
        campaignId: CampaignId,
        userId: UserId,
        sequence: Type.Integer({ minimum: 1 }),
        issuedAt: Time,
        expiresAt: orNull(Time, 'Null: never.'),
      },
      { ...CLOSED, title: 'CouponIssued' },
    ),
  },
  'claim.refused': {
    summary: 'An asynchronous claim was refused; one that is answered at once leaves no event.',
    subject: ClaimId,
    data: Type.Object(
      {
        claimId: ClaimId,
        campaignId: CampaignId,
        userId: UserId,
        code: RefusalCode,
      },
      { ...CLOSED, title: 'ClaimRefused' },
    ),
  },
  'coupon.redeemed': {
    summary: 'A coupon was used.',
    subject: CouponId,
    data: Type.Object(
      {
        ...REDEMPTION,
        orderAmount: moneyOrNull('What the order came to; null if nobody said.'),
        discount: Balance,
        reimbursement: Balance,
        reference: orNull(Type.String(), 'The caller’s own word for it.'),
      },
      { ...CLOSED, title: 'CouponRedeemed' },
    ),
  },
  'redemption.reversed': {
    summary: 'A redemption was undone; its coupon can be used again if its time has not passed.',
    subject: RedemptionId,
    data: Type.Object(
      { ...REDEMPTION, discount: Balance, reimbursement: Balance },
      { ...CLOSED, title: 'RedemptionReversed' },
    ),
  },
  'vendor.credited': {
    summary: 'Money was added to a vendor’s balance.',
    subject: VendorId,
    data: Type.Object(LEDGER_ENTRY, { ...CLOSED, title: 'VendorCredited' }),
  },
  'vendor.debited': {
    summary: 'Money was taken from a vendor’s balance.',
    subject: VendorId,
    data: Type.Object(LEDGER_ENTRY, { ...CLOSED, title: 'VendorDebited' }),
  },
};

export const EVENT_TYPES = Object.keys(EVENTS) as EventType[];

/** The name that goes over the wire. */
export function fullEventType(type: EventType): string {
  return `dev.firstcome.${type}.v1`;
}

const FULL_NAMES = EVENT_TYPES.map(fullEventType);
const TYPES_BY_NAME = new Map(
  EVENT_TYPES.flatMap((type) => [
    [fullEventType(type), type],
    [type, type],
  ]),
);

/** The type of a name, full or short, or undefined if there is none of that name. */
export function eventTypeOf(name: string): EventType | undefined {
  return TYPES_BY_NAME.get(name);
}

const EventTypeName = oneOf(
  [...FULL_NAMES, ...EVENT_TYPES],
  'Only events of this type, by its full name or the short one, such as `coupon.issued`.',
);
const Subject = Type.String({
  pattern: '^[A-Za-z0-9._:@+|-]{1,128}$',
  description: 'Only events about the thing of this id.',
  'x-rule': 'be an id',
});

/** The CloudEvent of a type, or of any. */
export const CloudEvent = Type.Object(
  {
    specversion: Type.Literal('1.0'),
    id: EventId,
    source: Type.Literal('/firstcome'),
    type: oneOf(FULL_NAMES, 'What happened.'),
    subject: Type.String({ description: 'The id that it is about.' }),
    time: Time,
    partitionkey: Type.String({ description: 'Events with the same one stay in their order.' }),
    traceparent: Type.Optional(
      Type.String({ description: 'W3C trace context of the request that caused it.' }),
    ),
    datacontenttype: Type.Literal('application/json'),
    data: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      anyOf: EVENT_TYPES.map((type) => EVENTS[type].data),
    }),
  },
  { ...CLOSED, title: 'CloudEvent' },
);

export const EventListQuery = Type.Object(
  {
    after: Type.Optional(EventId),
    type: Type.Optional(EventTypeName),
    subject: Type.Optional(Subject),
    limit: Type.Optional(PageLimit),
    cursor: Type.Optional(Cursor),
  },
  CLOSED,
);

export const EventStreamQuery = Type.Object(
  {
    after: Type.Optional(EventId),
    type: Type.Optional(EventTypeName),
    subject: Type.Optional(Subject),
  },
  CLOSED,
);
