import { describe, expect, it } from 'vitest';
import { createClient } from '../../src/sdk/index.ts';
import { readServerSentEvents } from '../../src/sdk/server-sent-events.ts';

interface Sent {
  readonly url: string;
  readonly init: RequestInit & { headers: Record<string, string> };
}

/** A fetch that gives prepared answers, one a call, and keeps what was sent. */
function scripted(answers: readonly (Response | Error)[]) {
  const sent: Sent[] = [];
  const queue = [...answers];
  const fetch = ((url: string, init: Sent['init']) => {
    sent.push({ url, init });
    const answer = queue.shift();
    if (answer === undefined) return Promise.reject(new Error('nothing more was prepared'));
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  }) as typeof globalThis.fetch;
  return { fetch, sent };
}

function problem(status: number, code: string, more: object = {}, headers = {}): Response {
  const body = { type: `/problems/${code}`, title: code, status, detail: 'why', code, ...more };
  return Response.json({ retryable: status >= 500, ...body }, { status, headers });
}

const WON = { object: 'coupon', id: 'cpn_1', sequence: 1 };
const won = (headers = {}) => Response.json(WON, { status: 201, headers });
const url = 'http://shop.test';

describe('the client', () => {
  it('gives what was asked for, with the id of the request', async () => {
    const { fetch, sent } = scripted([won({ 'request-id': 'req_1' })]);
    const client = createClient({ url: `${url}/`, apiKey: 'k', fetch });
    expect(await client.claims.create('cmp_a/b', 'mina')).toEqual({
      ok: true,
      value: WON,
      status: 201,
      requestId: 'req_1',
      replayed: false,
    });
    expect(sent[0]?.url).toBe(`${url}/v1/campaigns/cmp_a%2Fb/claims`);
    expect(sent[0]?.init).toMatchObject({ method: 'POST', body: '{"userId":"mina"}' });
    expect(sent[0]?.init.headers).toMatchObject({ authorization: 'Bearer k' });
  });

  it('gives refusals as values with everything that the problem says', async () => {
    const { fetch } = scripted([problem(409, 'already-claimed', { couponIds: ['cpn_1'] })]);
    const result = await createClient({ url, fetch }).claims.create('cmp_a', 'mina');
    expect(result).toMatchObject({
      ok: false,
      code: 'already-claimed',
      retryable: false,
      status: 409,
      couponIds: ['cpn_1'],
    });
  });

  it('tries again what passes by itself, with one idempotency key for all tries', async () => {
    const { fetch, sent } = scripted([
      new TypeError('fetch failed'),
      problem(503, 'overloaded', {}, { 'retry-after': '0' }),
      problem(500, 'internal', {}, { 'retry-after': '0' }),
      won({ 'idempotent-replayed': 'true' }),
    ]);
    const result = await createClient({ url, fetch }).claims.create('cmp_a', 'mina');
    expect(result).toMatchObject({ ok: true, replayed: true });
    const keys = sent.map(({ init }) => init.headers['idempotency-key']);
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('gives up after as many retries as it may', async () => {
    const busy = () => problem(503, 'overloaded', {}, { 'retry-after': '0' });
    const { fetch, sent } = scripted([busy(), busy(), busy()]);
    const client = createClient({ url, fetch, retriesMax: 2 });
    expect(await client.claims.create('cmp_a', 'mina')).toMatchObject({ code: 'overloaded' });
    expect(sent).toHaveLength(3);
  });

  it.each([
    ['sold-out', 409, {}],
    ['campaign-paused', 409, { retryable: true }],
    ['invalid-request', 400, { errors: [{ pointer: '/userId', detail: 'is empty' }] }],
  ])('leaves %s to its caller at once', async (code, status, more) => {
    const { fetch, sent } = scripted([problem(status, code, more)]);
    const result = await createClient({ url, fetch }).claims.create('cmp_a', 'mina');
    expect(result).toMatchObject({ ok: false, code, ...more });
    expect(sent).toHaveLength(1);
  });

  it('does not wait longer than its caller would expect', async () => {
    const { fetch, sent } = scripted([problem(429, 'rate-limited', {}, { 'retry-after': '60' })]);
    const result = await createClient({ url, fetch }).claims.create('cmp_a', 'mina');
    expect(result).toMatchObject({ code: 'rate-limited', retryAfterMs: 60_000 });
    expect(sent).toHaveLength(1);
  });

  it('says so when what answers is no firstcome', async () => {
    const { fetch } = scripted([new Response('<h1>Welcome</h1>', { status: 200 })]);
    expect(await createClient({ url, fetch }).audit()).toMatchObject({
      ok: false,
      code: 'unexpected-answer',
    });
  });

  it('throws only what its caller’s own signal says', async () => {
    const { fetch } = scripted([new TypeError('fetch failed')]);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(createClient({ url, fetch }).audit({ signal })).rejects.toThrow('enough');
  });

  it('sends the key that it is given and only the queries that were set', async () => {
    const { fetch, sent } = scripted([won(), Response.json({ data: [], nextCursor: null })]);
    const client = createClient({ url, fetch });
    await client.claims.create('cmp_a', 'mina', { idempotencyKey: 'mine' });
    await client.campaigns.list({ limit: 5 });
    expect(sent[0]?.init.headers['idempotency-key']).toBe('mine');
    expect(sent[1]?.url).toBe(`${url}/v1/campaigns?limit=5`);
    expect(sent[1]?.init.headers['idempotency-key']).toBeUndefined();
  });
});

describe('following events', () => {
  const event = (id: string) => `id: ${id}\ndata: {"id":"${id}","data":{}}\n\n`;
  const stream = (text: string) =>
    new Response(text, { headers: { 'content-type': 'text/event-stream' } });

  it('connects again behind the last event that it gave', async () => {
    const { fetch, sent } = scripted([
      stream(event('evt_1') + event('evt_2')),
      new TypeError('fetch failed'),
      stream(event('evt_3')),
    ]);
    const seen: string[] = [];
    for await (const { id } of createClient({ url, fetch }).events.follow({ type: 't' })) {
      seen.push(id);
      if (id === 'evt_3') break;
    }
    expect(seen).toEqual(['evt_1', 'evt_2', 'evt_3']);
    expect(sent.map(({ init }) => init.headers['last-event-id'])).toEqual([
      undefined,
      'evt_2',
      'evt_2',
    ]);
    expect(sent[0]?.url).toBe(`${url}/v1/events/stream?type=t`);
  });

  it('ends with an error when the server will not have it', async () => {
    const { fetch } = scripted([problem(401, 'unauthenticated')]);
    const events = createClient({ url, fetch }).events.follow();
    await expect(events.next()).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('reads the stream however it is cut', async () => {
    const text =
      ': hello\r\nid: 1\r\nevent: a\r\ndata: x\r\ndata:  y\r\n\r\ndata\n\nid: 2\rdata: 끝\r\r';
    const bytes = new TextEncoder().encode(text);
    for (let size = 1; size <= bytes.length; size++) {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < bytes.length; at += size) {
            controller.enqueue(bytes.subarray(at, at + size));
          }
          controller.enqueue(new TextEncoder().encode('\n'));
          controller.close();
        },
      });
      const messages: unknown[] = [];
      for await (const message of readServerSentEvents(body)) messages.push(message);
      expect(messages, `cut into ${size} bytes`).toEqual([
        { id: '1', type: 'a', data: 'x\n y' },
        { id: '1', type: 'message', data: '' },
        { id: '2', type: 'message', data: '끝' },
      ]);
    }
  });
});
