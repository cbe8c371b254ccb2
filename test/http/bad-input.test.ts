import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiAnswer } from '../support/api.ts';
import { NEW_CAMPAIGN, startTestServer, type TestServer } from './support/test-server.ts';

let server: TestServer;
let campaign: string;
let claims: string;

beforeAll(async () => {
  server = await startTestServer();
  campaign = await server.campaign();
  claims = `/v1/campaigns/${campaign}/claims`;
});
afterAll(() => server.close());

/** The pointers of a refused request. */
function pointersOf(answer: ApiAnswer): string[] {
  expect(answer.body).toMatchObject({ code: 'invalid-request', status: 400 });
  return (answer.body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer);
}

async function postText(
  path: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<ApiAnswer> {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: new Uint8Array(Buffer.from(body)),
  });
  const json = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body: json };
}

// Both ways into the server, which share their rules, are held to them.
describe.each([
  ['a claim', () => claims],
  ['a vendor', () => '/v1/vendors'],
  ['a batch', () => `${claims}/batch`],
])('the body of %s', (_, path) => {
  it.each([
    ['nothing', ''],
    ['broken JSON', '{"userId":'],
    ['two values', '{} {}'],
    ['text that is not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['a list', '[]'],
    ['a text', '"mina"'],
    ['null', 'null'],
  ])('is refused as a whole when it is %s', async (__, body) => {
    expect(pointersOf(await postText(path(), body))).toEqual(['']);
  });

  it('is refused member by member when it is empty or has unknown members', async () => {
    const answer = await postText(path(), '{"a/b~c":1,"__proto__":{},"constructor":1}');
    expect(pointersOf(answer)).toEqual(
      expect.arrayContaining(['/a~1b~0c', '/__proto__', '/constructor']),
    );
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1'])(
    'is refused as %s',
    async (type) => {
      const answer = await postText(path(), '{}', { 'content-type': type });
      expect(answer.body).toMatchObject({ code: 'unsupported-media-type', status: 415 });
    },
  );

  it('is refused when it is compressed or its media type cannot be read', async () => {
    const gzip = await postText(path(), '{}', { 'content-encoding': 'gzip' });
    expect(gzip.status).toBe(415);
    const broken = await postText(path(), '{}', { 'content-type': '////' });
    expect(broken.body).toMatchObject({ code: 'unsupported-media-type' });
  });
});

describe('a body that is too large', () => {
  it.each([
    ['a claim', () => claims, 64],
    ['a vendor', () => '/v1/vendors', 64],
    ['a batch', () => `${claims}/batch`, 1024],
  ])('of %s is refused, announced or not', async (_, path, limitKiB) => {
    const text = JSON.stringify({ userId: 'a'.repeat(limitKiB * 1024) });
    const announced = await postText(path(), text);
    expect(announced.body).toMatchObject({ code: 'payload-too-large', status: 413 });
    const streamed = await fetch(server.url + path(), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob([text]).stream(),
      duplex: 'half',
    });
    expect(streamed.status).toBe(413);
  });

  it('is taken up to the last byte that is allowed', async () => {
    const pad = ' '.repeat(64 * 1024 - '{"userId":"edge"}'.length);
    expect((await postText(claims, `{"userId":"edge"}${pad}`)).status).toBe(201);
    expect((await postText(claims, `{"userId":"edge"}${pad} `)).status).toBe(413);
  });
});

describe('a user id', () => {
  it.each([
    ['empty', ''],
    ['too long', 'a'.repeat(129)],
    ['with a space', 'a b'],
    ['with a control character', 'a\u0000'],
    ['with a line feed at its end', 'mina\n'],
    ['with a lone surrogate', '\ud800'],
    ['of other letters', '미나'],
    ['a number', 7],
    ['null', null],
    ['a list', ['mina']],
  ])('is refused when %s', async (_, userId) => {
    expect(pointersOf(await server.call('POST', claims, { userId }))).toEqual(['/userId']);
  });

  it('is refused within a batch, by its place', async () => {
    const body = { userIds: ['fine', 'not fine', 5] };
    const answer = await server.call('POST', `${claims}/batch`, body);
    expect(pointersOf(answer)).toEqual(['/userIds/1', '/userIds/2']);
  });

  it('is refused in a path', async () => {
    const answer = await server.call('GET', '/v1/users/mi%20na/coupons');
    expect(pointersOf(answer)).toEqual(['/userId']);
  });

  it.each(['a'.repeat(128), 'A.b_c:d@e+f|g-9'])('is taken as %s', async (userId) => {
    expect((await server.call('POST', claims, { userId })).status).toBe(201);
    const path = `/v1/users/${encodeURIComponent(userId)}/coupons`;
    expect((await server.call('GET', path)).body['data']).toHaveLength(1);
  });
});

describe('a batch', () => {
  it.each([
    ['of nobody', []],
    ['of 1,001 users', Array.from({ length: 1_001 }, (_, i) => `u${i}`)],
  ])('%s is refused', async (_, userIds) => {
    const answer = await server.call('POST', `${claims}/batch`, { userIds });
    expect(pointersOf(answer)).toEqual(['/userIds']);
  });

  it('of a megabyte of nonsense is refused with few words', async () => {
    const userIds = Array.from({ length: 200_000 }, () => 1);
    const answer = await server.call('POST', `${claims}/batch`, { userIds });
    expect(pointersOf(answer)).toHaveLength(1);
  });
});

describe('a campaign', () => {
  const create = async (members: Readonly<Record<string, unknown>>) =>
    server.call('POST', '/v1/campaigns', { ...NEW_CAMPAIGN, vendorId: 'ven_test1', ...members });

  it.each([
    ['/quantity', { quantity: 0 }],
    ['/quantity', { quantity: 10_000_001 }],
    ['/quantity', { quantity: 1.5 }],
    ['/quantity', { quantity: '100' }],
    ['/quantity', { quantity: 1e300 }],
    ['/perUserLimit', { perUserLimit: 0 }],
    ['/reimbursementBps', { reimbursementBps: -1 }],
    ['/reimbursementBps', { reimbursementBps: 10_001 }],
    ['/title', { title: '' }],
    ['/title', { title: '   ' }],
    ['/title', { title: 'a\u0007b' }],
    ['/title', { title: 'a\u2028b' }],
    ['/title', { title: 'half \udc00' }],
    ['/title', { title: 'x'.repeat(201) }],
    ['/vendorId', { vendorId: 'ven_' }],
    ['/vendorId', { vendorId: 'cmp_1' }],
    ['/startsAt', { startsAt: '2026-11-11' }],
    ['/startsAt', { startsAt: '2026-02-30T00:00:00Z' }],
    ['/startsAt', { startsAt: '2026-11-11T00:00:00' }],
    ['/startsAt', { startsAt: 1_794_355_200_000 }],
    ['/couponValidFor', { couponValidFor: '30 days' }],
    ['/couponValidFor', { couponValidFor: 'PT0S' }],
    ['/discount', { discount: 5 }],
    ['/discount/type', { discount: { type: 'gift' } }],
    ['/discount/type', { discount: {} }],
    ['/discount/amount', { discount: { type: 'fixed', amount: 0, currency: 'KRW' } }],
    ['/discount/amount', { discount: { type: 'fixed', amount: 2 ** 53, currency: 'KRW' } }],
    ['/discount/currency', { discount: { type: 'fixed', amount: 1, currency: 'XYZ' } }],
    ['/discount/percent', { discount: { type: 'percent', percent: 101, currency: 'KRW' } }],
    ['/discount/amount', { discount: { type: 'percent', percent: 5, currency: 'KRW', amount: 1 } }],
  ])('is refused for its %s: %j', async (pointer, members) => {
    expect(pointersOf(await create(members))).toEqual([pointer]);
  });

  it('is refused when its window ends before or as it starts', async () => {
    const startsAt = '2026-11-11T10:00:00Z';
    for (const endsAt of ['2026-11-11T09:00:00Z', '2026-11-11T19:00:00+09:00']) {
      expect(pointersOf(await create({ startsAt, endsAt }))).toEqual(['/endsAt']);
    }
    const { status, body } = await create({ endsAt: '2020-01-01T00:00:00Z' });
    expect([status, body['status']]).toEqual([201, 'ended']);
  });

  it('is refused for a vendor that nobody knows, or another currency', async () => {
    expect((await create({ vendorId: 'ven_nobody' })).body).toMatchObject({
      code: 'vendor-not-found',
    });
    const usd = { type: 'fixed', amount: 1, currency: 'USD' };
    expect((await create({ discount: usd })).body).toMatchObject({
      code: 'currency-mismatch',
      status: 422,
    });
  });

  it('changes nothing when a change of it is refused', async () => {
    const before = await server.call('GET', `/v1/campaigns/${campaign}`);
    const refused: readonly (readonly [string, object])[] = [
      ['/quantity', { quantity: 0, title: 'Other' }],
      ['/status', { status: 'closed' }],
      ['/vendorId', { vendorId: 'ven_test1' }],
      ['', {}],
    ];
    for (const [pointer, patch] of refused) {
      const answer = await server.call('PATCH', `/v1/campaigns/${campaign}`, patch);
      expect(pointersOf(answer)).toEqual([pointer]);
    }
    const after = await server.call('GET', `/v1/campaigns/${campaign}`);
    expect(after.body).toEqual(before.body);
  });

  it('has every fault told at once', async () => {
    const answer = await server.call('POST', '/v1/campaigns', { quantity: 0, colour: 'red' });
    expect(pointersOf(answer).sort()).toEqual([
      '/colour',
      '/discount',
      '/quantity',
      '/title',
      '/vendorId',
    ]);
  });
});

describe('an id in a path', () => {
  it.each([
    ['/v1/vendors/nobody', 'vendor-not-found'],
    ['/v1/vendors/ven_nobody', 'vendor-not-found'],
    ['/v1/campaigns/cmp_nobody', 'campaign-not-found'],
    ['/v1/campaigns/..%2f..', 'campaign-not-found'],
    ['/v1/claims/clm_nobody', 'claim-not-found'],
    ['/v1/coupons/cpn_nobody', 'coupon-not-found'],
    ['/v1/coupons/%00', 'coupon-not-found'],
  ])('%s leads to %s', async (path, code) => {
    expect((await server.call('GET', path)).body).toMatchObject({ code, status: 404 });
  });

  it.each(['cmp_nobody', 'nonsense', '%ff', `cmp_${'x'.repeat(300)}`])(
    'of a claim, %s, leads to campaign-not-found',
    async (id) => {
      const answer = await server.call('POST', `/v1/campaigns/${id}/claims`, { userId: 'mina' });
      expect(answer.body).toMatchObject({ code: 'campaign-not-found', status: 404 });
    },
  );

  it('may be escaped without need', async () => {
    const escaped = campaign.replace('_', '%5F');
    const body = { userId: 'escaper' };
    expect((await server.call('POST', `/v1/campaigns/${escaped}/claims`, body)).status).toBe(201);
    expect((await server.call('GET', `/v1/campaigns/${escaped}`)).status).toBe(200);
  });
});

describe('a query', () => {
  it.each([
    ['/v1/campaigns?limit=0', '/limit'],
    ['/v1/campaigns?limit=101', '/limit'],
    ['/v1/campaigns?limit=ten', '/limit'],
    ['/v1/campaigns?limit=5&limit=6', '/limit'],
    ['/v1/campaigns?page=2', '/page'],
    ['/v1/campaigns?cursor=made-up', '/cursor'],
    ['/v1/vendors?cursor=', '/cursor'],
    ['/v1/events?after=5', '/after'],
    ['/v1/events?type=coupon.eaten', '/type'],
    ['/v1/events?cursor=made-up', '/cursor'],
    ['/v1/audit?deep=1', '/deep'],
  ])('%s is refused at %s', async (path, pointer) => {
    expect(pointersOf(await server.call('GET', path))).toEqual([pointer]);
  });

  it('of a claim is refused', async () => {
    const answer = await server.call('POST', `${claims}?dry=1`, { userId: 'mina' });
    expect(pointersOf(answer)).toEqual(['']);
  });
});
