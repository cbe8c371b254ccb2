import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** An answer, read as far as a rush needs it. */
export interface RawAnswer {
  readonly status: number;
  /** The header block, as it came, without the empty line. */
  readonly head: string;
  readonly body: string;
}

export type Exchange =
  | { readonly kind: 'answered'; readonly answer: RawAnswer }
  /** Nothing left this machine. */
  | { readonly kind: 'unsent'; readonly reason: string }
  /** It was sent, and nobody knows what became of it. */
  | { readonly kind: 'unknown'; readonly reason: string };

const IDLE_MAX_MS = 2_000;
const BODY_BYTES_MAX = 16 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);

/**
 * One HTTP/1.1 connection with one request at a time. It is written on the bare socket because
 * `node:http` spends as long on a request as the server that is to be measured, and because it must
 * know for certain whether a request has left this machine.
 */
export class HttpConnection {
  readonly #origin: URL;
  readonly #timeoutMs: number;
  #socket: Socket | null = null;
  #received: Buffer = EMPTY;
  #settle: ((exchange: Exchange) => void) | null = null;
  #lastUsedMs = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(origin: URL, timeoutMs: number) {
    this.#origin = origin;
    this.#timeoutMs = timeoutMs;
  }

  /** Sends a whole request (ASCII) and resolves with what became of it; never rejects. */
  async exchange(request: string): Promise<Exchange> {
    // A server may end an idle connection just as it is used again, which would look like a loss.
    const isStale = performance.now() - this.#lastUsedMs > IDLE_MAX_MS;
    if (this.#socket?.writable !== true || isStale) {
      const reason = await this.#open();
      if (reason !== null) return { kind: 'unsent', reason };
    }
    return new Promise((settle) => {
      this.#settle = settle;
      this.#lastUsedMs = performance.now();
      this.#timer ??= setTimeout(this.#onTimer, this.#timeoutMs);
      this.#socket?.write(request, 'latin1');
    });
  }

  /** Opens the connection ahead of its first request, if it can; never rejects. */
  async warmUp(): Promise<void> {
    await this.#open();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#socket?.destroy();
    this.#socket = null;
  }

  /** Null when connected, else why not. */
  #open(): Promise<string | null> {
    this.close();
    this.#received = EMPTY;
    const { hostname, port, protocol } = this.#origin;
    const host = hostname.replace(/^\[|\]$/g, '');
    const isTls = protocol === 'https:';
    const socket = isTls
      ? connectTls({ host, port: Number(port || 443), servername: host })
      : connectTcp({ host, port: Number(port || 80), noDelay: true });
    this.#socket = socket;
    return new Promise((done) => {
      socket.setTimeout(this.#timeoutMs, () => socket.destroy(new Error('no connection in time')));
      socket.once(isTls ? 'secureConnect' : 'connect', () => {
        socket.setTimeout(0);
        this.#lastUsedMs = performance.now();
        done(null);
      });
      socket.on('data', (bytes: Buffer) => this.#onData(bytes));
      socket.on('error', (error: NodeJS.ErrnoException) => {
        done(error.code ?? error.message);
        this.#onLost(socket, error.code ?? error.message);
      });
      socket.on('close', () => {
        done('closed');
        this.#onLost(socket, 'connection closed');
      });
    });
  }

  /** One timer a connection, not one a request: it is set anew only when it goes off. */
  readonly #onTimer = (): void => {
    this.#timer = null;
    if (this.#settle === null) return;
    const leftMs = this.#lastUsedMs + this.#timeoutMs - performance.now();
    if (leftMs > 0) this.#timer = setTimeout(this.#onTimer, leftMs);
    else this.#finish({ kind: 'unknown', reason: `no answer in ${this.#timeoutMs} ms` }, true);
  };

  #onLost(socket: Socket, reason: string): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.#finish({ kind: 'unknown', reason }, true);
  }

  #onData(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    const parsed = parseAnswer(this.#received);
    if (parsed === 'incomplete') {
      if (this.#received.length > BODY_BYTES_MAX) this.#onBadAnswer();
      return;
    }
    if (parsed === 'bad') {
      this.#onBadAnswer();
      return;
    }
    this.#received = EMPTY;
    this.#finish({ kind: 'answered', answer: parsed.answer }, !parsed.keepAlive);
  }

  #onBadAnswer(): void {
    this.#finish({ kind: 'unknown', reason: 'the answer is not HTTP/1.1' }, true);
  }

  #finish(exchange: Exchange, isLast: boolean): void {
    const settle = this.#settle;
    this.#settle = null;
    if (isLast) this.close();
    settle?.(exchange);
  }
}

type Parsed = { readonly answer: RawAnswer; readonly keepAlive: boolean } | 'incomplete' | 'bad';

/** Reads one answer off the beginning of the bytes. */
export function parseAnswer(bytes: Buffer): Parsed {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return 'incomplete';
  const head = bytes.toString('latin1', 0, headEnd);
  if (!head.startsWith('HTTP/1.')) return 'bad';
  const status = Number(head.slice(9, 12));
  const keepAlive = !/\r\nconnection: *close/i.test(head);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  const bodyStart = headEnd + 4;
  if (length !== undefined) {
    const bodyEnd = bodyStart + Number(length);
    if (bytes.length < bodyEnd) return 'incomplete';
    return {
      answer: { status, head, body: bytes.toString('utf8', bodyStart, bodyEnd) },
      keepAlive,
    };
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return 'bad';
  const body = joinChunks(bytes, bodyStart);
  return typeof body === 'string' ? body : { answer: { status, head, body: body.text }, keepAlive };
}

/** The value of a header, or null; the name in lower case. */
export function headerOf({ head }: RawAnswer, name: string): string | null {
  const at = head.toLowerCase().indexOf(`\r\n${name}:`);
  if (at < 0) return null;
  const end = head.indexOf('\r\n', at + 2);
  return head.slice(at + name.length + 3, end < 0 ? undefined : end).trim();
}

function joinChunks(bytes: Buffer, start: number): { text: string } | 'incomplete' | 'bad' {
  const chunks: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return 'incomplete';
    const size = parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (Number.isNaN(size)) return 'bad';
    const chunkEnd = lineEnd + 2 + size;
    if (bytes.length < chunkEnd + 2) return 'incomplete';
    if (size === 0) return { text: Buffer.concat(chunks).toString('utf8') };
    chunks.push(bytes.subarray(lineEnd + 2, chunkEnd));
    at = chunkEnd + 2;
  }
}
