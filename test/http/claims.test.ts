import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemJson } from '../../src/contract/problem-document.ts';
import { issuedCouponJson, renderIssuedCoupon } from '../../src/http/render.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const claim = (id: string, userId: string, headers?: Readonly<Record<string, string>>) =>
  server.call('POST', `/v1/campaigns/${id}/claims`, { userId }, headers);

describe('a claim', () => {
  it('is answered with the coupon and where it is', async () => {
    const id = await server.campaign({ couponValidFor: 'P30D' });
    const { status, headers, body } = await claim(id, 'mina');
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^cpn_/) as string,
      object: 'coupon',
      campaignId: id,
      userId: 'mina',
      sequence: 1,
      code: expect.stringMatching(/^[0-9A-Z]{5}(-[0-9A-Z]{5}){3}$/) as string,
      status: 'issued',
      createdAt: '2026-11-11T00:00:00.000Z',
      expiresAt: '2026-12-11T00:00:00.000Z',
    });
    expect(headers.get('location')).toBe(`/v1/coupons/${String(body['id'])}`);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    const looked = await server.call('GET', headers.get('location')!);
    expect(looked.body).toEqual(body);
    const byCode = await server.call('GET', `/v1/coupons/${String(body['code']).toLowerCase()}`);
    expect(byCode.body).toEqual(body);
  });

  it('is refused with what the user holds, before sold out is told', async () => {
    const id = await server.campaign({ quantity: 1 });
    const won = await claim(id, 'mina');
    const again = await claim(id, 'mina');
    expect(again.body).toMatchObject({
      code: 'already-claimed',
      status: 409,
      retryable: false,
      couponIds: [won.body['id']],
      instance: `/v1/campaigns/${id}/claims`,
      type: '/problems/already-claimed',
    });
    expect(again.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect((await claim(id, 'late')).body).toMatchObject({ code: 'sold-out', status: 409 });
  });

  it('before the start is told when to come back', async () => {
    const id = await server.campaign({ startsAt: '2026-11-11T00:01:30Z' });
    const { headers, body } = await claim(id, 'early');
    expect(body).toMatchObject({
      code: 'campaign-not-started',
      retryable: true,
      startsAt: '2026-11-11T00:01:30.000Z',
    });
    expect(headers.get('retry-after')).toBe('90');
  });

  it('is refused while the campaign is paused and after it has ended', async () => {
    const paused = await server.campaign();
    await server.call('PATCH', `/v1/campaigns/${paused}`, { status: 'paused' });
    expect((await claim(paused, 'mina')).body).toMatchObject({ code: 'campaign-paused' });
    const ended = await server.campaign({ endsAt: '2026-11-10T00:00:00Z' });
    expect((await claim(ended, 'mina')).body).toMatchObject({
      code: 'campaign-ended',
      endsAt: '2026-11-10T00:00:00.000Z',
    });
  });

  it('puts a sound traceparent into the event and no other', async () => {
    const id = await server.campaign();
    const sound = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const first = await claim(id, 'a', { traceparent: sound });
    const second = await claim(id, 'b', { traceparent: '00-zero-zero-01' });
    const traced = await Promise.all(
      [first, second].map(({ body }) =>
        server.call('GET', `/v1/events?subject=${String(body['id'])}`),
      ),
    );
    const events = traced.map(({ body }) => (body['data'] as Record<string, unknown>[])[0]);
    expect(events.map((event) => event?.['traceparent'])).toEqual([sound, undefined]);
  });
});

describe('a batch of claims', () => {
  it('is decided in the order given', async () => {
    const id = await server.campaign({ quantity: 2 });
    const { status, body } = await server.call('POST', `/v1/campaigns/${id}/claims/batch`, {
      userIds: ['a', 'a', 'b', 'c'],
    });
    expect(status).toBe(200);
    expect(body['results']).toMatchObject([
      { userId: 'a', coupon: { sequence: 1, userId: 'a' } },
      { userId: 'a', code: 'already-claimed' },
      { userId: 'b', coupon: { sequence: 2 } },
      { userId: 'c', code: 'sold-out' },
    ]);
    const unknown = '/v1/campaigns/cmp_nobody/claims/batch';
    const refused = await server.call('POST', unknown, { userIds: ['a'] });
    expect(refused.body).toMatchObject({ code: 'campaign-not-found' });
  });
});

describe('an asynchronous claim', () => {
  it('is taken in and can be looked at until it is decided', async () => {
    const id = await server.campaign();
    const accepted = await claim(id, 'mina', { prefer: 'respond-async' });
    expect(accepted.status).toBe(202);
    expect(accepted.body).toMatchObject({ object: 'claim', status: 'queued', userId: 'mina' });
    expect(accepted.headers.get('preference-applied')).toBe('respond-async');
    const location = accepted.headers.get('location')!;
    expect(location).toBe(`/v1/claims/${String(accepted.body['id'])}`);
    const claimId = String(accepted.body['id']);
    await server.engine.acceptedClaim(claimId, 5_000);
    const decided = await server.call('GET', location);
    expect(decided.body).toMatchObject({ status: 'issued', coupon: { userId: 'mina' } });
  });

  it('that waits is answered with the decision itself', async () => {
    const id = await server.campaign();
    const wait = { prefer: 'respond-async, wait=10' };
    const won = await claim(id, 'mina', wait);
    expect([won.status, won.body['object']]).toEqual([201, 'coupon']);
    expect(won.headers.get('preference-applied')).toBe('respond-async, wait=10');
    const again = await claim(id, 'mina', { prefer: 'respond-async, wait=999' });
    expect(again.body).toMatchObject({ code: 'already-claimed', couponIds: [won.body['id']] });
    expect(again.headers.get('preference-applied')).toBe('respond-async, wait=30');
  });

  it('tells the code of a refusal', async () => {
    const id = await server.campaign();
    await claim(id, 'mina');
    const accepted = await claim(id, 'mina', { prefer: 'respond-async' });
    await server.engine.acceptedClaim(String(accepted.body['id']), 5_000);
    const { body } = await server.call('GET', accepted.headers.get('location')!);
    expect(body).toMatchObject({ status: 'refused', code: 'already-claimed' });
    expect(body['couponIds']).toHaveLength(1);
  });

  it('of no campaign is refused at once', async () => {
    const answer = await claim('cmp_nobody', 'mina', { prefer: 'respond-async' });
    expect(answer.body).toMatchObject({ code: 'campaign-not-found' });
  });

  it('is made of nothing but the preference that is known', async () => {
    const id = await server.campaign();
    const answer = await claim(id, 'mina', { prefer: 'return=minimal, wait=5' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('preference-applied')).toBeNull();
  });
});

describe('what is written by hand for speed', () => {
  it('is what JSON.stringify would write', () => {
    const coupon = {
      id: 'cpn_1',
      campaignId: 'cmp_1',
      userId: 'A.b_c:d@e+f|g-9',
      sequence: 7,
      code: 'AAAAA-BBBBB-CCCCC-DDDDD',
      status: 'redeemed' as const,
      issuedAtMs: 1_000,
      expiresAtMs: null,
    };
    for (const expiresAtMs of [null, 86_400_000]) {
      const each = { ...coupon, expiresAtMs };
      expect(issuedCouponJson(each)).toBe(JSON.stringify(renderIssuedCoupon(each)));
    }
    const problem = { code: 'already-claimed', couponIds: ['cpn_1'] } as const;
    expect(JSON.parse(problemJson(problem, '/"', '\\'))).toMatchObject({
      instance: '/"',
      requestId: '\\',
      couponIds: ['cpn_1'],
    });
  });
});
