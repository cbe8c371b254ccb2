import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type Campaign, type Result } from '../../src/sdk/index.ts';
import { serve, temporaryFolder, type ServerUnderTest } from '../cli/command-line.ts';

const place = temporaryFolder();
let server: ServerUnderTest;
let client: ReturnType<typeof createClient>;

beforeAll(async () => {
  server = await serve(place);
  client = createClient({ url: server.url });
});

afterAll(async () => {
  await server.end();
  place.remove();
});

function valueOf<Value>(result: Result<Value>): Value {
  if (!result.ok) expect.fail(`${result.code}: ${result.detail}`);
  return result.value;
}

/** A new campaign of the vendor that every server begins with. */
async function campaign(
  terms: { quantity?: number; perUserLimit?: number } = {},
): Promise<Campaign> {
  const discount = { type: 'percent', percent: 10, currency: 'KRW' } as const;
  return valueOf(
    await client.campaigns.create({ vendorId: 'ven_welcome', title: 'Tea', discount, ...terms }),
  );
}

describe('the client against a real server', () => {
  it('registers vendors and finds them again', async () => {
    const vendor = valueOf(await client.vendors.create({ name: 'Han River Tea', currency: 'USD' }));
    expect(valueOf(await client.vendors.get(vendor.id))).toEqual(vendor);
    expect(valueOf(await client.vendors.list({ limit: 1 })).data[0]).toEqual(vendor);
  });

  it('creates, changes and lists campaigns', async () => {
    const { id } = await campaign({ quantity: 3 });
    const paused = valueOf(await client.campaigns.update(id, { status: 'paused', quantity: 5 }));
    expect(paused).toMatchObject({ status: 'paused', quantity: 5 });
    expect(valueOf(await client.campaigns.list({ limit: 1 })).data[0]).toEqual(paused);
    expect(await client.claims.create(id, 'mina')).toMatchObject({
      ok: false,
      code: 'campaign-paused',
      retryable: true,
    });
  });

  it('claims one coupon and tells the winner again what was won', async () => {
    const { id } = await campaign({ quantity: 1 });
    const coupon = valueOf(await client.claims.create(id, 'mina'));
    expect(coupon).toMatchObject({ campaignId: id, userId: 'mina', sequence: 1 });
    expect(await client.claims.create(id, 'mina')).toMatchObject({
      code: 'already-claimed',
      couponIds: [coupon.id],
    });
    expect(await client.claims.create(id, 'jun')).toMatchObject({ ok: false, code: 'sold-out' });
    expect(valueOf(await client.coupons.get(coupon.code))).toEqual(coupon);
    expect(valueOf(await client.coupons.ofUser('mina')).data).toContainEqual(coupon);
  });

  it('gets the first answer again for the same key', async () => {
    const { id } = await campaign({ perUserLimit: 2 });
    const key = { idempotencyKey: `key-${id}` };
    const first = await client.claims.create(id, 'mina', key);
    const again = await client.claims.create(id, 'mina', key);
    expect(first).toMatchObject({ ok: true, replayed: false });
    expect(again).toMatchObject({ ok: true, replayed: true, value: valueOf(first) });
    expect(await client.claims.create(id, 'jun', key)).toMatchObject({
      code: 'idempotency-key-reused',
    });
  });

  it('claims for many in the order given', async () => {
    const { id } = await campaign({ quantity: 2 });
    const { results } = valueOf(await client.claims.createBatch(id, ['a', 'a', 'b', 'c']));
    expect(results.map(({ coupon, code }) => coupon?.sequence ?? code)).toEqual([
      1,
      'already-claimed',
      2,
      'sold-out',
    ]);
  });

  it('hands claims in and waits for what becomes of them', async () => {
    const { id } = await campaign({ quantity: 1 });
    const handedIn = valueOf(await client.claims.createAsync(id, 'mina'));
    expect(handedIn.object).toBe('claim');
    const decided = valueOf(await client.claims.wait(handedIn.id, 10));
    expect(decided).toMatchObject({ status: 'issued', coupon: { userId: 'mina', sequence: 1 } });
    const atOnce = await client.claims.createAsync(id, 'jun', { waitS: 10 });
    expect(atOnce).toMatchObject({ ok: false, code: 'sold-out' });
  });

  it('reads the log by pages and follows it live', async () => {
    const { id } = await campaign();
    const page = valueOf(await client.events.list({ subject: id }));
    const created = page.data[0]!;
    expect(created).toMatchObject({ type: 'dev.firstcome.campaign.created.v1', subject: id });
    const live = client.events.follow({ after: created.id });
    const next = live.next();
    const coupon = valueOf(await client.claims.create(id, 'mina'));
    expect((await next).value).toMatchObject({
      type: 'dev.firstcome.coupon.issued.v1',
      subject: coupon.id,
      data: { userId: 'mina', sequence: 1 },
    });
    await live.return(undefined);
  });

  it('ends following by a signal', async () => {
    const stop = new AbortController();
    const live = client.events.follow({ signal: stop.signal });
    const next = live.next();
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('points at what is wrong in a request', async () => {
    const result = await client.claims.create('cmp_welcome', 'not allowed');
    expect(result).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/userId' }] });
  });

  it('has the promises recounted', async () => {
    expect(valueOf(await client.audit())).toMatchObject({ ok: true });
  });
});
