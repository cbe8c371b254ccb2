import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/program.ts';
import { finished, run, start, temporaryFolder } from './command-line.ts';

let place: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  place = temporaryFolder();
});

afterEach(() => place.remove());

/** No stack trace: neither `at f (file:1:2)` nor the path of a source file. */
const STACK = /\n\s+at .*:\d+:\d+|\/src\/.*\.ts/;

describe('every command', () => {
  it.each(COMMANDS.map(({ name }) => name))('%s explains itself with examples', async (name) => {
    const { code, stdout, stderr } = await run([name, '--help'], place);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toContain(`Usage: firstcome ${name}`);
    expect(stdout).toContain(`$ firstcome ${name}`);
    expect(stdout).toContain('--json'.slice(0, name === 'campaigns' || name === 'vendors' ? 0 : 6));
  });

  it('is listed by the program, with the exit codes', async () => {
    const { code, stdout } = await run(['--help'], place);
    expect(code).toBe(0);
    for (const { name, summary } of COMMANDS)
      expect(stdout).toMatch(new RegExp(`${name} +${summary}`));
    expect(stdout).toContain('10 a promise is broken');
  });

  it('tells its version', async () => {
    const { code, stdout } = await run(['--version'], place);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('wrong usage ends with 2 and one line', () => {
  it.each([
    [['brew'], 'unknown command'],
    [['rush', '--users', '0'], '--users'],
    [['rush', '--users', 'many'], 'whole number'],
    [['rush', '--rate', '-1'], '--rate'],
    [['rush', '--users', '5000000', '--requests-per-user', '5000'], 'at most 10000000 in all'],
    [['rush', '--bogus'], '--bogus'],
    [['rush', 'extra'], 'too many arguments'],
    [['rush', '--url', 'nonsense'], '--url: "nonsense" is not allowed'],
    [['audit', '--url', 'http://h', '--data', 'x'], 'exclude each other'],
    [['campaigns', 'create', '--title', 'x'], '--vendor'],
    [['campaigns', 'create', '--vendor', 'v', '--title', 'x'], 'either --amount, or --percent'],
    [['campaigns', 'update', 'cmp_a'], 'give --title, --quantity or --ends-at'],
    [['serve', '--port', '70000'], '--port: "70000" is not allowed; give a whole number'],
    [['serve', '--host', '0.0.0.0'], 'no API keys'],
    [['serve', '--log-level', 'loud'], '--log-level: "loud" is not allowed; give one of'],
    [['serve', '--api-keys-file', 'none.json'], 'none.json: cannot be read (ENOENT)'],
  ])('firstcome %j', async (args, words) => {
    const { code, stdout, stderr } = await run(args, place);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).not.toMatch(STACK);
  });

  it('without a command, with the help on stderr', async () => {
    const { code, stdout, stderr } = await run([], place);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('Usage: firstcome');
  });

  it.each([
    [{ FIRSTCOME_PORT: 'http' }, 'FIRSTCOME_PORT: "http" is not allowed; give a whole number'],
    [{ FIRSTCOME_REDIS_URL: 'redis://h' }, 'FIRSTCOME_REDIS_URL: was given'],
  ])('by the environment %j', async (env, words) => {
    const { code, stderr } = await run(['serve'], { ...place, env });
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('by the configuration file, a line for each setting', async () => {
    writeFileSync(join(place.folder, 'firstcome.config.json'), '{"port": -1, "engine": "x"}');
    const { code, stderr } = await run(['serve'], place);
    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringContaining('firstcome.config.json: port: "-1"'),
      expect.stringContaining('firstcome.config.json: engine: "x"'),
    ]);
  });

  it('by a keys file that is wrong, without repeating what stands in it', async () => {
    writeFileSync(join(place.folder, 'keys.json'), 'sk_live_secret');
    const { code, stderr } = await run(['serve', '--api-keys-file', 'keys.json'], place);
    expect(code).toBe(2);
    expect(stderr).toContain('is not JSON');
    expect(stderr).not.toContain('sk_live');
  });
});

describe('what is not there ends with 3 and one line', () => {
  it.each([
    ['rush'],
    ['audit'],
    ['campaigns list'],
    ['vendors show ven_a'],
    ['events'],
    ['events --follow'],
    ['seed'],
  ])('firstcome %s without a server', async (line) => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const { code, stdout, stderr } = await run([...line.split(' '), '--url', url], place);
    expect(code).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toContain(`no server answers at ${url}`);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('the cluster engine', async () => {
    const { code, stderr } = await run(['serve', '--engine', 'cluster'], place);
    expect(code).toBe(3);
    expect(stderr).toContain('not available in this version');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('a server that is no firstcome', () => {
  let other: Server;
  let url: string;

  beforeAll(async () => {
    other = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.resume();
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi');
    });
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  });

  afterAll(() => new Promise((done) => other.close(done)));

  it('ends a command with 1 and one line', async () => {
    const { code, stderr } = await run(['rush', '--url', url], place);
    expect(code).toBe(1);
    expect(stderr).toContain('unexpected-answer');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('the doctor', () => {
  it('says what it found and which settings are in force, and from where', async () => {
    const env = { FIRSTCOME_PORT: '0' };
    const { code, stdout, stderr } = await run(['doctor', '--json'], { ...place, env });
    const diagnosis = JSON.parse(stdout) as { ok: boolean; findings: { name: string }[] };
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(diagnosis).toMatchObject({
      ok: true,
      settings: expect.arrayContaining([
        { name: 'port', value: 0, source: 'environment' },
      ]) as unknown,
    });
    expect(diagnosis.findings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Node', 'data folder', 'disk free', 'disk sync', 'port']),
    );
  });

  it('ends with 1 when the port is taken, and names the process', async () => {
    const holder = createServer();
    await new Promise<void>((done) => holder.listen(0, '127.0.0.1', done));
    const { port } = holder.address() as AddressInfo;
    const { code, stdout } = await run(['doctor', '--port', String(port)], place);
    await new Promise((done) => holder.close(done));
    expect(code).toBe(1);
    expect(stdout.split('\n')[0]).toBe('PROBLEM something stands in the way');
    if (process.platform === 'linux') expect(stdout).toContain(`taken by process ${process.pid}`);
  });
});

describe('output', () => {
  it('carries no colour off a terminal', async () => {
    const { stdout } = await run(['doctor', '--port', '0'], place);
    expect(stdout).not.toContain('\u001b[');
  });

  it('may be cut off by its reader without a complaint', async () => {
    const child = start(['--help'], place);
    const end = finished(child);
    child.stdout?.destroy();
    expect(await end).toMatchObject({ code: 0, stderr: '' });
  });
});

/** A port on which nobody listens: it was just given and given back. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
