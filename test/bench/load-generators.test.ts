import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { generator } from '../../bench/claims/processes.ts';
import {
  LOAD_DEFAULTS,
  toArguments,
  type LoadOptions,
  type LoadResult,
} from '../../bench/load/load-options.ts';

const ANSWER = 'HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\ncontent-length: 5\r\n\r\n12345';
const inC = generator('c');
if (inC.note !== 'C') console.warn(`Only the generator in Node is tested here: ${inC.note}.`);
const generators = [
  ...(inC.note === 'C' ? [{ name: 'c' as const, command: inC.command }] : []),
  { name: 'node' as const, command: generator('node').command },
];

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

describe.each(generators)('the load generator in $name', ({ name, command }) => {
  it('sends as many requests as it was asked for and counts every answer', async () => {
    const port = await listen((socket) => socket.on('data', () => socket.write(ANSWER)));
    const result = await load(command, { port, connections: 3, requestsMax: 100 });
    expect(result).toMatchObject({ generator: name, requests: 100, lost: 0, unanswered: 0 });
    expect(result.totalByStatus).toEqual({ '201': 100 });
  });

  it('understands answers of different lengths that arrive byte by byte', async () => {
    const port = await listen((socket) => {
      let answered = 0;
      socket.on('data', () => {
        const longer = ANSWER.replace('201', '409').replace(': 5', ': 7') + '67';
        const answer = (answered += 1) % 2 === 0 ? longer : ANSWER;
        void (async () => {
          for (const byte of answer) {
            await new Promise<void>((sent) => socket.write(byte, () => sent()));
            await new Promise(setImmediate);
          }
        })();
      });
    });
    const result = await load(command, { port, connections: 1, requestsMax: 10 });
    expect(result.totalByStatus).toEqual({ '201': 5, '409': 5 });
  });

  it('counts a request as lost when its connection ends, and goes on with a new one', async () => {
    let requests = 0;
    const port = await listen((socket) => {
      socket.on('data', () => {
        requests += 1;
        if (requests === 5) socket.destroy();
        else socket.write(ANSWER);
      });
    });
    const result = await load(command, { port, connections: 1, requestsMax: 10 });
    expect(result).toMatchObject({ requests: 10, lost: 1, reconnects: 1, unanswered: 0 });
    expect(result.totalByStatus).toEqual({ '201': 9 });
  });

  it('opens a new connection where the server says that it closes, and loses nothing', async () => {
    const closing = ANSWER.replace('content-length', 'Connection: close\r\ncontent-length');
    const port = await listen((socket) => socket.on('data', () => socket.end(closing)));
    const result = await load(command, { port, connections: 2, requestsMax: 10 });
    expect(result).toMatchObject({ lost: 0, unanswered: 0 });
    expect(result.totalByStatus).toEqual({ '201': 10 });
  });

  it('times an open loop from the moment that the schedule named', async () => {
    // One connection, 20 ms an answer, 100 requests a second: half a second of them takes one, and
    // the last has waited for the other half.
    const port = await listen((socket) => {
      socket.on('data', () => setTimeout(() => socket.write(ANSWER), 20));
    });
    const result = await load(command, { port, connections: 1, rate: 100, measureMs: 500 });
    expect(result).toMatchObject({ lost: 0, unanswered: 0, overdue: 0 });
    expect(result.latencyUs.count).toBe(result.requests);
    expect(result.latencyUs.max).toBeGreaterThan(200_000);
  });
});

describe.skipIf(generators.length < 2)('both load generators', () => {
  it.each([
    { keys: 1 as const },
    { shape: 'batch' as const, usersPerRequest: 3 },
    { ids: 'sequential' as const, firstUser: 1_000_000 },
    { distinctUsers: 5, repeats: 2 },
  ])('send the same bytes: %o', async (options) => {
    const [first, second] = await Promise.all(
      generators.map(async ({ command }) => {
        let received = '';
        const port = await listen((socket) => {
          socket.on('data', (data) => {
            received += data.toString();
            socket.write(ANSWER);
          });
        });
        await load(command, { port, connections: 1, requestsMax: 20, seed: 7, ...options });
        return received.replaceAll(`:${port}`, '');
      }),
    );
    expect(first).toBe(second);
    expect(first?.match(/POST /g)).toHaveLength(20);
  });
});

async function load(
  [program = '', ...args]: readonly string[],
  options: Partial<LoadOptions>,
): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'firstcome-load-test-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const pathsFile = join(folder, 'paths');
  writeFileSync(pathsFile, '/one\n/other\n');
  const all = { ...LOAD_DEFAULTS, warmupMs: 0, measureMs: 10_000, pathsFile, ...options };
  const child = spawn(program, [...args, ...toArguments(all)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  await once(child, 'close');
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as LoadResult;
}

async function listen(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
