import { Type, type Static } from 'typebox';
import { PROBLEMS, type ProblemCode } from './problems.ts';
import {
  amountSchema,
  Balance,
  CampaignId,
  ClaimId,
  CouponId,
  Currency,
  Duration,
  oneOf,
  orNull,
  textSchema,
  Time,
  UserId,
  VendorId,
} from './primitives.ts';

export const QUANTITY_MAX = 10_000_000;
export const QUANTITY_DEFAULT = 100;
export const PER_USER_LIMIT_MAX = 1_000;
export const PER_USER_LIMIT_DEFAULT = 1;
export const REIMBURSEMENT_BPS_MAX = 10_000;
export const REIMBURSEMENT_BPS_DEFAULT = 1_000;
export const CURRENCY_DEFAULT = 'KRW';
export const BATCH_USERS_MAX = 1_000;

const CLOSED = { additionalProperties: false } as const;

export const NewVendor = Type.Object(
  {
    name: textSchema('What the vendor is called.'),
    currency: Type.Optional(
      Type.String({
        ...Currency,
        default: CURRENCY_DEFAULT,
        description: `The currency of the vendor’s ledger; ${CURRENCY_DEFAULT} unless set.`,
      }),
    ),
  },
  { ...CLOSED, title: 'NewVendor' },
);
export type NewVendor = Static<typeof NewVendor>;

export const Vendor = Type.Object(
  {
    id: VendorId,
    object: Type.Literal('vendor'),
    name: textSchema('What the vendor is called.'),
    balance: Balance,
    createdAt: Time,
  },
  { ...CLOSED, title: 'Vendor' },
);
export type Vendor = Static<typeof Vendor>;

const FixedDiscount = Type.Object(
  {
    type: Type.Literal('fixed'),
    amount: amountSchema('What is taken off, in minor units.'),
    currency: Currency,
  },
  { ...CLOSED, title: 'FixedDiscount' },
);

const PercentDiscount = Type.Object(
  {
    type: Type.Literal('percent'),
    percent: Type.Integer({ minimum: 1, maximum: 100, description: 'How much is taken off.' }),
    maxAmount: Type.Optional(amountSchema('The most that is taken off, in minor units.')),
    currency: Currency,
  },
  { ...CLOSED, title: 'PercentDiscount' },
);

/** `discriminator` has the validator judge by `type` alone, so that its words fit what is meant. */
export const Discount = Type.Unsafe<Static<typeof FixedDiscount> | Static<typeof PercentDiscount>>({
  title: 'Discount',
  description: 'What a coupon takes off the price.',
  type: 'object',
  discriminator: { propertyName: 'type' },
  required: ['type'],
  oneOf: [FixedDiscount, PercentDiscount],
});

const Quantity = Type.Integer({
  minimum: 1,
  maximum: QUANTITY_MAX,
  description: 'How many coupons there are in all.',
});

const TITLE = 'What the campaign is called.';
const STARTS_AT = 'Claims are taken from then on; null: from the beginning.';
const ENDS_AT = 'Claims are taken until then; null: without end.';
const VALID_FOR = 'How long a coupon can be used from its issue on; null: for ever.';

export const NewCampaign = Type.Object(
  {
    vendorId: VendorId,
    title: textSchema(TITLE),
    discount: Discount,
    quantity: Type.Optional(Type.Integer({ ...Quantity, default: QUANTITY_DEFAULT })),
    perUserLimit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: PER_USER_LIMIT_MAX,
        default: PER_USER_LIMIT_DEFAULT,
        description: 'How many of the coupons one user may hold.',
      }),
    ),
    startsAt: Type.Optional(orNull(Time, STARTS_AT)),
    endsAt: Type.Optional(orNull(Time, ENDS_AT)),
    couponValidFor: Type.Optional(orNull(Duration, VALID_FOR)),
    reimbursementBps: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: REIMBURSEMENT_BPS_MAX,
        default: REIMBURSEMENT_BPS_DEFAULT,
        description: 'The part of the discount that the vendor is paid on use, in 1/10,000.',
      }),
    ),
  },
  { ...CLOSED, title: 'NewCampaign' },
);
export type NewCampaign = Static<typeof NewCampaign>;

export const CampaignPatch = Type.Object(
  {
    title: Type.Optional(textSchema(TITLE)),
    status: Type.Optional(oneOf(['paused', 'open'], 'Stops the claims, or takes them again.')),
    quantity: Type.Optional(Quantity),
    endsAt: Type.Optional(orNull(Time, ENDS_AT)),
  },
  { ...CLOSED, title: 'CampaignPatch', minProperties: 1 },
);
export type CampaignPatch = Static<typeof CampaignPatch>;

const Count = Type.Integer({ minimum: 0, maximum: QUANTITY_MAX });

export const Campaign = Type.Object(
  {
    id: CampaignId,
    object: Type.Literal('campaign'),
    vendorId: VendorId,
    title: textSchema(TITLE),
    status: oneOf(
      ['scheduled', 'open', 'paused', 'soldOut', 'ended'],
      'What a new user’s claim would meet now.',
    ),
    discount: Discount,
    quantity: Quantity,
    issued: Count,
    remaining: Count,
    redeemed: Count,
    perUserLimit: Type.Integer({ minimum: 1, maximum: PER_USER_LIMIT_MAX }),
    startsAt: orNull(Time, STARTS_AT),
    endsAt: orNull(Time, ENDS_AT),
    couponValidFor: orNull(Duration, VALID_FOR),
    reimbursementBps: Type.Integer({ minimum: 0, maximum: REIMBURSEMENT_BPS_MAX }),
    createdAt: Time,
  },
  { ...CLOSED, title: 'Campaign' },
);
export type Campaign = Static<typeof Campaign>;

export const NewClaim = Type.Object({ userId: UserId }, { ...CLOSED, title: 'NewClaim' });
export type NewClaim = Static<typeof NewClaim>;

export const NewClaimBatch = Type.Object(
  {
    userIds: Type.Array(UserId, {
      minItems: 1,
      maxItems: BATCH_USERS_MAX,
      description: 'Decided in this order.',
    }),
  },
  { ...CLOSED, title: 'NewClaimBatch' },
);
export type NewClaimBatch = Static<typeof NewClaimBatch>;

export const Coupon = Type.Object(
  {
    id: CouponId,
    object: Type.Literal('coupon'),
    campaignId: CampaignId,
    userId: UserId,
    sequence: Type.Integer({
      minimum: 1,
      maximum: QUANTITY_MAX,
      description: 'Its place in the campaign, in the order of decisions, without gap or repeat.',
    }),
    code: Type.String({
      description: 'What its owner shows; it cannot be guessed.',
      examples: ['7KQ2M-0ZP4V-T9XWB-1HCRD'],
    }),
    status: oneOf(['issued', 'held', 'redeemed', 'expired'], 'Whether it can be used.'),
    createdAt: Time,
    expiresAt: orNull(Time, 'It can be used until then; null: for ever.'),
  },
  { ...CLOSED, title: 'Coupon' },
);
export type Coupon = Static<typeof Coupon>;

const CLAIM_REFUSALS = [
  'already-claimed',
  'campaign-not-started',
  'campaign-paused',
  'campaign-ended',
  'sold-out',
] as const satisfies readonly ProblemCode[];

const RefusalCode = oneOf(CLAIM_REFUSALS, 'Why there is no coupon.');

export const BatchResult = Type.Unsafe<
  { userId: string; coupon: Coupon } | { userId: string; code: (typeof CLAIM_REFUSALS)[number] }
>({
  title: 'BatchResult',
  type: 'object',
  required: ['userId'],
  oneOf: [
    Type.Object({ userId: UserId, coupon: Coupon }, CLOSED),
    Type.Object({ userId: UserId, code: RefusalCode }, CLOSED),
  ],
});

export const ClaimBatch = Type.Object(
  { results: Type.Array(BatchResult, { description: 'In the order of `userIds`.' }) },
  { ...CLOSED, title: 'ClaimBatch' },
);

export const Claim = Type.Object(
  {
    id: ClaimId,
    object: Type.Literal('claim'),
    campaignId: CampaignId,
    userId: UserId,
    status: oneOf(['queued', 'issued', 'refused'], 'Whether it is decided, and how.'),
    coupon: Type.Optional(Coupon),
    code: Type.Optional(RefusalCode),
    couponIds: Type.Optional(
      Type.Array(CouponId, { description: 'With `already-claimed`: what the user holds.' }),
    ),
    createdAt: Time,
  },
  { ...CLOSED, title: 'Claim' },
);
export type Claim = Static<typeof Claim>;

export const Audit = Type.Object(
  {
    ok: Type.Boolean({ description: 'Whether every check is.' }),
    checks: Type.Array(
      Type.Object({ name: Type.String(), ok: Type.Boolean(), detail: Type.String() }, CLOSED),
    ),
  },
  { ...CLOSED, title: 'Audit' },
);

export const HealthReport = Type.Object(
  { status: oneOf(['ok', 'ready'], 'A server that is not answers with a problem.') },
  { ...CLOSED, title: 'Health' },
);

/** RFC 9457. Codes may bring members of their own. */
export const ProblemDocument = Type.Object(
  {
    type: Type.String({ format: 'uri-reference', description: 'A page that explains the code.' }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String(),
    instance: Type.String({ description: 'The path that was asked.' }),
    code: oneOf(Object.keys(PROBLEMS) as ProblemCode[], 'Branch on this.'),
    retryable: Type.Boolean({ description: 'Whether the same request can succeed later.' }),
    requestId: Type.String({ description: 'Of the request that was decided.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object(
          {
            pointer: Type.String({
              description:
                'JSON pointer into the body, or to a parameter; empty: the whole request.',
            }),
            detail: Type.String(),
          },
          CLOSED,
        ),
        { description: 'With `invalid-request`.' },
      ),
    ),
    couponIds: Type.Optional(
      Type.Array(CouponId, { description: 'With `already-claimed`: what the user holds.' }),
    ),
    startsAt: Type.Optional(Time),
    endsAt: Type.Optional(Time),
  },
  { title: 'Problem', additionalProperties: false },
);
