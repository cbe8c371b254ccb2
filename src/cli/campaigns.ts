import type { Command } from 'commander';
import type { Campaign, CampaignPatch, Discount } from '../sdk/index.ts';
import { addServerFlags, connectTo, mustHave, show } from './context.ts';
import type { Context, ServerFlags } from './context.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { wholeNumber } from './option-values.ts';
import { fields, table } from './terminal.ts';

const EXAMPLES = `
Examples:
  $ firstcome campaigns list
  $ firstcome campaigns show cmp_welcome
  $ firstcome campaigns create --vendor ven_welcome --title "Tea week" --amount 5000
  $ firstcome campaigns create --vendor ven_welcome --title "Half" --percent 50 \\
      --max-amount 10000 --quantity 1000 --starts-at 2030-01-01T00:00:00Z
  $ firstcome campaigns pause cmp_welcome
  $ firstcome campaigns open cmp_welcome
  $ firstcome campaigns update cmp_welcome --quantity 200`;

const AMOUNT_MAX = Number.MAX_SAFE_INTEGER;

interface CreateFlags extends ServerFlags {
  readonly vendor: string;
  readonly title: string;
  readonly amount?: number;
  readonly percent?: number;
  readonly maxAmount?: number;
  readonly currency: string;
  readonly quantity?: number;
  readonly perUserLimit?: number;
  readonly startsAt?: string;
  readonly endsAt?: string;
  readonly couponValidFor?: string;
  readonly reimbursementBps?: number;
}

interface UpdateFlags extends ServerFlags {
  readonly title?: string;
  readonly quantity?: number;
  readonly endsAt?: string;
}

export function defineCampaigns(command: Command, context: Context): void {
  command.addHelpText('afterAll', EXAMPLES);
  defineReading(command, context);
  defineCreate(command, context);
  defineChanging(command, context);
}

function defineReading(command: Command, context: Context): void {
  addServerFlags(command.command('list').description('campaigns, newest first'))
    .option('--limit <n>', 'how many, 1 to 100', wholeNumber(1, 100), 20)
    .option('--cursor <cursor>', 'go on where the page before ended')
    .action(async (flags: ServerFlags & { limit: number; cursor?: string }) => {
      const { limit, cursor } = flags;
      const { client } = connectTo(context, flags);
      const page = mustHave(
        await client.campaigns.list({ limit, ...(cursor !== undefined && { cursor }) }),
      );
      show(context, flags, page, () => listText(page.data));
      if (flags.json !== true && page.nextCursor !== null) {
        context.terminal.message(`more: --cursor ${page.nextCursor}`);
      }
    });
  addServerFlags(command.command('show <id>').description('one campaign')).action(
    async (id: string, flags: ServerFlags) => {
      const campaign = mustHave(await connectTo(context, flags).client.campaigns.get(id));
      show(context, flags, campaign, () => campaignText(campaign));
    },
  );
}

function defineCreate(command: Command, context: Context): void {
  addServerFlags(command.command('create').description('make a campaign'))
    .requiredOption('--vendor <id>', 'who funds it')
    .requiredOption('--title <title>', 'its title')
    .option('--amount <n>', 'a fixed discount, in minor units', wholeNumber(1, AMOUNT_MAX))
    .option('--percent <n>', 'a discount in percent', wholeNumber(1, 100))
    .option('--max-amount <n>', 'the most that --percent takes off', wholeNumber(1, AMOUNT_MAX))
    .option('--currency <code>', 'of the discount, ISO 4217', 'KRW')
    .option('--quantity <n>', 'coupons in all (default: 100)', wholeNumber(1, 10_000_000))
    .option('--per-user-limit <n>', 'coupons a user (default: 1)', wholeNumber(1, 1_000))
    .option('--starts-at <time>', 'claims are taken from then on, RFC 3339')
    .option('--ends-at <time>', 'claims are taken until then, RFC 3339')
    .option('--coupon-valid-for <duration>', 'from issue to expiry, ISO 8601, such as P30D')
    .option(
      '--reimbursement-bps <n>',
      'paid to the vendor on use, 1/10,000',
      wholeNumber(0, 10_000),
    )
    .action(async (flags: CreateFlags) => {
      const { client } = connectTo(context, flags);
      const { vendor: vendorId, title, quantity, perUserLimit, startsAt, endsAt } = flags;
      const { couponValidFor, reimbursementBps } = flags;
      const optional = {
        quantity,
        perUserLimit,
        startsAt,
        endsAt,
        couponValidFor,
        reimbursementBps,
      };
      const discount = discountOf(flags);
      const campaign = mustHave(
        await client.campaigns.create({ vendorId, title, discount, ...withoutGaps(optional) }),
      );
      show(context, flags, campaign, () => campaignText(campaign));
    });
}

function defineChanging(command: Command, context: Context): void {
  const change = async (id: string, flags: ServerFlags, patch: CampaignPatch) => {
    const campaign = mustHave(await connectTo(context, flags).client.campaigns.update(id, patch));
    show(context, flags, campaign, () => campaignText(campaign));
  };
  addServerFlags(command.command('pause <id>').description('take no claims for now')).action(
    (id: string, flags: ServerFlags) => change(id, flags, { status: 'paused' }),
  );
  addServerFlags(command.command('open <id>').description('take claims again')).action(
    (id: string, flags: ServerFlags) => change(id, flags, { status: 'open' }),
  );
  addServerFlags(command.command('update <id>').description('change a campaign'))
    .option('--title <title>', 'its title')
    .option('--quantity <n>', 'coupons in all, never below issued', wholeNumber(1, 10_000_000))
    .option('--ends-at <time>', 'claims are taken until then, RFC 3339')
    .action((id: string, flags: UpdateFlags) => {
      const patch = withoutGaps({
        title: flags.title,
        quantity: flags.quantity,
        endsAt: flags.endsAt,
      });
      if (Object.keys(patch).length === 0) {
        throw new CommandFailure(EXIT.usage, 'give --title, --quantity or --ends-at');
      }
      return change(id, flags, patch);
    });
}

function discountOf({ amount, percent, maxAmount, currency }: CreateFlags): Discount {
  if (amount !== undefined && percent === undefined && maxAmount === undefined) {
    return { type: 'fixed', amount, currency };
  }
  if (percent !== undefined && amount === undefined) {
    return { type: 'percent', percent, currency, ...withoutGaps({ maxAmount }) };
  }
  throw new CommandFailure(
    EXIT.usage,
    'give either --amount, or --percent (and --max-amount if you like)',
  );
}

type WithoutGaps<Members> = { [Name in keyof Members]?: Exclude<Members[Name], undefined> };

/** The members that were given; the server has its own defaults for the others. */
function withoutGaps<Members extends object>(members: Members): WithoutGaps<Members> {
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as WithoutGaps<Members>;
}

function listText(campaigns: readonly Campaign[]): string {
  if (campaigns.length === 0) return 'no campaigns';
  const rows = campaigns.map((campaign) => [
    campaign.id,
    campaign.status,
    `${campaign.issued}/${campaign.quantity}`,
    discountText(campaign.discount),
    campaign.title,
  ]);
  return table(['id', 'status', 'issued', 'discount', 'title'], rows);
}

function campaignText(campaign: Campaign): string {
  return fields([
    ['id', campaign.id],
    ['title', campaign.title],
    ['status', campaign.status],
    ['issued', `${campaign.issued} of ${campaign.quantity} (${campaign.remaining} remain)`],
    ['redeemed', String(campaign.redeemed)],
    ['a user', String(campaign.perUserLimit)],
    ['discount', discountText(campaign.discount)],
    ['vendor', campaign.vendorId],
    ['starts', campaign.startsAt ?? 'at once'],
    ['ends', campaign.endsAt ?? 'never'],
    ['coupons last', campaign.couponValidFor ?? 'without end'],
    ['created', campaign.createdAt],
  ]);
}

function discountText(discount: Discount): string {
  if (discount.type === 'fixed') return `${discount.amount} ${discount.currency}`;
  const most = discount.maxAmount;
  const cap = most === undefined ? '' : `, at most ${most} ${discount.currency}`;
  return `${discount.percent} %${cap}`;
}
