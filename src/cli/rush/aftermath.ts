import { createRandom } from '../random.ts';
import { parseObject, readClaimAnswer, type ClaimAnswer, type WonCoupon } from './answer.ts';
import { HttpConnection } from './http-connection.ts';
import type { CampaignFigures } from './judge.ts';
import type { Replay } from './judge-replays.ts';
import type { RushRecord } from './load.ts';
import { keyOf, userIdOf, type RushPlan } from './plan.ts';
import { COUPONS_PAGE, type Wire } from './wire.ts';

export interface Aftermath {
  readonly plan: RushPlan;
  readonly wire: Wire;
  readonly record: RushRecord;
  readonly before: CampaignFigures;
  readonly timeoutMs: number;
}

const CONNECTIONS = 16;
const SAMPLE_PER_OUTCOME = 50;
/** Asking each loser for their coupons is bounded; beyond it the verdict says it cannot tell. */
export const USERS_ASKED_MAX = 20_000;
const PAGES_MAX = 100;

/** What the named users hold of the campaign; null for a user who could not be asked. */
export async function askHoldings(
  { plan, wire, timeoutMs }: Aftermath,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, readonly WonCoupon[] | null>> {
  const holdings = new Map<string, readonly WonCoupon[] | null>();
  await overConnections(wire, timeoutMs, userIds, async (connection, userId) => {
    const held = await holdingsOf(connection, wire, plan.campaignId, userId);
    holdings.set(userId, held.kind === 'held' ? held.coupons : null);
  });
  return holdings;
}

/** Users of the run whose answer was lost; with `all`, everyone who was not told of a coupon. */
export function usersInDoubt({ plan, record }: Aftermath, all: boolean): string[] {
  const users = new Set<number>();
  for (const [request, answer] of record.answers.entries()) {
    const isRefused = answer?.kind === 'refused' && answer.code !== 'already-claimed';
    if (answer?.kind === 'unknown' || (all && isRefused)) users.add(record.users[request]!);
  }
  return [...users].map((user) => userIdOf(plan, user));
}

/**
 * Asks a sample of winners and losers again. With idempotency keys the very answer must come back;
 * without, the record must still say of each user what they were told.
 */
export async function replaySample(aftermath: Aftermath): Promise<Replay[]> {
  const { plan, wire, record, timeoutMs } = aftermath;
  const replays: Replay[] = [];
  await overConnections(wire, timeoutMs, sampleOf(record, plan), async (connection, request) => {
    const answer = record.answers[request]!;
    const userId = userIdOf(plan, record.users[request]!);
    replays.push(
      plan.keyPrefix === null && answer.kind === 'issued'
        ? await replayByHoldings(connection, aftermath, userId, answer.coupon)
        : await replayByClaim(connection, aftermath, request, userId),
    );
  });
  return replays;
}

/** Requests to ask again: those whose answer can neither change by itself nor win anything new. */
function sampleOf(record: RushRecord, plan: RushPlan): number[] {
  const winners: number[] = [];
  const losers: number[] = [];
  for (const [request, answer] of record.answers.entries()) {
    if (answer?.kind === 'issued') winners.push(request);
    else if (answer?.kind === 'refused' && isFinal(answer.code)) losers.push(request);
  }
  const random = createRandom(plan.seed + 1);
  const sample = (requests: number[]) => {
    for (let i = 0; i < Math.min(SAMPLE_PER_OUTCOME, requests.length); i++) {
      const other = random.whole(i, requests.length - 1);
      [requests[i], requests[other]] = [requests[other]!, requests[i]!];
    }
    return requests.slice(0, SAMPLE_PER_OUTCOME);
  };
  return [...sample(winners), ...sample(losers)];
}

function isFinal(code: string): boolean {
  return code === 'sold-out' || code === 'already-claimed' || code === 'campaign-ended';
}

async function replayByClaim(
  connection: HttpConnection,
  { plan, wire, record }: Aftermath,
  request: number,
  userId: string,
): Promise<Replay> {
  const expected = record.answers[request]!;
  const key = keyOf(plan, request);
  const answer = readClaimAnswer(
    await connection.exchange(wire.claim(plan.campaignId, userId, key)),
  );
  const words = { userId, expected: inWords(expected), got: inWords(answer) };
  if (!isTelling(answer)) return { ...words, ...untelling(answer) };
  const isMarked = key === null || answer.kind !== 'issued' || answer.isReplay;
  if (!isMarked) return { ...words, got: `${words.got}, not marked as replayed`, ok: false };
  return { ...words, ok: words.expected === words.got };
}

/** Another claim could win again where the limit is above one, so what is held is read instead. */
async function replayByHoldings(
  connection: HttpConnection,
  aftermath: Aftermath,
  userId: string,
  won: WonCoupon,
): Promise<Replay> {
  const { plan, wire, before } = aftermath;
  const held = await holdingsOf(connection, wire, plan.campaignId, userId);
  const expected = `holds ${won.id}`;
  if (held.kind !== 'held') {
    return { userId, expected, got: inWords(held), ...untelling(held) };
  }
  const { coupons } = held;
  const names = coupons.map(({ id }) => id).join(', ');
  const got = coupons.length === 0 ? 'holds nothing' : `holds ${names}`;
  const same = coupons.find(({ id }) => id === won.id);
  const isSame = same?.code === won.code && same.sequence === won.sequence;
  if (!isSame || coupons.length > before.perUserLimit) return { userId, expected, got, ok: false };
  if (before.perUserLimit > 1) return { userId, expected, got, ok: true };
  const again = readClaimAnswer(
    await connection.exchange(wire.claim(plan.campaignId, userId, null)),
  );
  if (!isTelling(again)) return { userId, expected, got: inWords(again), ...untelling(again) };
  const isTold = again.kind === 'refused' && again.couponIds?.join() === won.id;
  return { userId, expected, got: inWords(again), ok: isTold };
}

/** Too busy, or no right to, neither confirms nor denies; nor does silence. */
function isTelling(answer: ClaimAnswer): boolean {
  return answer.kind === 'issued' || (answer.kind === 'refused' && isFinal(answer.code));
}

function untelling(answer: ClaimAnswer): Pick<Replay, 'ok' | 'refusedWith'> {
  return { ok: null, ...(answer.kind === 'refused' && { refusedWith: answer.code }) };
}

type Holdings =
  | { readonly kind: 'held'; readonly coupons: readonly WonCoupon[] }
  | Exclude<ClaimAnswer, { kind: 'issued' }>;

async function holdingsOf(
  connection: HttpConnection,
  wire: Wire,
  campaignId: string,
  userId: string,
): Promise<Holdings> {
  const held: WonCoupon[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_MAX; page++) {
    const exchange = await connection.exchange(wire.couponsOfUser(userId, cursor));
    if (exchange.kind !== 'answered') return exchange;
    const body = parseObject(exchange.answer.body);
    const code = body?.['code'];
    if (typeof code === 'string') return { kind: 'refused', code };
    if (!Array.isArray(body?.['data'])) return { kind: 'unknown', reason: 'no list of coupons' };
    const coupons = body['data'] as WonCoupon[];
    held.push(...coupons.filter((coupon) => coupon.campaignId === campaignId));
    const next = body['nextCursor'];
    if (typeof next !== 'string' || coupons.length < COUPONS_PAGE) {
      return { kind: 'held', coupons: held };
    }
    cursor = next;
  }
  return { kind: 'unknown', reason: `more than ${PAGES_MAX} pages of coupons` };
}

async function overConnections<Item>(
  wire: Wire,
  timeoutMs: number,
  items: readonly Item[],
  use: (connection: HttpConnection, item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const work = async () => {
    const connection = new HttpConnection(wire.origin, timeoutMs);
    // The workers share one iterator, so each item is taken once.
    for (const item of queue) await use(connection, item);
    connection.close();
  };
  await Promise.all(Array.from({ length: Math.min(CONNECTIONS, items.length) }, work));
}

function inWords(answer: ClaimAnswer): string {
  switch (answer.kind) {
    case 'issued':
      return `issued ${answer.coupon.id} number ${answer.coupon.sequence}`;
    case 'refused':
      return [answer.code, ...(answer.couponIds ?? [])].join(' ');
    case 'unknown':
    case 'unsent':
      return answer.reason;
  }
}
