import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openSilently, rawBody, sendRaw } from './support/raw.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './support/test-server.ts';

let server: TestServer;

async function start(options?: TestServerOptions): Promise<void> {
  server = await startTestServer(options);
}
afterEach(() => server.close());

const CHUNKED = 'Transfer-Encoding: chunked\r\n\r\n';
const HEAD = 'Host: x\r\nContent-Type: application/json\r\n';

describe('a sender that is too slow', () => {
  it.each([
    ['its headers', 'POST /v1/vendors HTTP/1.1\r\nHost: x\r\n'],
    ['the body of a vendor', `POST /v1/vendors HTTP/1.1\r\n${HEAD}Content-Length: 99\r\n\r\n{"n`],
    [
      'the body of a claim',
      `POST /v1/campaigns/cmp_x/claims HTTP/1.1\r\n${HEAD}Content-Length: 99\r\n\r\n{`,
    ],
  ])('with %s is told so and let go; others are not held up', async (_, part) => {
    await start({ requestTimeoutMs: 300 });
    const slow = sendRaw(server.port, part);
    expect((await server.call('GET', '/healthz')).status).toBe(200);
    const answer = await slow;
    expect(answer).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
    expect(rawBody(answer)).toMatchObject({ code: 'request-timeout', retryable: true });
    expect((await server.call('GET', '/healthz')).status).toBe(200);
  });

  it('is given eight seconds unless set', async () => {
    await start();
    expect(server.http.server.requestTimeout).toBeLessThanOrEqual(8_000);
    expect(server.http.server.headersTimeout).toBeLessThanOrEqual(8_000);
  });
});

describe('what is no request', () => {
  it.each([
    ['nonsense', 'HELLO\r\n\r\n'],
    ['a method that is none', 'FLY / HTTP/1.1\r\nHost: x\r\n\r\n'],
    [
      'two lengths',
      `POST /v1/vendors HTTP/1.1\r\n${HEAD}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
    ],
    [
      'a length beside chunks',
      `POST /v1/vendors HTTP/1.1\r\n${HEAD}Content-Length: 2\r\n${CHUNKED}{}`,
    ],
    ['a chunk without size', `POST /v1/vendors HTTP/1.1\r\n${HEAD}${CHUNKED}zz\r\n`],
  ])('as %s is refused as a problem', async (_, text) => {
    await start();
    const answer = await sendRaw(server.port, text);
    expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
    expect(answer).toMatch(/\r\nRequest-Id: /);
    expect(rawBody(answer)).toMatchObject({ code: 'invalid-request', status: 400 });
  });

  it('for want of a host is refused as a problem', async () => {
    await start();
    const end = 'Connection: close\r\n\r\n';
    for (const text of [
      `GET /v1/campaigns HTTP/1.1\r\n${end}`,
      `POST /v1/campaigns/cmp_x/claims HTTP/1.1\r\nContent-Length: 2\r\n${end}{}`,
    ]) {
      expect(rawBody(await sendRaw(server.port, text))).toMatchObject({ code: 'invalid-request' });
    }
  });

  it('for its headers of more than 16 KiB is told so', async () => {
    await start();
    const long = `X-Long: ${'a'.repeat(17 * 1024)}\r\n`;
    const answer = await sendRaw(server.port, `GET / HTTP/1.1\r\nHost: x\r\n${long}\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 431 /);
    expect(rawBody(answer)).toMatchObject({ code: 'headers-too-large' });
  });
});

describe('a connection', () => {
  it('takes requests one behind the other, in order', async () => {
    await start();
    const id = await server.campaign();
    const claim = (user: string, last = '') => {
      const body = JSON.stringify({ userId: user });
      return (
        `POST /v1/campaigns/${id}/claims HTTP/1.1\r\n${HEAD}${last}` +
        `Content-Length: ${body.length}\r\n\r\n${body}`
      );
    };
    const answers = await sendRaw(
      server.port,
      claim('a') + claim('b') + claim('c', 'Connection: close\r\n'),
    );
    expect([...answers.matchAll(/"userId":"(.)"/g)].map(([, user]) => user)).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('goes on after a body that was too large', async () => {
    await start();
    const large = 'x'.repeat(70_000);
    const answers = await sendRaw(
      server.port,
      `POST /v1/vendors HTTP/1.1\r\n${HEAD}Content-Length: ${large.length}\r\n\r\n`,
      large,
      'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    expect([...answers.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => status)).toEqual([
      '413',
      '200',
    ]);
  });

  it('that is idle costs the others nothing, a thousand times over', async () => {
    await start();
    const idle: Socket[] = [];
    for (let i = 0; i < 1_000; i++) idle.push(await openSilently(server.port));
    const id = await server.campaign();
    const claimed = await server.call('POST', `/v1/campaigns/${id}/claims`, { userId: 'mina' });
    expect(claimed.status).toBe(201);
    await server.http.close();
    for (const socket of idle) socket.destroy();
  });
});

describe('closing', () => {
  it('finishes what is under way, says that it was the last, and takes nothing new', async () => {
    const gate = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    await start({
      wrap: (store) => ({
        ...store,
        issueCoupons: async (requests) => {
          arrived.resolve();
          await gate.promise;
          return store.issueCoupons(requests);
        },
      }),
    });
    const id = await server.campaign();
    const claim = server.call('POST', `/v1/campaigns/${id}/claims`, { userId: 'mina' });
    await arrived.promise;
    const closed = server.http.close();
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    gate.resolve();
    const { status, headers } = await claim;
    expect([status, headers.get('connection')]).toEqual([201, 'close']);
    await closed;
  });

  it('does not wait for ever for those who do not end', async () => {
    await start({ closeGraceMs: 100 });
    const silent = await openSilently(server.port);
    silent.write('POST /v1/vendors HTTP/1.1\r\nHost: x\r\n');
    const ended = new Promise((resolve) => silent.on('error', resolve).on('close', resolve));
    await server.call('GET', '/healthz');
    await server.http.close();
    await ended;
  });
});
