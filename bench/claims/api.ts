import { request } from 'node:http';

import type { SampleAnswer } from './bare-server.ts';

/** As much of the public API as the benchmark needs to prepare a run and to check it afterwards. */
export class Api {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Registers a vendor of its own and gives its id. */
  async createVendor(): Promise<string> {
    const vendor = await this.#post('/v1/vendors', { name: 'Bench' });
    return String(vendor['id']);
  }

  async createCampaign(vendorId: string, quantity: number): Promise<string> {
    const campaign = await this.#post('/v1/campaigns', {
      vendorId,
      title: 'Bench',
      discount: { type: 'fixed', amount: 5000, currency: 'KRW' },
      quantity,
    });
    return String(campaign['id']);
  }

  async createCampaigns(count: number, quantity: number): Promise<string[]> {
    const vendorId = await this.createVendor();
    const ids: string[] = [];
    const lane = async (): Promise<void> => {
      while (ids.length < count) {
        const place = ids.push('') - 1;
        ids[place] = await this.createCampaign(vendorId, quantity);
      }
    };
    await Promise.all(Array.from({ length: Math.min(count, 16) }, lane));
    return ids;
  }

  async claimBatch(campaignId: string, userIds: readonly string[]): Promise<void> {
    await this.#post(`/v1/campaigns/${campaignId}/claims/batch`, { userIds });
  }

  async issued(campaignId: string): Promise<number> {
    const campaign = (await this.#get(`/v1/campaigns/${campaignId}`)) as { issued: number };
    return campaign.issued;
  }

  /** The verdict, and of the checks those that failed. */
  async audit(): Promise<{ readonly ok: boolean; readonly failed: readonly string[] }> {
    const audit = (await this.#get('/v1/audit')) as {
      ok: boolean;
      checks: { name: string; ok: boolean; detail: string }[];
    };
    const failed = audit.checks.filter((check) => !check.ok);
    return { ok: audit.ok, failed: failed.map((check) => `${check.name}: ${check.detail}`) };
  }

  /** Every sample of the server's metrics, summed over the labels. */
  async metrics(): Promise<Readonly<Record<string, number>>> {
    const answer = await fetch(`${this.#url}/metrics`);
    const sums: Record<string, number> = {};
    for (const line of (await answer.text()).split('\n')) {
      const match = /^([a-zA-Z_:][\w:]*)(?:\{.*\})? (\S+)$/.exec(line);
      const name = match?.[1];
      if (name) sums[name] = (sums[name] ?? 0) + Number(match[2]);
    }
    return sums;
  }

  /** One claim, answered as the bare server shall answer, byte for byte but for the values. */
  sampleClaim(campaignId: string, userId: string): Promise<SampleAnswer> {
    return new Promise((resolve, reject) => {
      const sent = request(
        `${this.#url}/v1/campaigns/${campaignId}/claims`,
        { method: 'POST', headers: { 'content-type': 'application/json' } },
        (answer) => {
          let body = '';
          answer.setEncoding('utf8');
          answer.on('data', (part: string) => (body += part));
          answer.on('error', reject);
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              headers: ownHeaders(answer.rawHeaders),
              body,
            }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(JSON.stringify({ userId }));
    });
  }

  async #post(path: string, body: object): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.#url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`POST ${path} gave ${answer.status}: ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  async #get(path: string): Promise<unknown> {
    const answer = await fetch(`${this.#url}${path}`, { signal: AbortSignal.timeout(600_000) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`GET ${path} gave ${answer.status}: ${text}`);
    return JSON.parse(text);
  }
}

/** `node:http` adds these by itself, on both servers alike. */
const ADDED_BY_NODE = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding']);

function ownHeaders(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (!ADDED_BY_NODE.has(name.toLowerCase())) headers[name] = raw[i + 1] ?? '';
  }
  return headers;
}
