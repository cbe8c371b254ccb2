import type { Command } from 'commander';
import type { Entry, Payout, Vendor } from '../sdk/index.ts';
import { addServerFlags, connectTo, mustHave, show } from './context.ts';
import type { Context, ServerFlags } from './context.ts';
import { moneyOf, moneyText } from './money-text.ts';
import { wholeNumber } from './option-values.ts';
import { fields, table } from './terminal.ts';

const EXAMPLES = `
Examples:
  $ firstcome vendors list
  $ firstcome vendors create --name "Han River Tea"
  $ firstcome vendors create --name "Mug & Co" --currency USD --json
  $ firstcome vendors show ven_welcome
  $ firstcome vendors entries ven_welcome --limit 50
  $ firstcome vendors payout ven_welcome --amount 500`;

export function defineVendors(command: Command, context: Context): void {
  command.addHelpText('afterAll', EXAMPLES);
  addServerFlags(command.command('list').description('vendors, newest first'))
    .option('--limit <n>', 'how many, 1 to 100', wholeNumber(1, 100), 20)
    .option('--cursor <cursor>', 'go on where the page before ended')
    .action(async (flags: ServerFlags & { limit: number; cursor?: string }) => {
      const { limit, cursor } = flags;
      const { client } = connectTo(context, flags);
      const page = mustHave(
        await client.vendors.list({ limit, ...(cursor !== undefined && { cursor }) }),
      );
      show(context, flags, page, () => listText(page.data));
      if (flags.json !== true && page.nextCursor !== null) {
        context.terminal.message(`more: --cursor ${page.nextCursor}`);
      }
    });
  addServerFlags(command.command('show <id>').description('one vendor with its balance')).action(
    async (id: string, flags: ServerFlags) => {
      const vendor = mustHave(await connectTo(context, flags).client.vendors.get(id), id);
      show(context, flags, vendor, () => vendorText(vendor));
    },
  );
  addServerFlags(command.command('create').description('register a vendor'))
    .requiredOption('--name <name>', 'its name')
    .option('--currency <code>', 'of its ledger, ISO 4217 (default: KRW)')
    .action(async (flags: ServerFlags & { name: string; currency?: string }) => {
      const { name, currency } = flags;
      const { client } = connectTo(context, flags);
      const vendor = mustHave(
        await client.vendors.create({ name, ...(currency !== undefined && { currency }) }),
      );
      show(context, flags, vendor, () => vendorText(vendor));
    });
  defineLedger(command, context);
}

function defineLedger(command: Command, context: Context): void {
  addServerFlags(command.command('entries <id>').description('a vendor’s ledger, newest first'))
    .option('--limit <n>', 'how many, 1 to 100', wholeNumber(1, 100), 20)
    .option('--cursor <cursor>', 'go on where the page before ended')
    .action(async (id: string, flags: ServerFlags & { limit: number; cursor?: string }) => {
      const { limit, cursor } = flags;
      const { client } = connectTo(context, flags);
      const page = mustHave(
        await client.vendors.entries(id, { limit, ...(cursor !== undefined && { cursor }) }),
      );
      show(context, flags, page, () => entriesText(page.data));
      if (flags.json !== true && page.nextCursor !== null) {
        context.terminal.message(`more: --cursor ${page.nextCursor}`);
      }
    });
  addServerFlags(command.command('payout <id>').description('pay a vendor out of its balance'))
    .requiredOption('--amount <n>', 'in minor units', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--currency <code>', 'ISO 4217 (default: the vendor’s)')
    .action(async (id: string, flags: ServerFlags & { amount: number; currency?: string }) => {
      const { client } = connectTo(context, flags);
      const payout = mustHave(await client.vendors.payOut(id, moneyOf(flags)));
      show(context, flags, payout, () => payoutText(payout));
    });
}

function listText(vendors: readonly Vendor[]): string {
  if (vendors.length === 0) return 'no vendors';
  const rows = vendors.map(({ id, name, balance }) => [id, moneyText(balance), name]);
  return table(['id', 'balance', 'name'], rows);
}

function vendorText(vendor: Vendor): string {
  return fields([
    ['id', vendor.id],
    ['name', vendor.name],
    ['balance', moneyText(vendor.balance)],
    ['created', vendor.createdAt],
  ]);
}

function entriesText(entries: readonly Entry[]): string {
  if (entries.length === 0) return 'no entries';
  const rows = entries.map((entry) => [
    entry.createdAt,
    entry.type,
    moneyText(entry.amount),
    moneyText(entry.balanceAfter),
    entry.redemptionId ?? entry.payoutId ?? '',
  ]);
  return table(['time', 'type', 'amount', 'balance', 'of'], rows);
}

function payoutText(payout: Payout): string {
  return fields([
    ['id', payout.id],
    ['vendor', payout.vendorId],
    ['amount', moneyText(payout.amount)],
    ['created', payout.createdAt],
  ]);
}
