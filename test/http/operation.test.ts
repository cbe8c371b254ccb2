import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBLEMS } from '../../src/contract/problems.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

describe('every answer', () => {
  it.each([
    ['GET', '/v1/campaigns'],
    ['GET', '/docs'],
    ['GET', '/nowhere'],
    ['DELETE', '/v1/campaigns'],
    ['POST', '/v1/campaigns/cmp_x/claims'],
  ])('to %s %s bears a request id: the caller’s, if it is sane', async (method, path) => {
    const idOf = async (given: string) => {
      const headers = { 'request-id': given };
      return (await fetch(server.url + path, { method, headers })).headers.get('request-id');
    };
    expect(await idOf('mine:1.a-b_c')).toBe('mine:1.a-b_c');
    const [first, second] = [await idOf('not sane'), await idOf('x'.repeat(129))];
    expect(first).toMatch(/^[A-Za-z0-9._:-]{1,128}$/);
    expect(second).not.toBe(first);
  });

  it('to HEAD is that to GET without its body', async () => {
    for (const path of ['/v1/campaigns', '/docs', '/healthz', '/v1/campaigns/cmp_nobody']) {
      const [head, get] = await Promise.all(
        ['HEAD', 'GET'].map((method) => fetch(server.url + path, { method })),
      );
      expect(head!.status).toBe(get!.status);
      expect(head!.headers.get('content-type')).toBe(get!.headers.get('content-type'));
      expect(await head!.text()).toBe('');
    }
  });

  it.each([
    ['DELETE', '/v1/campaigns', 'GET, HEAD, POST'],
    ['PUT', '/v1/campaigns/cmp_x/claims', 'POST'],
    ['GET', '/v1/campaigns/cmp_x/claims', 'POST'],
    ['POST', '/v1/audit', 'GET, HEAD'],
    ['POST', '/docs', 'GET, HEAD'],
  ])('to %s %s says which methods there are', async (method, path, allow) => {
    const answer = await server.call(method, path);
    expect(answer.body).toMatchObject({ code: 'method-not-allowed', status: 405 });
    expect(answer.headers.get('allow')).toBe(allow);
  });

  it.each(['/v1', '/v1/nothing', '/docs/', '/V1/campaigns', '/v2/campaigns', '/%zz'])(
    'to %s, which is no path, is a problem',
    async (path) => {
      const answer = await server.call('GET', path);
      expect(['not-found', 'invalid-request']).toContain(answer.body['code']);
    },
  );
});

describe('a list', () => {
  it('is given in pages that join without a gap', async () => {
    for (let i = 0; i < 7; i++) await server.call('POST', '/v1/vendors', { name: `v${i}` });
    const names: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { body } = await server.call('GET', `/v1/vendors?limit=3${query}`);
      names.push(...(body['data'] as { name: string }[]).map(({ name }) => name));
      cursor = body['nextCursor'] as string | null;
    }
    expect(names).toEqual(['v6', 'v5', 'v4', 'v3', 'v2', 'v1', 'v0']);
  });
});

describe('a vendor and a campaign', () => {
  it('are shown with everything that the contract says', async () => {
    const vendor = await server.call('POST', '/v1/vendors', { name: 'Tea House' });
    const vendorId = vendor.body['id'] as string;
    expect(vendor.headers.get('location')).toBe(`/v1/vendors/${vendorId}`);
    expect(vendor.body).toEqual({
      id: vendorId,
      object: 'vendor',
      name: 'Tea House',
      balance: { amount: 0, currency: 'KRW' },
      createdAt: '2026-11-11T00:00:00.000Z',
    });
    expect((await server.call('GET', `/v1/vendors/${vendorId}`)).body).toEqual(vendor.body);
    const discount = { type: 'percent', percent: 10, maxAmount: 500, currency: 'KRW' };
    const body = { vendorId, title: 'Tea', discount, startsAt: '2026-11-11T09:00:00+09:00' };
    const { status, body: campaign } = await server.call('POST', '/v1/campaigns', body);
    expect(status).toBe(201);
    expect(campaign).toEqual({
      id: expect.stringMatching(/^cmp_/) as string,
      object: 'campaign',
      vendorId,
      title: 'Tea',
      status: 'open',
      discount,
      quantity: 100,
      issued: 0,
      remaining: 100,
      redeemed: 0,
      perUserLimit: 1,
      startsAt: '2026-11-11T00:00:00.000Z',
      endsAt: null,
      couponValidFor: null,
      reimbursementBps: 1000,
      createdAt: '2026-11-11T00:00:00.000Z',
    });
    const path = `/v1/campaigns/${campaign['id'] as string}`;
    const patch = { status: 'paused', quantity: 5, endsAt: '2026-12-01T00:00:00Z', title: 'More' };
    expect((await server.call('PATCH', path, patch)).body).toMatchObject({
      ...patch,
      endsAt: '2026-12-01T00:00:00.000Z',
      remaining: 5,
    });
    const reopened = await server.call('PATCH', path, { status: 'open', endsAt: null });
    expect(reopened.body).toMatchObject({ status: 'open', endsAt: null });
    await server.call('POST', `${path}/claims/batch`, { userIds: ['a', 'b'] });
    expect((await server.call('PATCH', path, { quantity: 1 })).body).toMatchObject({
      code: 'quantity-below-issued',
      status: 409,
    });
    expect((await server.call('PATCH', '/v1/campaigns/cmp_nobody', patch)).status).toBe(404);
  });
});

describe('whoever runs the server', () => {
  it('learns whether it lives, is ready, and keeps its promises', async () => {
    expect((await server.call('GET', '/healthz')).body).toEqual({ status: 'ok' });
    expect((await server.call('GET', '/readyz')).body).toEqual({ status: 'ready' });
    const audit = await server.call('GET', '/v1/audit');
    expect(audit.body['ok']).toBe(true);
    expect(audit.body['checks']).not.toHaveLength(0);
  });

  it('gets figures of claims and of requests', async () => {
    const id = await server.campaign();
    await server.call('POST', `/v1/campaigns/${id}/claims`, { userId: 'metrics' });
    const answer = await fetch(`${server.url}/metrics`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    const text = await answer.text();
    expect(text).toMatch(/^firstcome_claims_total\{outcome="issued"\} [1-9]/m);
    expect(text).toMatch(/^firstcome_ready 1$/m);
    expect(text).toMatch(/^process_cpu_seconds_total /m);
    const route = 'method="POST",route="/v1/campaigns/{campaignId}/claims"';
    expect(text).toContain(`firstcome_http_requests_total{${route},status="201"}`);
    expect(text).toContain(`firstcome_http_request_duration_seconds_count{${route}}`);
    const again = await (await fetch(`${server.url}/metrics`)).text();
    const names = again.split('\n').filter((line) => line.startsWith('# TYPE '));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the pages', () => {
  it.each(Object.keys(PROBLEMS))('explain %s', async (code) => {
    const page = await fetch(`${server.url}/problems/${code}`);
    expect(page.status).toBe(200);
    const text = await page.text();
    expect(text).toContain(code);
    expect(text).toContain(String(PROBLEMS[code as keyof typeof PROBLEMS].status));
  });

  it.each(['no-such-code', 'constructor', '%3Cscript%3E'])('do not know %s', async (code) => {
    const answer = await server.call('GET', `/problems/${code}`);
    expect(answer.body).toMatchObject({ code: 'not-found' });
  });

  it('run no scripts and load nothing, and escape what people have written', async () => {
    await server.campaign({ title: '<script>alert(1)</script>' });
    for (const path of ['/', '/docs', '/problems/sold-out']) {
      const page = await fetch(server.url + path);
      expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
      expect(page.headers.get('x-content-type-options')).toBe('nosniff');
      const text = await page.text();
      expect(text).not.toMatch(/<script|undefined|\[object|https?:/);
    }
    expect(await (await fetch(server.url)).text()).toContain('&lt;script&gt;');
  });
});
