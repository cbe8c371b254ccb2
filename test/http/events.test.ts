import { request, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './support/test-server.ts';

let server: TestServer;
let campaign: string;

beforeEach(async () => {
  server = await startTestServer({ heartbeatMs: 30 });
  campaign = await server.campaign();
});
afterEach(() => server.close());

const claim = (userId: string) =>
  server.call('POST', `/v1/campaigns/${campaign}/claims`, { userId });

interface Message {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** One reader of the live stream. */
class Reader {
  readonly response: IncomingMessage;
  #text = '';
  #wake: () => void = () => undefined;

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8').on('data', (chunk: string) => {
      this.#text += chunk;
      this.#wake();
    });
    response.on('close', () => this.#wake());
  }

  static open(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Reader> {
    return new Promise((resolve, reject) => {
      request(server.url + path, { headers }, (response) => resolve(new Reader(response)))
        .on('error', reject)
        .end();
    });
  }

  /** Waits for the text to hold something. */
  async until(isThere: (text: string) => boolean): Promise<void> {
    while (!isThere(this.#text)) {
      if (this.response.destroyed) throw new Error(`the stream ended: ${this.#text}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Waits for so many events. */
  async events(count: number): Promise<Message[]> {
    await this.until((text) => text.split('\nid: evt_').length > count && text.endsWith('\n\n'));
    const blocks = this.#text.split('\n\n').filter((block) => block.startsWith('id: '));
    return blocks.slice(0, count).map((block) => {
      const [id, event, data] = block.split('\n').map((line) => line.slice(line.indexOf(' ') + 1));
      return { id: id!, event: event!, data: JSON.parse(data!) as Record<string, unknown> };
    });
  }

  close(): void {
    this.response.destroy();
  }
}

describe('the event log', () => {
  it('is listed oldest first, a page at a time, as CloudEvents', async () => {
    for (const user of ['a', 'b', 'c']) await claim(user);
    const first = await server.call('GET', '/v1/events?limit=3');
    expect(first.body['data']).toMatchObject([
      { id: 'evt_0000000000000001', type: 'dev.firstcome.campaign.created.v1', subject: campaign },
      { id: 'evt_0000000000000002', type: 'dev.firstcome.coupon.issued.v1', specversion: '1.0' },
      { source: '/firstcome', partitionkey: campaign, data: { userId: 'b', sequence: 2 } },
    ]);
    expect(first.body['nextCursor']).toBe('evt_0000000000000003');
    const second = await server.call('GET', '/v1/events?limit=3&cursor=evt_0000000000000003');
    expect(second.body).toMatchObject({ data: [{ data: { userId: 'c' } }], nextCursor: null });
    const after = await server.call('GET', '/v1/events?after=evt_3');
    expect(after.body).toEqual(second.body);
  });

  it('is filtered by type and by subject', async () => {
    const coupon = (await claim('a')).body['id'] as string;
    await claim('b');
    const typed = await server.call('GET', '/v1/events?type=dev.firstcome.campaign.created.v1');
    expect(typed.body['data']).toHaveLength(1);
    const about = await server.call('GET', `/v1/events?subject=${coupon}`);
    expect(about.body['data']).toMatchObject([{ data: { userId: 'a' } }]);
  });
});

describe('the live stream', () => {
  it('begins with the next event and says which it is', async () => {
    await claim('before');
    const reader = await Reader.open('/v1/events/stream');
    expect(reader.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    await reader.until((text) => text.startsWith('retry: '));
    await claim('mina');
    const [message] = await reader.events(1);
    expect(message).toMatchObject({
      id: 'evt_0000000000000003',
      event: 'dev.firstcome.coupon.issued.v1',
      data: { data: { userId: 'mina' } },
    });
    reader.close();
  });

  it('goes on behind the last event that the reader saw', async () => {
    for (const user of ['a', 'b']) await claim(user);
    const reader = await Reader.open('/v1/events/stream?after=evt_0', { 'last-event-id': 'evt_2' });
    await claim('c');
    const users = (await reader.events(2)).map(({ data }) => data['data']);
    expect(users).toMatchObject([{ userId: 'b' }, { userId: 'c' }]);
    reader.close();
  });

  it('from the beginning gives every event once, however many pages there are', async () => {
    const userIds = Array.from({ length: 100 }, (_, i) => `u${i}`);
    const big = await server.campaign({ quantity: 1_000, perUserLimit: 10 });
    const reader = await Reader.open('/v1/events/stream?after=evt_0');
    for (let i = 0; i < 7; i++) {
      await server.call('POST', `/v1/campaigns/${big}/claims/batch`, { userIds });
    }
    const ids = (await reader.events(702)).map(({ id }) => Number(id.slice(4)));
    expect(ids).toEqual(Array.from({ length: 702 }, (_, i) => i + 1));
    reader.close();
  });

  it('gives only what was asked for', async () => {
    const type = 'dev.firstcome.campaign.updated.v1';
    const reader = await Reader.open(`/v1/events/stream?after=evt_0&type=${type}`);
    await claim('a');
    await server.call('PATCH', `/v1/campaigns/${campaign}`, { title: 'Other' });
    const [message] = await reader.events(1);
    expect(message).toMatchObject({ event: type, data: { data: { changed: ['title'] } } });
    reader.close();
  });

  it('says that it is still there while nothing happens', async () => {
    const reader = await Reader.open('/v1/events/stream');
    await reader.until((text) => text.split(': still here\n\n').length > 2);
    reader.close();
  });

  it('ends when the server closes', async () => {
    const reader = await Reader.open('/v1/events/stream');
    const ended = new Promise((resolve) => reader.response.once('end', resolve));
    await server.http.close();
    await ended;
  });

  it('is refused for an id that is none', async () => {
    const answer = await server.call('GET', '/v1/events/stream', undefined, {
      'last-event-id': 'seven',
    });
    expect(answer.body).toMatchObject({ code: 'invalid-request' });
  });

  it('stops reading the log for a reader that does not read', async () => {
    // More than the buffers of two sockets ever hold.
    const batches = 40;
    const userIds = Array.from({ length: 1_000 }, (_, i) => `${'u'.repeat(120)}${i}`);
    const big = await server.campaign({ quantity: 100_000, perUserLimit: batches });
    for (let i = 0; i < batches; i++) {
      await server.call('POST', `/v1/campaigns/${big}/claims/batch`, { userIds });
    }
    const head = await server.engine.events.head();
    const { events } = server.engine;
    const whole = events.read.bind(events);
    let position = 0;
    events.read = async (query) => {
      const page = await whole(query);
      position = page.at(-1)?.position ?? position;
      return page;
    };
    const reader = await Reader.open('/v1/events/stream?after=evt_0');
    reader.response.pause();
    // The claims that follow take turns with the stream, which has every chance to run ahead.
    for (let i = 0; i < 50; i++) await claim(`other${i}`);
    expect(position).toBeLessThan(head);
    let tail = '';
    const caughtUp = new Promise<void>((resolve) => {
      reader.response.on('data', (chunk: string) => {
        tail = (tail + chunk).slice(-5_000);
        if (tail.includes(`"id":"evt_${String(head + 50).padStart(16, '0')}"`)) resolve();
      });
    });
    reader.response.resume();
    await caughtUp;
    reader.close();
  });
});
