import { afterEach, describe, expect, it } from 'vitest';
import { StoreUnavailable, type Store } from '../../src/ports/store.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './support/test-server.ts';

let server: TestServer;

async function start(options?: TestServerOptions): Promise<void> {
  server = await startTestServer(options);
}
afterEach(() => server.close());

const claim = (id: string, userId: string, key: string, more = {}) =>
  server.call(
    'POST',
    `/v1/campaigns/${id}/claims`,
    { userId },
    { 'idempotency-key': key, ...more },
  );

describe('an idempotency key', () => {
  it('gives the first answer again, byte for byte, winners and losers alike', async () => {
    await start();
    const id = await server.campaign({ quantity: 1 });
    for (const user of ['winner', 'loser']) {
      const [first, second] = await Promise.all(
        // One after the other: the second must find the first one answered.
        [1, 2].reduce<Promise<Response>[]>((before, n) => {
          const previous = before.at(-1) ?? Promise.resolve();
          return [...before, previous.then(() => send(id, user, `request-${user}-${n}`))];
        }, []),
      );
      expect(await second!.text()).toBe(await first!.text());
      expect(second!.status).toBe(first!.status);
      expect(first!.headers.get('idempotent-replayed')).toBeNull();
      expect(second!.headers.get('idempotent-replayed')).toBe('true');
      expect(second!.headers.get('request-id')).toBe(`request-${user}-2`);
      expect(second!.headers.get('location')).toBe(first!.headers.get('location'));
    }
    expect((await server.call('GET', `/v1/campaigns/${id}`)).body['issued']).toBe(1);
  });

  const send = (id: string, userId: string, requestId: string) =>
    fetch(`${server.url}/v1/campaigns/${id}/claims`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': `key of ${userId}`,
        'request-id': requestId,
      },
      body: JSON.stringify({ userId }),
    });

  it('names the first request in a repeated refusal, and its own in the header', async () => {
    await start();
    const id = await server.campaign({ quantity: 1 });
    await claim(id, 'winner', 'w');
    await claim(id, 'loser', 'k', { 'request-id': 'first' });
    const again = await claim(id, 'loser', 'k', { 'request-id': 'second' });
    expect(again.body).toMatchObject({ code: 'sold-out', requestId: 'first' });
    expect(again.headers.get('request-id')).toBe('second');
  });

  it('may be quoted or bare', async () => {
    await start();
    const id = await server.campaign();
    await claim(id, 'mina', 'say "hi"'.slice(0, 3));
    expect((await claim(id, 'mina', '"say"')).headers.get('idempotent-replayed')).toBe('true');
  });

  it.each([
    ['empty', '""'],
    ['longer than 255', 'x'.repeat(256)],
    ['half quoted', '"half'],
    ['of other letters', 'k\u00e9y'],
  ])('is refused when %s', async (_, key) => {
    await start();
    const id = await server.campaign();
    const answer = await claim(id, 'mina', key);
    expect(answer.body).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '' }] });
    const vendor = await server.call(
      'POST',
      '/v1/vendors',
      { name: 'x' },
      { 'idempotency-key': key },
    );
    expect(vendor.body).toMatchObject({ code: 'invalid-request' });
  });

  it('is refused for another body, another path or another way of answering', async () => {
    await start();
    const [one, two] = [await server.campaign(), await server.campaign()];
    await claim(one, 'mina', 'k');
    for (const other of [
      await claim(one, 'jun', 'k'),
      await claim(two, 'mina', 'k'),
      await claim(one, 'mina', 'k', { prefer: 'respond-async' }),
      await server.call('POST', '/v1/vendors', { name: 'x' }, { 'idempotency-key': 'k' }),
    ]) {
      expect(other.body).toMatchObject({ code: 'idempotency-key-reused', status: 422 });
    }
  });

  it('does not look at the order of members or at spaces', async () => {
    await start();
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'k' };
    const [first, second] = [
      '{"name":"Tea","currency":"KRW"}',
      '{ "currency": "KRW",\n "name": "Tea" }',
    ].map((body) => () => fetch(`${server.url}/v1/vendors`, { method: 'POST', headers, body }));
    const vendor = await (await first!()).text();
    const again = await second!();
    expect([await again.text(), again.headers.get('idempotent-replayed')]).toEqual([
      vendor,
      'true',
    ]);
  });

  it('is not used up by a request that was refused as invalid', async () => {
    await start();
    const id = await server.campaign();
    expect((await claim(id, 'not fine', 'k')).status).toBe(400);
    expect((await claim(id, 'fine', 'k')).status).toBe(201);
  });

  it('of a vendor, a campaign and a batch works as that of a claim', async () => {
    await start();
    const vendorId = (await server.call('POST', '/v1/vendors', { name: 'Tea' })).body['id'];
    const discount = { type: 'fixed', amount: 1, currency: 'KRW' };
    const campaign = await server.campaign();
    const calls: readonly (readonly [string, object])[] = [
      ['/v1/vendors', { name: 'Tea' }],
      ['/v1/campaigns', { vendorId, title: 'Tea', discount, endsAt: '2026-11-11T01:00:00Z' }],
      ['/v1/campaigns', { vendorId: 'ven_nobody', title: 'Tea', discount }],
      [`/v1/campaigns/${campaign}/claims/batch`, { userIds: ['a', 'a'] }],
    ];
    for (const [i, [path, body]] of calls.entries()) {
      const headers = { 'idempotency-key': `k${i}` };
      const first = await server.call('POST', path, body, headers);
      server.clock.advance(3_600_000);
      const again = await server.call('POST', path, body, headers);
      expect(again.body).toEqual(first.body);
      expect(again.status).toBe(first.status);
      expect(again.headers.get('idempotent-replayed')).toBe('true');
    }
  });

  it('of an asynchronous claim gives the same claim again', async () => {
    await start();
    const id = await server.campaign();
    const first = await claim(id, 'mina', 'k', { prefer: 'respond-async' });
    const again = await claim(id, 'mina', 'k', { prefer: 'respond-async' });
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  it('of a request that is still running is told so', async () => {
    const gate = Promise.withResolvers<void>();
    await start({
      wrap: (store) => ({
        ...store,
        issueCoupons: async (requests) => {
          await gate.promise;
          return store.issueCoupons(requests);
        },
      }),
    });
    const id = await server.campaign();
    // One of the two runs into the gate; the other, whichever it is, is answered at once.
    const both = [claim(id, 'mina', 'k'), claim(id, 'mina', 'k')];
    const told = await Promise.race(both);
    expect(told.body).toMatchObject({
      code: 'request-in-progress',
      status: 409,
      retryable: true,
    });
    expect(told.headers.get('retry-after')).toBe('1');
    gate.resolve();
    const statuses = (await Promise.all(both)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 409]);
  });
});

describe('a record that cannot write', () => {
  it('is told as overloaded, with when to come back, and the key stays free', async () => {
    let isFull = true;
    await start({
      wrap: (store): Store => ({
        ...store,
        issueCoupons: async (requests) => {
          if (isFull) throw new StoreUnavailable('The disk is full.');
          return store.issueCoupons(requests);
        },
      }),
    });
    const id = await server.campaign();
    const refused = await claim(id, 'mina', 'k');
    expect(refused.body).toMatchObject({ code: 'overloaded', status: 503, retryable: true });
    expect(refused.headers.get('retry-after')).toBe('1');
    const ready = await server.call('GET', '/readyz');
    expect([ready.status, ready.body['detail']]).toEqual([503, 'The disk is full.']);
    expect((await server.call('GET', '/healthz')).status).toBe(200);
    isFull = false;
    expect((await claim(id, 'mina', 'k')).status).toBe(201);
  });

  it('in a way that nobody foresaw is told as internal, without a word of it', async () => {
    await start({
      wrap: (store) => ({
        ...store,
        issueCoupons: () => Promise.reject(new Error('SELECT secret FROM /var/lib')),
        campaigns: () => Promise.reject(new Error('SELECT secret FROM /var/lib')),
      }),
    });
    const id = await server.campaign();
    for (const answer of [
      await claim(id, 'mina', 'k'),
      await server.call('GET', '/v1/campaigns'),
    ]) {
      expect(answer.body).toMatchObject({ code: 'internal', status: 500, retryable: true });
      expect(JSON.stringify(answer.body)).not.toMatch(/SELECT|lib|\.ts/);
    }
    expect(server.errors).toHaveLength(2);
  });
});
