import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finished, run, serve, start, temporaryFolder } from './command-line.ts';
import { expectOneLine } from './one-line.ts';

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

  /** What `serve` writes to stderr, from start to end. */
  async function bannerOf(args: readonly string[]): Promise<string> {
    const child = start(['serve', '--port', '0', ...args], place);
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
    return stderr;
  }

  it('prints a banner on stderr and nothing on stdout without --json', async () => {
    const stderr = await bannerOf([]);
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

  it('on every address tells one that can be dialled, and what a key is for', async () => {
    const keyOf = (id: string, scopes: readonly string[]) => ({
      id,
      hash: `sha256:${createHash('sha256').update(id).digest('hex')}`,
      scopes,
    });
    const keys = { keys: [keyOf('shop', ['claims:write', 'read']), keyOf('ops', ['admin'])] };
    writeFileSync(join(place.folder, 'keys.json'), JSON.stringify(keys));
    const args = ['--host', '0.0.0.0', '--api-keys-file', 'keys.json'];
    const server = await serve({ ...place, args });
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const env = { FIRSTCOME_API_KEY: 'shop', FIRSTCOME_URL: server.url };
    const rushed = await run(['rush', '--users', '120'], { ...place, env });
    expect(rushed.code).toBe(12);
    expect(rushed.stdout).toContain('audit        not read: the key needs the scope admin (403)');
    await server.end();
    const banner = await bannerOf(args);
    expect(banner).toContain(`listens   http://0.0.0.0:`);
    expect(banner).toMatch(/API +http:\/\/127\.0\.0\.1:\d+\/v1/);
    expect(banner).toContain('FIRSTCOME_API_KEY');
    expect(banner).toMatch(/npx firstcome campaigns create --vendor ven_welcome .* --url http/);
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
