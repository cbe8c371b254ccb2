import type { Command } from 'commander';
import type { Coupon, Redemption } from '../sdk/index.ts';
import { addServerFlags, connectTo, mustHave, show } from './context.ts';
import type { Context, ServerFlags } from './context.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { moneyOf, moneyText } from './money-text.ts';
import { wholeNumber } from './option-values.ts';
import { fields } from './terminal.ts';

const EXAMPLES = `
Examples:
  $ firstcome coupons show 7KQ2M-0ZP4V-T9XWB-1HCRD
  $ firstcome coupons show cpn_0123456789abcdef --json
  $ firstcome coupons redeem 7KQ2M-0ZP4V-T9XWB-1HCRD --order-amount 12000 --reference order-17
  $ firstcome coupons reverse red_0123456789abcdef`;

interface RedeemFlags extends ServerFlags {
  readonly orderAmount?: number;
  readonly currency?: string;
  readonly reference?: string;
}

export function defineCoupons(command: Command, context: Context): void {
  command.addHelpText('afterAll', EXAMPLES);
  addServerFlags(command.command('show <idOrCode>').description('one coupon')).action(
    async (idOrCode: string, flags: ServerFlags) => {
      const coupon = mustHave(await connectTo(context, flags).client.coupons.get(idOrCode));
      show(context, flags, coupon, () => couponText(coupon));
    },
  );
  addServerFlags(command.command('redeem <idOrCode>').description('use a coupon; pays its vendor'))
    .option(
      '--order-amount <n>',
      'what the order comes to, in minor units; a discount in percent needs it',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
    )
    .option('--currency <code>', 'of --order-amount, ISO 4217 (default: the coupon’s)')
    .option('--reference <text>', 'your own word for it, such as the number of an order')
    .action(async (idOrCode: string, flags: RedeemFlags) => {
      const { client } = connectTo(context, flags);
      const redemption = mustHave(await client.coupons.redeem(idOrCode, redemptionOf(flags)));
      show(context, flags, redemption, () => redemptionText(redemption));
    });
  addServerFlags(
    command.command('reverse <redemptionId>').description('undo the use of a coupon'),
  ).action(async (id: string, flags: ServerFlags) => {
    const redemption = mustHave(await connectTo(context, flags).client.redemptions.reverse(id));
    show(context, flags, redemption, () => redemptionText(redemption));
  });
}

function redemptionOf({ orderAmount, currency, reference }: RedeemFlags) {
  if (orderAmount === undefined && currency !== undefined) {
    throw new CommandFailure(EXIT.usage, '--currency is of --order-amount; give both');
  }
  return {
    ...(orderAmount !== undefined && {
      orderAmount: moneyOf({ amount: orderAmount, ...(currency !== undefined && { currency }) }),
    }),
    ...(reference !== undefined && { reference }),
  };
}

function couponText(coupon: Coupon): string {
  return fields([
    ['id', coupon.id],
    ['code', coupon.code],
    ['status', coupon.status],
    ['user', coupon.userId],
    ['campaign', coupon.campaignId],
    ['number', String(coupon.sequence)],
    ['issued', coupon.createdAt],
    ['expires', coupon.expiresAt ?? 'never'],
  ]);
}

function redemptionText(redemption: Redemption): string {
  const { orderAmount, discount, reimbursement, reference, reversedAt } = redemption;
  return fields([
    ['id', redemption.id],
    ['status', redemption.status],
    ['coupon', redemption.couponId],
    ['user', redemption.userId],
    ['campaign', redemption.campaignId],
    ['order', orderAmount === null ? 'not said' : moneyText(orderAmount)],
    ['discount', discount === null ? 'none' : moneyText(discount)],
    ['vendor', redemption.vendorId],
    ['reimbursement', reimbursement === null ? 'nothing' : moneyText(reimbursement)],
    ['reference', reference ?? 'none'],
    ['created', redemption.createdAt],
    ['reversed', reversedAt ?? 'no'],
  ]);
}
