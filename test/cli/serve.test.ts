import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../src/sdk/index.ts';
import { finished, run, serve, start, temporaryFolder } from './command-line.ts';
import type { ServerUnderTest } from './command-line.ts';

interface RushJson {
  readonly verdict: string;
  readonly headline: string;
  readonly issued: number;
  readonly issuedBefore: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly replays: { readonly asked: number; readonly same: number };
  readonly latency: { readonly count: number };
}

const STACK = /\n\s+at .*:\d+:\d+/;

/** Expects one line that helps and nothing else. */
function expectOneLine(finished: { stdout: string; stderr: string }, words: string): void {
  expect(finished.stdout).toBe('');
  expect(finished.stderr).toContain(words);
  expect(finished.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(finished.stderr).not.toMatch(STACK);
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

  it.each([
    ['campaigns show cmp_none', 'campaign-not-found'],
    ['rush --campaign cmp_none', 'campaign-not-found'],
    ['vendors show ven_none', 'vendor-not-found'],
    ['campaigns create --vendor ven_none --title x --amount 1', 'vendor-not-found'],
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

describe('the start', () => {
  let place: ReturnType<typeof temporaryFolder>;

  beforeEach(() => {
    place = temporaryFolder();
  });

  afterEach(() => place.remove());

  it('keeps what was issued over a restart, and audits a folder at rest', async () => {
    const first = await serve(place);
    await run(['rush', '--users', '150', '--url', first.url], place);
    expect((await first.end('SIGINT')).code).toBe(0);
    const audited = await run(['audit', '--data', '.firstcome', '--json'], place);
    expect(audited.code).toBe(0);
    expect(JSON.parse(audited.stdout)).toMatchObject({ ok: true });
    const second = await serve(place);
    const { stdout } = await run(
      ['campaigns', 'show', 'cmp_welcome', '--json', '--url', second.url],
      place,
    );
    expect(JSON.parse(stdout)).toMatchObject({ issued: 100 });
    expect((await second.end()).code).toBe(0);
  });

  it('lets the audit of a folder find a broken promise, with exit code 10', async () => {
    const server = await serve(place);
    await run(['rush', '--users', '150', '--url', server.url], place);
    await server.end();
    const db = new DatabaseSync(join(place.folder, '.firstcome', 'firstcome.db'));
    db.exec('PRAGMA ignore_check_constraints = ON; UPDATE campaigns SET quantity = 99');
    db.close();
    const audited = await run(['audit', '--data', '.firstcome'], place);
    expect(audited.stdout).toMatch(/^BROKEN /);
    expect(audited.code).toBe(10);
  });

  it('prints a banner on stderr and nothing on stdout without --json', async () => {
    const child = start(['serve', '--port', '0'], place);
    const end = finished(child);
    await new Promise<void>((done) => {
      child.stderr?.on('data', (bytes: Buffer) => {
        if (bytes.includes('npx firstcome rush')) done();
      });
    });
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await end;
    expect(code).toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain('cmp_welcome, 100 coupons, open');
    expect(stderr).toContain(join(place.folder, '.firstcome'));
    expect(stderr).toContain('loopback only');
  });

  it('lets in only known keys when there is a keys file', async () => {
    const hash = `sha256:${createHash('sha256').update('sk_test').digest('hex')}`;
    const keys = { keys: [{ id: 'shop', hash, scopes: ['admin'] }] };
    writeFileSync(join(place.folder, 'keys.json'), JSON.stringify(keys));
    const server = await serve({ ...place, args: ['--api-keys-file', 'keys.json'] });
    const args = ['rush', '--users', '120', '--url', server.url];
    const stranger = await run(args, place);
    expect(stranger.code).toBe(1);
    expectOneLine(stranger, 'unauthenticated');
    const known = await run(args, { ...place, env: { FIRSTCOME_API_KEY: 'sk_test' } });
    expect(known.stdout.split('\n')[0]).toBe('PASS 100 of 100 issued, 0 over, 0 duplicates');
    await server.end();
  });

  it.each([
    ['a damaged file', (file: string) => writeFileSync(file, 'x'.repeat(8192)), 'damaged'],
    [
      'a file of another program',
      (file: string) => new DatabaseSync(file).exec('CREATE TABLE t (a)'),
      'another program',
    ],
  ])('refuses %s in one line', async (_case, plant, words) => {
    mkdirSync(join(place.folder, '.firstcome'));
    plant(join(place.folder, '.firstcome', 'firstcome.db'));
    const refused = await run(['serve', '--port', '0'], place);
    expect(refused.code).toBe(1);
    expectOneLine(refused, words);
  });

  it('refuses a file of a newer version in one line', async () => {
    await (await serve(place)).end();
    const db = new DatabaseSync(join(place.folder, '.firstcome', 'firstcome.db'));
    db.exec('PRAGMA user_version = 999');
    db.close();
    const refused = await run(['serve', '--port', '0'], place);
    expect(refused.code).toBe(1);
    expectOneLine(refused, 'newer firstcome');
  });

  it('refuses a data folder that cannot be written in one line', async () => {
    writeFileSync(join(place.folder, 'file'), '');
    chmodSync(join(place.folder, 'file'), 0o400);
    const refused = await run(['serve', '--port', '0', '--data', 'file/data'], place);
    expect(refused.code).toBe(1);
    expectOneLine(refused, 'cannot be written');
  });
});
