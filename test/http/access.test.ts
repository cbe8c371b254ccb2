import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { createKeyAuth, parseApiKeys, type ApiKey, type Auth } from '../../src/http/auth.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let server: TestServer;

const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');
const row = (id: string, scopes: readonly string[], more = {}) => ({
  id,
  hash: `sha256:${sha256(`secret of ${id}`.replaceAll(' ', '-'))}`,
  scopes,
  ...more,
});
const bearer = (id: string) => ({ authorization: `Bearer secret-of-${id}` });

function keysOf(rows: readonly object[]): readonly ApiKey[] {
  const parsed = parseApiKeys({ keys: rows });
  if (!parsed.ok) throw new Error(parsed.problems.join());
  return parsed.keys;
}

function authOf(rows: readonly object[], monotonicMs?: () => number): Auth {
  return createKeyAuth(keysOf(rows), monotonicMs);
}

/** A campaign made with a key that may. */
async function createCampaign(): Promise<string> {
  const admin = bearer('boss');
  const vendor = await server.call('POST', '/v1/vendors', { name: 'Tea' }, admin);
  const discount = { type: 'fixed', amount: 1, currency: 'KRW' };
  const body = { vendorId: vendor.body['id'], title: 'Tea', discount };
  return (await server.call('POST', '/v1/campaigns', body, admin)).body['id'] as string;
}

describe('API keys', () => {
  afterEach(() => server.close());

  it('are asked for on every call but those of operation and documentation', async () => {
    server = await startTestServer({ auth: authOf([row('boss', ['admin'])]) });
    const closed: readonly (readonly [string, string, object?])[] = [
      ['POST', '/v1/vendors', { name: 'x' }],
      ['GET', '/v1/vendors'],
      ['GET', '/v1/vendors/ven_x'],
      ['GET', '/v1/campaigns'],
      ['PATCH', '/v1/campaigns/cmp_x', { title: 'x' }],
      ['POST', '/v1/campaigns/cmp_x/claims', { userId: 'x' }],
      ['POST', '/v1/campaigns/cmp_x/claims/batch', { userIds: ['x'] }],
      ['GET', '/v1/claims/clm_x'],
      ['GET', '/v1/users/x/coupons'],
      ['GET', '/v1/coupons/cpn_x'],
      ['GET', '/v1/events'],
      ['GET', '/v1/events/stream'],
      ['GET', '/v1/audit'],
      ['GET', '/metrics'],
    ];
    for (const [method, path, body] of closed) {
      for (const headers of [
        {},
        { authorization: 'Bearer wrong' },
        { authorization: 'Basic eA==' },
      ]) {
        const answer = await server.call(method, path, body, headers);
        expect([path, answer.status, answer.body['code']]).toEqual([path, 401, 'unauthenticated']);
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
      }
    }
    for (const path of ['/healthz', '/readyz', '/openapi.json', '/asyncapi.json']) {
      expect((await server.call('GET', path)).status).toBe(200);
    }
    for (const path of ['/docs', '/', '/problems/sold-out']) {
      expect((await fetch(server.url + path)).status).toBe(200);
    }
  });

  it('are refused what their scopes do not cover', async () => {
    const rows = [row('boss', ['admin']), row('shop', ['claims:write']), row('desk', ['read'])];
    server = await startTestServer({ auth: authOf(rows) });
    const id = await createCampaign();
    const statuses = async (who: string) => {
      const answers = [
        await server.call('POST', `/v1/campaigns/${id}/claims`, { userId: who }, bearer(who)),
        await server.call('GET', `/v1/campaigns/${id}`, undefined, bearer(who)),
        await server.call('GET', '/v1/audit', undefined, bearer(who)),
        await server.call('PATCH', `/v1/campaigns/${id}`, { title: who }, bearer(who)),
      ];
      return answers.map(({ status }) => status);
    };
    expect(await statuses('boss')).toEqual([201, 200, 200, 200]);
    expect(await statuses('shop')).toEqual([201, 403, 403, 403]);
    expect(await statuses('desk')).toEqual([403, 200, 403, 403]);
  });

  it('are asked about after the body and before the campaign', async () => {
    server = await startTestServer({ auth: authOf([row('boss', ['admin'])]) });
    const path = '/v1/campaigns/cmp_nobody/claims';
    expect((await server.call('POST', path, { userId: '' })).status).toBe(400);
    expect((await server.call('POST', path, { userId: 'x' })).status).toBe(401);
    expect((await server.call('POST', path, { userId: 'x' }, bearer('boss'))).status).toBe(404);
  });

  it('keep their idempotency keys to themselves', async () => {
    const rows = [row('boss', ['admin']), row('shop', ['claims:write'])];
    server = await startTestServer({ auth: authOf(rows) });
    const id = await createCampaign();
    const claim = (who: string, userId: string) =>
      server.call(
        'POST',
        `/v1/campaigns/${id}/claims`,
        { userId },
        { ...bearer(who), 'idempotency-key': 'k' },
      );
    expect((await claim('boss', 'a')).status).toBe(201);
    expect((await claim('shop', 'b')).status).toBe(201);
    expect((await claim('boss', 'b')).status).toBe(422);
  });
});

describe('a rate limit', () => {
  afterEach(() => server.close());

  it('is counted for each key, told on every answer, and over when its window is', async () => {
    let nowMs = 0;
    const rows = [
      row('boss', ['admin']),
      row('shop', ['claims:write', 'read'], { rateLimit: { limit: 2, windowS: 60 } }),
    ];
    server = await startTestServer({ auth: authOf(rows, () => nowMs) });
    const id = await createCampaign();
    const claim = (campaign: string, userId: string) =>
      server.call('POST', `/v1/campaigns/${campaign}/claims`, { userId }, bearer('shop'));
    const first = await claim(id, 'a');
    expect(first.headers.get('ratelimit-policy')).toBe('"key";q=2;w=60');
    expect(first.headers.get('ratelimit')).toBe('"key";r=1;t=60');
    nowMs = 15_000;
    const looked = await server.call('GET', `/v1/campaigns/${id}`, undefined, bearer('shop'));
    expect(looked.headers.get('ratelimit')).toBe('"key";r=0;t=45');
    const refused = await claim(id, 'b');
    expect(refused.body).toMatchObject({ code: 'rate-limited', status: 429, retryable: true });
    expect(refused.headers.get('retry-after')).toBe('45');
    expect((await claim('cmp_nobody', 'b')).status).toBe(404);
    expect((await server.call('GET', '/v1/campaigns', undefined, bearer('shop'))).status).toBe(429);
    expect((await server.call('GET', '/v1/campaigns', undefined, bearer('boss'))).status).toBe(200);
    nowMs = 60_000;
    expect((await claim(id, 'b')).status).toBe(201);
  });
});

describe('the keys file', () => {
  it.each([
    [null],
    [{}],
    [{ keys: [] }],
    [{ keys: ['x'] }],
    [{ keys: [{ id: 'a b', hash: 'sha256:x', scopes: [] }] }],
    [{ keys: [row('a', ['root'])] }],
    [{ keys: [row('a', ['read'], { note: 'x' })] }],
    [{ keys: [row('a', ['read'], { rateLimit: { limit: 0, windowS: 1 } })] }],
    [{ keys: [row('a', ['read']), row('a', ['admin'])] }],
  ])('is refused as %j, without repeating a hash', (json) => {
    const parsed = parseApiKeys(json);
    expect(parsed.ok).toBe(false);
    expect(JSON.stringify(parsed)).not.toContain(sha256('secret-of-a'));
  });
});
