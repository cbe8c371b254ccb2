import { appendFileSync } from 'node:fs';
import { Agent, request } from 'node:http';

// A process that claims coupons and writes down what it was told, line by line, before it asks for
// more. It lives when the server is killed, and what it wrote is what the server must keep.
const [url, campaignId, prefix, notebook] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
];
const CONCURRENCY = 32;
const CLAIMS_MAX = 200_000;
const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
const target = new URL(`/v1/campaigns/${campaignId}/claims`, url);

let next = 0;
await Promise.all(Array.from({ length: CONCURRENCY }, () => askOnAndOn()));
agent.destroy();

/** Ends when the server is gone. */
async function askOnAndOn(): Promise<void> {
  while (next < CLAIMS_MAX) {
    const userId = `${prefix}-${next++}`;
    const answer = await claim(userId);
    const { status, body } = answer ?? { status: 0, body: '{}' };
    const line =
      status === 201 ? { userId, coupon: JSON.parse(body) as unknown } : { userId, status };
    appendFileSync(notebook, `${JSON.stringify(line)}\n`);
    if (answer === null) return;
  }
}

function claim(userId: string): Promise<{ status: number; body: string } | null> {
  return new Promise((resolve) => {
    const body = JSON.stringify({ userId });
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const call = request(target, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.on('error', () => resolve(null));
    });
    call.on('error', () => resolve(null));
    call.end(body);
  });
}
