import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../src/sdk/index.ts';
import { finished, run, serve, start, temporaryFolder } from './command-line.ts';
import type { ServerUnderTest } from './command-line.ts';
import { expectOneLine, STACK } from './one-line.ts';

interface RushJson {
  readonly verdict: string;
  readonly headline: string;
  readonly issued: number;
  readonly issuedBefore: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly replays: { readonly asked: number; readonly same: number };
  readonly latency: { readonly count: number };
}

describe('a running server', () => {
  const place = temporaryFolder();
  let server: ServerUnderTest;
  const firstcome = (...args: string[]) => run([...args, '--url', server.url], place);

  beforeAll(async () => {
    server = await serve(place);
  });

  afterAll(async () => {
    const { code, stderr } = await server.end();
    place.remove();
    expect(code).toBe(0);
    expect(stderr).not.toMatch(STACK);
  });

  it('says on one line of stdout where it is and what it is', async () => {
    expect(server.engine).toBe('embedded');
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(process.kill(server.pid, 0)).toBe(true);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });

  it('begins with an open campaign of 100 coupons', async () => {
    const { code, stdout } = await firstcome('campaigns', 'show', 'cmp_welcome', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      id: 'cmp_welcome',
      vendorId: 'ven_welcome',
      status: 'open',
      quantity: 100,
      issued: 0,
    });
  });

  it('issues 100 of 100 to a rush of 1,000, and only refuses the next', async () => {
    const first = await firstcome('rush', '--report', 'report.json');
    expect(first.code, first.stdout).toBe(0);
    expect(first.stdout.split('\n')[0]).toBe('PASS 100 of 100 issued, 0 over, 0 duplicates');
    expect(first.stderr).toBe('report written to report.json\n');
    const report = JSON.parse(readFileSync(join(place.folder, 'report.json'), 'utf8')) as RushJson;
    expect(report).toMatchObject({
      verdict: 'PASS',
      issued: 100,
      refused: { 'sold-out': 900 },
      replays: { asked: 100, same: 100 },
      latency: { count: 1000 },
    });

    const second = await firstcome('rush', '--json');
    expect(second.code).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({
      verdict: 'PASS',
      notes: [
        expect.stringContaining('it could only be refused'),
        expect.stringContaining('npx firstcome campaigns create --vendor ven_welcome'),
        expect.stringContaining('npx firstcome rush --campaign'),
      ],
      issued: 0,
      issuedBefore: 100,
      refused: { 'already-claimed': 100, 'sold-out': 900 },
    });
  });

  it('stands a rush of impatient users at a fixed rate, with keys', async () => {
    const created = await firstcome(
      ...['campaigns', 'create', '--vendor', 'ven_welcome', '--title', 'Two each'],
      ...['--amount', '500', '--quantity', '50', '--per-user-limit', '2', '--json'],
    );
    const { id } = JSON.parse(created.stdout) as { id: string };
    const rushed = await firstcome(
      ...['rush', '--campaign', id, '--users', '100', '--requests-per-user', '3'],
      ...['--rate', '600', '--idempotency', '--json'],
    );
    const report = JSON.parse(rushed.stdout) as RushJson;
    expect(report.headline).toBe('PASS 50 of 50 issued, 0 over, 0 duplicates');
    expect(report.replays.same).toBe(report.replays.asked);
    expect(report.replays.asked).toBeGreaterThanOrEqual(50);
    expect(rushed.code).toBe(0);
  });

  it('audits as asked, over HTTP', async () => {
    const { code, stdout } = await firstcome('audit', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  });

  it('is seeded alike by the same seed', async () => {
    const twice = [];
    while (twice.length < 2) {
      const args = ['--vendors', '2', '--campaigns', '3', '--users', '20', '--claims', '40'];
      const { code, stdout } = await firstcome('seed', ...args, '--seed', '7', '--json');
      expect(code).toBe(0);
      const seeded = JSON.parse(stdout) as { campaigns: string[]; users: string[]; claims: object };
      const shown = await firstcome('campaigns', 'show', seeded.campaigns[2]!, '--json');
      const { title, quantity, discount } = JSON.parse(shown.stdout) as Record<string, unknown>;
      twice.push({ users: seeded.users, claims: seeded.claims, title, quantity, discount });
    }
    expect(twice[0]).toEqual(twice[1]);
  });

  it('lists, pauses, opens and changes campaigns', async () => {
    expect((await firstcome('campaigns', 'list')).stdout).toContain('cmp_welcome');
    const status = async (...args: string[]) => {
      const { stdout } = await firstcome('campaigns', ...args, 'cmp_welcome', '--json');
      return (JSON.parse(stdout) as { status: string }).status;
    };
    expect(await status('pause')).toBe('paused');
    expect(await status('open')).toBe('soldOut');
    const below = await firstcome('campaigns', 'update', 'cmp_welcome', '--quantity', '99');
    expect(below.code).toBe(1);
    expectOneLine(below, 'quantity-below-issued');
  });

  it('lists its events, and follows them from where one left off', async () => {
    const listed = await firstcome('events', '--type', 'coupon.issued', '--limit', '101', '--json');
    const events = listed.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; type: string });
    expect(events).toHaveLength(101);
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set(['dev.firstcome.coupon.issued.v1']),
    );
    const after = events.at(9)!.id;
    const followed = await firstcome(
      ...[
        'events',
        '--follow',
        '--after',
        after,
        '--type',
        'coupon.issued',
        '--limit',
        '5',
        '--json',
      ],
    );
    expect(followed.code).toBe(0);
    const ids = followed.stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toEqual(events.slice(10, 15).map(({ id }) => id));
  });

  it('registers and shows vendors', async () => {
    const made = await firstcome(
      'vendors',
      'create',
      '--name',
      'Mug & Co',
      '--currency',
      'USD',
      '--json',
    );
    const { id } = JSON.parse(made.stdout) as { id: string };
    const shown = await firstcome('vendors', 'show', id);
    expect(shown.stdout).toContain('Mug & Co');
    expect(shown.stdout).toContain('0 USD');
    expect((await firstcome('vendors', 'list', '--json')).stdout).toContain(id);
  });

  it('tells what is wrong with a request once', async () => {
    const refused = await firstcome(
      ...['campaigns', 'create', '--vendor', 'ven_welcome', '--title', ' ', '--amount', '1'],
    );
    expectOneLine(refused, 'invalid-request: /title must hold more than spaces');
    expect(refused.stderr.match(/\/title/g)).toHaveLength(1);
  });

  it('is recognised by the doctor, who would serve the same folder on the same port', async () => {
    const { port } = new URL(server.url);
    const { code, stdout } = await run(['doctor', '--port', port, '--json'], place);
    const { findings } = JSON.parse(stdout) as { findings: { name: string; state: string }[] };
    const stateOf = (name: string) => findings.find((finding) => finding.name === name)?.state;
    if (process.platform === 'linux') {
      expect([stateOf('port'), stateOf('folder lock'), code]).toEqual(['ok', 'ok', 0]);
    }
    const elsewhere = await run(['doctor', '--port', '0'], place);
    expect(elsewhere.code).toBe(1);
    expect(elsewhere.stdout).toContain(`is in use by process ${server.pid}; stop that one`);
  });

  it('gets no rush whose report has no place to go', async () => {
    const refused = await firstcome('rush', '--report', 'none/report.json');
    expect(refused.code).toBe(2);
    expectOneLine(refused, '--report: cannot write none/report.json (there is no such folder)');
  });

  it.each([
    ['campaigns show cmp_none', 'campaign-not-found: cmp_none: '],
    ['rush --campaign cmp_none', 'campaign-not-found: cmp_none: '],
    ['vendors show ven_none', 'vendor-not-found: ven_none: '],
    ['campaigns create --vendor ven_none --title x --amount 1', 'vendor-not-found: ven_none: '],
    ['campaigns create --vendor ven_welcome --title x --amount 1 --starts-at noon', '/startsAt'],
    ['events --type nonsense', 'invalid-request'],
  ])('refuses `firstcome %s` in one line, with exit code 1', async (line, words) => {
    const refused = await firstcome(...line.split(' '));
    expect(refused.code).toBe(1);
    expectOneLine(refused, words);
  });

  it('keeps its port: a second one says who has it', async () => {
    const other = temporaryFolder();
    const { port } = new URL(server.url);
    const refused = await run(['serve', '--port', port], other);
    other.remove();
    expect(refused.code).toBe(3);
    expectOneLine(refused, `port ${port} on 127.0.0.1 is taken by`);
    if (process.platform === 'linux') expect(refused.stderr).toContain(`process ${server.pid}`);
  });

  it('keeps its data folder: a second one says who has it', async () => {
    const refused = await run(['serve', '--port', '0'], place);
    expect(refused.code).toBe(3);
    expectOneLine(refused, `in use by process ${server.pid}`);
  });
});

describe('a rush that is cut short', () => {
  let place: ReturnType<typeof temporaryFolder>;
  let server: ServerUnderTest;

  beforeEach(async () => {
    place = temporaryFolder();
    server = await serve(place);
  });

  afterEach(async () => {
    await server.end();
    place.remove();
  });

  /** A slow rush, given as soon as its first coupon is issued. */
  async function underWay() {
    const events = createClient({ url: server.url }).events.follow({
      after: 'evt_0000000000000001',
    });
    const first = events.next();
    const args = ['rush', '--rate', '200', '--timeout', '2', '--url', server.url];
    const child = start(args, place);
    const end = finished(child);
    await first;
    await events.return(undefined);
    return { child, end };
  }

  it('by Ctrl-C says what it saw and what it could not tell, with exit code 130', async () => {
    const { child, end } = await underWay();
    child.kill('SIGINT');
    const { code, stdout } = await end;
    expect(stdout).toMatch(/^INCONCLUSIVE .* interrupted with \d+ claims not sent\n/);
    expect(code).toBe(130);
  });

  it('by the end of the server could not tell, with exit code 12', async () => {
    const { end } = await underWay();
    await server.end('SIGKILL');
    const { code, stdout } = await end;
    expect(stdout).toMatch(/^INCONCLUSIVE /);
    expect(stdout).toContain('the server’s audit could not be read');
    expect(code).toBe(12);
  });
});
