import type { Command } from 'commander';
import type { Campaign, Client, Vendor } from '../sdk/index.ts';
import { addServerFlags, connectTo, mustHave, show } from './context.ts';
import type { Context, ServerFlags } from './context.ts';
import { wholeNumber } from './option-values.ts';
import { createRandom, type Random } from './random.ts';
import { randomCampaign, randomUserId, randomVendor } from './random-things.ts';
import { fields } from './terminal.ts';

interface SeedFlags extends ServerFlags {
  readonly vendors: number;
  readonly campaigns: number;
  readonly users: number;
  readonly claims: number;
  readonly seed: number;
}

interface Seeded {
  readonly seed: number;
  readonly vendors: readonly string[];
  readonly campaigns: readonly string[];
  readonly users: readonly string[];
  readonly claims: { readonly issued: number; readonly refused: Readonly<Record<string, number>> };
}

/** Small enough that a few thousand claims reach many campaigns. */
const BATCH = 100;
const CLAIMS_MAX = 100_000_000;
const USERS_MAX = 10_000_000;
const SHOWN_MAX = 3;

const EXAMPLES = `
Examples:
  $ firstcome seed                                     3 vendors, 10 campaigns, 1,000 users
  $ firstcome seed --vendors 50 --campaigns 500        as many as you like
  $ firstcome seed --users 10000 --claims 50000        and claims of random users
  $ firstcome seed --seed 7 --json | jq .campaigns     the same seed makes the same things

Names, terms and who claims what depend on --seed alone; ids are the server's.`;

export function defineSeed(command: Command, context: Context): void {
  addServerFlags(command)
    .option('--vendors <n>', 'how many vendors', wholeNumber(1, 100_000), 3)
    .option('--campaigns <n>', 'how many campaigns', wholeNumber(0, 1_000_000), 10)
    .option('--users <n>', 'how many users', wholeNumber(0, USERS_MAX), 1000)
    .option('--claims <n>', 'how many claims of those users', wholeNumber(0, CLAIMS_MAX), 0)
    .option('--seed <n>', 'where the randomness begins', wholeNumber(0, 2 ** 32 - 1), 42)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: SeedFlags) => {
      const { client } = connectTo(context, flags);
      const seeded = await seed(flags, client, (text) => context.terminal.progress(text));
      context.terminal.progress('');
      show(context, flags, seeded, () => seededText(seeded));
    });
}

async function seed(
  flags: SeedFlags,
  client: Client,
  onProgress: (text: string) => void,
): Promise<Seeded> {
  // Each kind has its own stream of numbers, so that asking for more users changes no campaign.
  const streams = [0, 1, 2, 3].map((kind) => createRandom(flags.seed * 4 + kind));
  const [ofVendors, ofCampaigns, ofUsers, ofClaims] = streams as [Random, Random, Random, Random];
  const vendors: Vendor[] = [];
  for (let n = 1; n <= flags.vendors; n++) {
    onProgress(`vendor ${n} of ${flags.vendors}`);
    vendors.push(mustHave(await client.vendors.create(randomVendor(ofVendors))));
  }
  const campaigns: Campaign[] = [];
  for (let n = 1; n <= flags.campaigns; n++) {
    onProgress(`campaign ${n} of ${flags.campaigns}`);
    const campaign = randomCampaign(ofCampaigns, ofCampaigns.pick(vendors));
    campaigns.push(mustHave(await client.campaigns.create(campaign)));
  }
  const users = Array.from({ length: flags.users }, (_, index) => randomUserId(ofUsers, index + 1));
  const canClaim = campaigns.length > 0 && users.length > 0;
  const claims = canClaim
    ? await claimAtRandom(flags.claims, { client, campaigns, users, random: ofClaims, onProgress })
    : { issued: 0, refused: {} };
  return {
    seed: flags.seed,
    vendors: vendors.map(({ id }) => id),
    campaigns: campaigns.map(({ id }) => id),
    users,
    claims,
  };
}

interface ClaimsAtRandom {
  readonly client: Client;
  readonly campaigns: readonly Campaign[];
  readonly users: readonly string[];
  readonly random: Random;
  readonly onProgress: (text: string) => void;
}

async function claimAtRandom(
  count: number,
  { client, campaigns, users, random, onProgress }: ClaimsAtRandom,
): Promise<Seeded['claims']> {
  const refused: Record<string, number> = {};
  let issued = 0;
  for (let done = 0; done < count; done += BATCH) {
    onProgress(`claim ${done} of ${count}`);
    const campaign = random.pick(campaigns);
    const size = Math.min(BATCH, count - done);
    const userIds = Array.from({ length: size }, () => random.pick(users));
    const { results } = mustHave(await client.claims.createBatch(campaign.id, userIds));
    for (const { code } of results) {
      if (code === undefined) issued++;
      else refused[code] = (refused[code] ?? 0) + 1;
    }
  }
  return { issued, refused };
}

function seededText({ seed: number, vendors, campaigns, users, claims }: Seeded): string {
  const refusals = Object.entries(claims.refused).map(([code, count]) => `${code} ${count}`);
  return fields([
    ['seed', String(number)],
    ['vendors', few(vendors)],
    ['campaigns', few(campaigns)],
    ['users', few(users)],
    ['issued', String(claims.issued)],
    ['refused', refusals.join(', ') || '0'],
  ]);
}

function few(names: readonly string[]): string {
  if (names.length === 0) return '0';
  const shown = names.slice(0, SHOWN_MAX).join(', ');
  const rest = names.length - SHOWN_MAX;
  return `${names.length}: ${shown}${rest > 0 ? ` and ${rest} more` : ''}`;
}
