import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the bare server says to every request: what the server under test said to one. */
export interface SampleAnswer {
  readonly status: number;
  /** Without those that `node:http` adds by itself. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The yardstick: a `node:http` server that reads and parses the same JSON body and answers as many
 * bytes, and does nothing else. It runs as a program of its own, as the server under test does.
 */
export function serveBare(sample: SampleAnswer, onReady: (url: string) => void): void {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, chunks, sample));
  });
  server.listen(0, '127.0.0.1', 4096, () => {
    onReady(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  process.once('SIGTERM', () => {
    server.close();
    server.closeAllConnections();
  });
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  chunks: readonly Buffer[],
  sample: SampleAnswer,
): void {
  const first = chunks[0];
  const bytes = chunks.length === 1 && first ? first : Buffer.concat(chunks);
  const body: unknown = JSON.parse(bytes.toString('utf8'));
  // The parsed body is looked at, so that no compiler may leave the parsing out.
  if (request.method !== 'POST' || typeof body !== 'object') {
    response.writeHead(400).end();
    return;
  }
  response.writeHead(sample.status, sample.headers);
  response.end(sample.body);
}

if (import.meta.main) {
  const sample = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as SampleAnswer;
  serveBare(sample, (url) => {
    console.log(JSON.stringify({ event: 'ready', url, engine: 'bare', pid: process.pid }));
  });
}
