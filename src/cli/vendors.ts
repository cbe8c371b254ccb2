import type { Command } from 'commander';
import type { Vendor } from '../sdk/index.ts';
import { addServerFlags, connectTo, mustHave, show } from './context.ts';
import type { Context, ServerFlags } from './context.ts';
import { wholeNumber } from './option-values.ts';
import { fields, table } from './terminal.ts';

const EXAMPLES = `
Examples:
  $ firstcome vendors list
  $ firstcome vendors create --name "Han River Tea"
  $ firstcome vendors create --name "Mug & Co" --currency USD --json
  $ firstcome vendors show ven_welcome`;

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
}

function listText(vendors: readonly Vendor[]): string {
  if (vendors.length === 0) return 'no vendors';
  const rows = vendors.map(({ id, name, balance }) => [
    id,
    `${balance.amount} ${balance.currency}`,
    name,
  ]);
  return table(['id', 'balance', 'name'], rows);
}

function vendorText(vendor: Vendor): string {
  return fields([
    ['id', vendor.id],
    ['name', vendor.name],
    ['balance', `${vendor.balance.amount} ${vendor.balance.currency}`],
    ['created', vendor.createdAt],
  ]);
}
