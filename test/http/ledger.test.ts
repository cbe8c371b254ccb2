import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyAuth, OPEN_AUTH } from '../../src/http/auth.ts';
import { createHttpServer } from '../../src/http/create-http-server.ts';
import { call } from '../support/api.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let server: TestServer;
let users = 0;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const won = (amount: number) => ({ amount, currency: 'KRW' });

/** A vendor that was paid 100 won for each of so many uses; gives the redemptions too. */
async function paidVendor(uses: number): Promise<{ vendor: string; redemptions: string[] }> {
  const campaignId = await server.campaign();
  const { body } = await server.call('GET', `/v1/campaigns/${campaignId}`);
  const redemptions: string[] = [];
  for (let use = 0; use < uses; use++) {
    const userId = `user-${(users += 1)}`;
    const coupon = await server.call('POST', `/v1/campaigns/${campaignId}/claims`, { userId });
    const path = `/v1/coupons/${coupon.body['id'] as string}/redemptions`;
    redemptions.push((await server.call('POST', path)).body['id'] as string);
  }
  return { vendor: `/v1/vendors/${body['vendorId'] as string}`, redemptions };
}

async function balanceOf(vendor: string): Promise<unknown> {
  return (await server.call('GET', vendor)).body['balance'];
}

describe('a payout', () => {
  it('takes from the balance, down to nothing and never below', async () => {
    const { vendor } = await paidVendor(3);
    const first = await server.call('POST', `${vendor}/payouts`, { amount: 120 });
    expect(first.status).toBe(201);
    expect(first.body).toEqual({
      id: first.body['id'],
      object: 'payout',
      vendorId: vendor.split('/').at(-1),
      amount: won(120),
      createdAt: '2026-11-11T00:00:00.000Z',
    });
    const tooMuch = await server.call('POST', `${vendor}/payouts`, { amount: won(181) });
    expect([tooMuch.status, tooMuch.body['code']]).toEqual([409, 'insufficient-balance']);
    const rest = await server.call('POST', `${vendor}/payouts`, { amount: won(180) });
    expect(rest.status).toBe(201);
    expect(await balanceOf(vendor)).toEqual(won(0));
  });

  it('is made once by one key, and never twice of one balance', async () => {
    const { vendor } = await paidVendor(1);
    const key = { 'idempotency-key': `payout of ${vendor}` };
    const first = await server.call('POST', `${vendor}/payouts`, { amount: 60 }, key);
    const again = await server.call('POST', `${vendor}/payouts`, { amount: 60 }, key);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const rivals = await Promise.all(
      Array.from({ length: 5 }, () => server.call('POST', `${vendor}/payouts`, { amount: 40 })),
    );
    expect(rivals.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await balanceOf(vendor)).toEqual(won(0));
  });

  it.each([
    [404, 'vendor-not-found', 'ven_nobody', { amount: 1 }],
    [404, 'vendor-not-found', 'nobody', { amount: 1 }],
    [422, 'currency-mismatch', null, { amount: { amount: 1, currency: 'USD' } }],
    [400, 'invalid-request', null, { amount: 0 }],
    [400, 'invalid-request', null, { amount: -5 }],
    [400, 'invalid-request', null, { amount: 0.5 }],
    [400, 'invalid-request', null, { amount: 2 ** 53 }],
    [400, 'invalid-request', null, { amount: { amount: 0, currency: 'KRW' } }],
    [400, 'invalid-request', null, {}],
    [400, 'invalid-request', null, undefined],
  ])('is refused with %i %s', async (status, code, vendorId, body) => {
    const vendor = vendorId === null ? (await paidVendor(1)).vendor : `/v1/vendors/${vendorId}`;
    const answer = await server.call('POST', `${vendor}/payouts`, body);
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
  });
});

describe('the entries of a vendor', () => {
  it('tell every movement, newest first, with the balance after it', async () => {
    const { vendor, redemptions } = await paidVendor(2);
    const payout = await server.call('POST', `${vendor}/payouts`, { amount: 150 });
    await server.call('POST', `/v1/redemptions/${redemptions[0]!}/reversals`);
    const { body } = await server.call('GET', `${vendor}/entries`);
    const told = (body['data'] as Record<string, unknown>[]).map((entry) => [
      entry['type'],
      (entry['amount'] as { amount: number }).amount,
      (entry['balanceAfter'] as { amount: number }).amount,
      entry['redemptionId'] ?? entry['payoutId'],
    ]);
    expect(told).toEqual([
      ['reversal', -100, -50, redemptions[0]],
      ['payout', -150, 50, payout.body['id']],
      ['redemption', 100, 200, redemptions[1]],
      ['redemption', 100, 100, redemptions[0]],
    ]);
    expect(await balanceOf(vendor)).toEqual(won(-50));
  });

  it('come page by page', async () => {
    const { vendor, redemptions } = await paidVendor(3);
    const first = await server.call('GET', `${vendor}/entries?limit=2`);
    const cursor = first.body['nextCursor'] as string;
    const second = await server.call(
      'GET',
      `${vendor}/entries?limit=2&cursor=${encodeURIComponent(cursor)}`,
    );
    const ids = [first, second].flatMap(({ body }) =>
      (body['data'] as { redemptionId: string }[]).map(({ redemptionId }) => redemptionId),
    );
    expect(ids).toEqual(redemptions.toReversed());
    expect(second.body['nextCursor']).toBeNull();
    const bad = await server.call('GET', `${vendor}/entries?cursor=bad`);
    expect(bad.body['errors']).toMatchObject([{ pointer: '/cursor' }]);
  });

  it('are those of a vendor that exists', async () => {
    const { status, body } = await server.call('GET', '/v1/vendors/ven_nobody/entries');
    expect([status, body['code']]).toEqual([404, 'vendor-not-found']);
  });
});

describe('the events', () => {
  it('tell of the money beside what moved it', async () => {
    const { vendor, redemptions } = await paidVendor(1);
    await server.call('POST', `${vendor}/payouts`, { amount: 30 });
    await server.call('POST', `/v1/redemptions/${redemptions[0]!}/reversals`);
    const subject = vendor.split('/').at(-1)!;
    const { body } = await server.call('GET', `/v1/events?subject=${subject}`);
    const told = (body['data'] as { type: string; data: Record<string, unknown> }[]).map(
      ({ type, data }) => [type, data['type'], data['amount'], data['balanceAfter']],
    );
    expect(told).toEqual([
      ['dev.firstcome.vendor.credited.v1', 'redemption', won(100), won(100)],
      ['dev.firstcome.vendor.debited.v1', 'payout', won(30), won(70)],
      ['dev.firstcome.vendor.debited.v1', 'reversal', won(100), won(-30)],
    ]);
  });
});

describe('who may do what', () => {
  it('is a matter of scopes', async () => {
    const { vendor, redemptions } = await paidVendor(1);
    const keys = (['admin', 'claims:write', 'read'] as const).map((scope) => ({
      id: scope.replace(':', '-'),
      sha256: hash('sha256', scope, 'hex'),
      scopes: [scope],
      rateLimit: null,
    }));
    const guarded = await secondServer(createKeyAuth(keys));
    const calls = [
      ['POST', `${vendor}/payouts`, { amount: 1 }],
      ['GET', `${vendor}/entries`, undefined],
      ['POST', '/v1/coupons/cpn_nobody/redemptions', {}],
      ['GET', `/v1/redemptions/${redemptions[0]!}`, undefined],
      ['POST', '/v1/redemptions/red_nobody/reversals', {}],
    ] as const;
    const statuses = async (key: string) => {
      const answers = calls.map(([method, path, body]) =>
        call(guarded.url, method, path, body, { authorization: `Bearer ${key}` }),
      );
      return (await Promise.all(answers)).map(({ status }) => status);
    };
    expect(await statuses('admin')).toEqual([201, 200, 404, 200, 404]);
    expect(await statuses('claims:write')).toEqual([403, 403, 404, 403, 404]);
    expect(await statuses('read')).toEqual([403, 200, 403, 200, 403]);
    expect(await statuses('nobody')).toEqual([401, 401, 401, 401, 401]);
    await guarded.close();
  });
});

describe('the log', () => {
  it('has one line for each payout and each reversal, and none for a repeat', async () => {
    const { vendor, redemptions } = await paidVendor(1);
    const second = await secondServer(OPEN_AUTH);
    const key = { 'idempotency-key': `logged of ${vendor}` };
    for (let time = 0; time < 2; time++) {
      await call(second.url, 'POST', `${vendor}/payouts`, { amount: 1 }, key);
      await call(second.url, 'POST', `/v1/redemptions/${redemptions[0]!}/reversals`);
    }
    expect(second.lines).toMatchObject([
      ['vendor paid out', { vendorId: vendor.split('/').at(-1), amount: won(1) }],
      ['redemption reversed', { redemptionId: redemptions[0], reimbursement: won(100) }],
    ]);
    await second.close();
  });
});

/** Another server over the same engine, with its own keys and its own log. */
async function secondServer(auth: typeof OPEN_AUTH) {
  const lines: [message: string, fields: Readonly<Record<string, unknown>>][] = [];
  const write = (fields: Readonly<Record<string, unknown>>, message: string): void => {
    lines.push([message, fields]);
  };
  const { engine, clock } = server;
  const log = { info: write, warn: write, error: write };
  const http = createHttpServer({ engine, clock, auth, log });
  const url = await http.listen({ host: '127.0.0.1', port: 0 });
  return { url, lines, close: () => http.close() };
}
