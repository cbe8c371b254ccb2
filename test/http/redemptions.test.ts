import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawBody, sendRaw } from './support/raw.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let server: TestServer;
let users = 0;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** Wins a coupon of a campaign for a new user; gives the coupon. */
async function winCoupon(campaignId: string): Promise<Record<string, unknown>> {
  const userId = `user-${(users += 1)}`;
  const answer = await server.call('POST', `/v1/campaigns/${campaignId}/claims`, { userId });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body;
}

/** A new coupon: of 1,000 won off, unless said otherwise. */
async function newCoupon(campaign: Readonly<Record<string, unknown>> = {}) {
  const campaignId = await server.campaign(campaign);
  const coupon = await winCoupon(campaignId);
  return { campaignId, id: coupon['id'] as string, code: coupon['code'] as string };
}

function redeem(
  idOrCode: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
): ReturnType<TestServer['call']> {
  return server.call('POST', `/v1/coupons/${idOrCode}/redemptions`, body, headers);
}

const TEN_PERCENT = { discount: { type: 'percent', percent: 10, currency: 'KRW' } };
const won = (amount: number) => ({ amount, currency: 'KRW' });

describe('a redemption', () => {
  it('takes the discount off and pays the vendor its part', async () => {
    const { id, campaignId } = await newCoupon();
    const answer = await redeem(id, { orderAmount: won(5_000), reference: '주문 17' });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      object: 'redemption',
      couponId: id,
      campaignId,
      status: 'redeemed',
      orderAmount: won(5_000),
      discount: won(1_000),
      reimbursement: won(100),
      reference: '주문 17',
      createdAt: '2026-11-11T00:00:00.000Z',
      reversedAt: null,
    });
    const location = `/v1/redemptions/${answer.body['id'] as string}`;
    expect(answer.headers.get('location')).toBe(location);
    expect((await server.call('GET', location)).body).toEqual(answer.body);
    expect((await server.call('GET', `/v1/coupons/${id}`)).body['status']).toBe('redeemed');
    const campaign = await server.call('GET', `/v1/campaigns/${campaignId}`);
    expect(campaign.body).toMatchObject({ redeemed: 1, issued: 1 });
    const vendor = await server.call('GET', `/v1/vendors/${campaign.body['vendorId'] as string}`);
    expect(vendor.body['balance']).toEqual(won(100));
  });

  it.each([
    ['no body', undefined],
    ['an empty body', {}],
  ])('needs nothing said with %s, if the discount is fixed', async (_, body) => {
    const { id } = await newCoupon();
    const { status, body: redemption } = await redeem(id, body);
    expect(status).toBe(201);
    expect(redemption).toMatchObject({
      orderAmount: null,
      discount: won(1_000),
      reimbursement: won(100),
      reference: null,
    });
  });

  it('needs no body of a request without any of its headers', async () => {
    const { id } = await newCoupon();
    const head = `POST /v1/coupons/${id}/redemptions HTTP/1.1\r\nHost: h\r\nConnection: close\r\n`;
    expect(rawBody(await sendRaw(server.port, `${head}\r\n`))).toMatchObject({ couponId: id });
  });

  it('takes a number alone as minor units of the coupon’s currency, and 0 too', async () => {
    const { id } = await newCoupon(TEN_PERCENT);
    const one = await redeem(id, { orderAmount: 12_345 });
    expect(one.body).toMatchObject({ orderAmount: won(12_345), discount: won(1_234) });
    const { id: free } = await newCoupon();
    const none = await redeem(free, { orderAmount: 0 });
    expect(none.status).toBe(201);
    expect(none.body).toMatchObject({ discount: won(0), reimbursement: won(0) });
  });

  it('finds a coupon by its code as a person types it', async () => {
    const { id, code } = await newCoupon();
    const typed = code.toLowerCase().replaceAll('-', '');
    expect((await redeem(typed)).body).toMatchObject({ couponId: id, status: 'redeemed' });
  });

  it('happens once, however many ask at the same time', async () => {
    const { id } = await newCoupon();
    const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(id)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const losers = answers.filter(({ status }) => status !== 201);
    expect(new Set(losers.map(({ body }) => body['code']))).toEqual(
      new Set(['coupon-already-redeemed']),
    );
  });
});

describe('a refused redemption', () => {
  it('is of a coupon that does not exist', async () => {
    for (const name of ['cpn_nobody', '7KQ2M-0ZP4V-T9XWB-1HCRD', 'x y']) {
      const { status, body } = await redeem(encodeURIComponent(name), {});
      expect([status, body['code']]).toEqual([404, 'coupon-not-found']);
    }
  });

  it('is of a coupon whose time has passed, before and after that is written down', async () => {
    const { id } = await newCoupon({ couponValidFor: 'PT1H' });
    server.clock.advance(60 * 60 * 1000);
    expect((await server.call('GET', `/v1/coupons/${id}`)).body['status']).toBe('expired');
    const { status, body } = await redeem(id);
    expect([status, body['code'], body['retryable']]).toEqual([409, 'coupon-expired', false]);
  });

  it('is of another currency', async () => {
    const { id } = await newCoupon();
    const { status, body } = await redeem(id, { orderAmount: { amount: 5, currency: 'USD' } });
    expect([status, body['code']]).toEqual([422, 'currency-mismatch']);
  });

  it('lacks the amount that a percentage is taken of', async () => {
    const { id } = await newCoupon(TEN_PERCENT);
    const { status, body } = await redeem(id, {});
    expect([status, body['code']]).toEqual([400, 'invalid-request']);
    expect(body['errors']).toMatchObject([{ pointer: '/orderAmount' }]);
    expect((await redeem(id, { orderAmount: 100 })).status).toBe(201);
  });

  it.each([
    ['/orderAmount', { orderAmount: -1 }],
    ['/orderAmount', { orderAmount: 1.5 }],
    ['/orderAmount', { orderAmount: '100' }],
    ['/orderAmount', { orderAmount: null }],
    ['/orderAmount', { orderAmount: 2 ** 53 }],
    ['/orderAmount/amount', { orderAmount: { amount: -1, currency: 'KRW' } }],
    ['/orderAmount/currency', { orderAmount: { amount: 1 } }],
    ['/orderAmount/currency', { orderAmount: { amount: 1, currency: 'won' } }],
    ['/orderAmount/tax', { orderAmount: { amount: 1, currency: 'KRW', tax: 1 } }],
    ['/reference', { reference: 'x'.repeat(256) }],
    ['/reference', { reference: '' }],
    ['/reference', { reference: 'a\u0000b' }],
    ['/userId', { userId: 'mina' }],
    ['', []],
  ])('points at %s of %j', async (pointer, body) => {
    const { id } = await newCoupon();
    const answer = await redeem(id, body);
    expect([answer.status, answer.body['code']]).toEqual([400, 'invalid-request']);
    const errors = answer.body['errors'] as { pointer: string }[];
    expect(errors.map((error) => error.pointer)).toContain(pointer);
    expect((await server.call('GET', `/v1/coupons/${id}`)).body['status']).toBe('issued');
  });

  it('takes the longest reference and the largest amount', async () => {
    const { id } = await newCoupon(TEN_PERCENT);
    const reference = '가'.repeat(255);
    const { status, body } = await redeem(id, { orderAmount: 2 ** 53 - 1, reference });
    expect(status).toBe(201);
    expect(body).toMatchObject({ reference, discount: won(900_719_925_474_099) });
  });
});

describe('an idempotency key of a redemption', () => {
  it('gives the first answer again, even after the redemption was reversed', async () => {
    const { id } = await newCoupon();
    const key = { 'idempotency-key': 'once' };
    const first = await redeem(id, {}, key);
    const path = `/v1/redemptions/${first.body['id'] as string}/reversals`;
    expect((await server.call('POST', path)).status).toBe(201);
    const again = await redeem(id, undefined, key);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const other = await redeem(id, { reference: 'other' }, key);
    expect(other.body['code']).toBe('idempotency-key-reused');
  });
});

describe('an idempotency key of a request that lacks the order amount', () => {
  it('is free for the request that has it', async () => {
    const { id } = await newCoupon(TEN_PERCENT);
    const key = { 'idempotency-key': 'lacking' };
    const first = await redeem(id, {}, key);
    const again = await redeem(id, {}, key);
    expect([first.status, again.status]).toEqual([400, 400]);
    expect(again.headers.get('idempotent-replayed')).toBeNull();
    expect((await redeem(id, { orderAmount: 100 }, key)).status).toBe(201);
  });
});

describe('a balance that would be beyond counting', () => {
  const ALL = {
    discount: { type: 'percent', percent: 100, currency: 'KRW' },
    reimbursementBps: 10_000,
    quantity: 2,
  };

  it('refuses the use, which can be had once the vendor is paid out', async () => {
    const campaignId = await server.campaign(ALL);
    const ids = [await winCoupon(campaignId), await winCoupon(campaignId)].map(
      (coupon) => coupon['id'] as string,
    );
    const most = { orderAmount: 2 ** 53 - 1 };
    expect((await redeem(ids[0]!, most)).status).toBe(201);
    const { status, body } = await redeem(ids[1]!, { orderAmount: 1 });
    expect([status, body['code'], body['retryable']]).toEqual([409, 'balance-limit-reached', true]);
    const later = await redeem(ids[1]!, { orderAmount: 1 }, { prefer: 'respond-async, wait=5' });
    expect([later.status, later.body['code']]).toEqual([409, 'balance-limit-reached']);
    const campaign = await server.call('GET', `/v1/campaigns/${campaignId}`);
    const payouts = `/v1/vendors/${campaign.body['vendorId'] as string}/payouts`;
    expect((await server.call('POST', payouts, { amount: 2 ** 53 - 1 })).status).toBe(201);
    expect((await redeem(ids[1]!, { orderAmount: 1 })).status).toBe(201);
  });
});

describe('an asynchronous redemption', () => {
  it('is written down, then decided', async () => {
    const { id } = await newCoupon();
    const accepted = await redeem(id, { reference: 'later' }, { prefer: 'respond-async' });
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('preference-applied')).toBe('respond-async');
    expect(accepted.body).toMatchObject({ status: 'queued', discount: null, couponId: id });
    const redemptionId = accepted.body['id'] as string;
    expect(accepted.headers.get('location')).toBe(`/v1/redemptions/${redemptionId}`);
    await server.engine.redemption(redemptionId, 5_000);
    const { body } = await server.call('GET', `/v1/redemptions/${redemptionId}`);
    expect(body).toMatchObject({ status: 'redeemed', discount: won(1_000), reference: 'later' });
  });

  it('answers with the decision if that comes within the wait', async () => {
    const { id } = await newCoupon();
    const prefer = { prefer: 'respond-async, wait=5' };
    const first = await redeem(id, {}, prefer);
    expect([first.status, first.body['status']]).toEqual([201, 'redeemed']);
    expect(first.headers.get('preference-applied')).toBe('respond-async, wait=5');
    const second = await redeem(id, {}, prefer);
    expect([second.status, second.body['code']]).toEqual([409, 'coupon-already-redeemed']);
  });

  it('that lacks the amount of a percentage is refused at once, and leaves its key', async () => {
    const { id } = await newCoupon(TEN_PERCENT);
    const headers = { prefer: 'respond-async', 'idempotency-key': 'lacking later' };
    const { status, body } = await redeem(id, {}, headers);
    expect([status, body['code']]).toEqual([400, 'invalid-request']);
    expect(body['errors']).toMatchObject([{ pointer: '/orderAmount' }]);
    expect((await redeem(id, { orderAmount: 100 }, headers)).status).toBe(202);
  });

  it('that was refused tells why, and has nothing to reverse', async () => {
    const { id } = await newCoupon();
    const dollars = { orderAmount: { amount: 5, currency: 'USD' } };
    const { body } = await redeem(id, dollars, { prefer: 'respond-async' });
    const path = `/v1/redemptions/${body['id'] as string}`;
    await server.engine.redemption(body['id'] as string, 5_000);
    expect((await server.call('GET', path)).body).toMatchObject({
      status: 'refused',
      code: 'currency-mismatch',
      discount: null,
    });
    const reversal = await server.call('POST', `${path}/reversals`);
    expect([reversal.status, reversal.body['code']]).toEqual([409, 'redemption-not-completed']);
  });

  it('of a coupon that does not exist is refused at once', async () => {
    const { status, body } = await redeem('cpn_nobody', {}, { prefer: 'respond-async' });
    expect([status, body['code']]).toEqual([404, 'coupon-not-found']);
  });
});

describe('a reversal', () => {
  it('gives the coupon back, once', async () => {
    const { id, campaignId } = await newCoupon();
    const redemption = (await redeem(id)).body;
    const path = `/v1/redemptions/${redemption['id'] as string}`;
    const reversals = await Promise.all(
      Array.from({ length: 5 }, () => server.call('POST', `${path}/reversals`, {})),
    );
    const done = reversals.filter(({ status }) => status === 201);
    expect(done).toHaveLength(1);
    expect(done[0]!.headers.get('location')).toBe(path);
    expect(done[0]!.body).toEqual({
      ...redemption,
      status: 'reversed',
      reversedAt: done[0]!.body['reversedAt'],
    });
    const others = reversals.filter(({ status }) => status !== 201);
    expect(others.map(({ body }) => body['code'])).toEqual(Array(4).fill('already-reversed'));
    expect((await server.call('GET', `/v1/coupons/${id}`)).body['status']).toBe('issued');
    expect((await server.call('GET', `/v1/campaigns/${campaignId}`)).body['redeemed']).toBe(0);
    expect((await redeem(id)).status).toBe(201);
  });

  it('of nothing is refused', async () => {
    for (const id of ['red_nobody', 'nobody']) {
      const { status, body } = await server.call('POST', `/v1/redemptions/${id}/reversals`);
      expect([status, body['code']]).toEqual([404, 'redemption-not-found']);
    }
    const known = await server.call('GET', '/v1/redemptions/red_nobody');
    expect([known.status, known.body['code']]).toEqual([404, 'redemption-not-found']);
  });

  it('takes no member', async () => {
    const { id } = await newCoupon();
    const redemption = (await redeem(id)).body['id'] as string;
    const path = `/v1/redemptions/${redemption}/reversals`;
    const { status, body } = await server.call('POST', path, { reason: 'why' });
    expect([status, body['errors']]).toEqual([
      400,
      [{ pointer: '/reason', detail: 'is not known here' }],
    ]);
  });
});

describe('the figures', () => {
  it('count redemptions by outcome, and the route by status', async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/firstcome_redemptions_total\{outcome="redeemed"\} [1-9]/);
    expect(metrics).toMatch(/firstcome_redemptions_total\{outcome="coupon-already-redeemed"\} /);
    const route = 'method="POST",route="/v1/coupons/{idOrCode}/redemptions"';
    expect(metrics).toContain(`firstcome_http_requests_total{${route},status="201"}`);
  });

  it('agree with the audit', async () => {
    const { body } = await server.call('GET', '/v1/audit');
    expect((body['checks'] as { ok: boolean }[]).filter(({ ok }) => !ok)).toEqual([]);
  });
});
