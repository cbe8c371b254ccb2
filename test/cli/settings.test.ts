import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  addressOf,
  CLIENT_SETTINGS,
  isLoopback,
  LATER_SETTINGS,
  loadClientSettings,
  loadSettings,
  SETTINGS,
  type SettingInputs,
} from '../../src/config.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firstcome-settings-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function inputs(given: Partial<SettingInputs> = {}, file?: unknown): SettingInputs {
  if (file !== undefined) {
    const text = typeof file === 'string' ? file : JSON.stringify(file);
    writeFileSync(join(folder, 'firstcome.config.json'), text);
  }
  return { flags: {}, env: {}, folder, ...given };
}

describe('settings', () => {
  it('have defaults that serve on loopback, from the current folder', () => {
    const loaded = loadSettings(inputs());
    expect(loaded).toMatchObject({
      ok: true,
      settings: {
        host: '127.0.0.1',
        port: 4600,
        data: join(folder, '.firstcome'),
        engine: 'embedded',
        apiKeysFile: null,
        logLevel: 'info',
      },
    });
    expect(loaded.ok && Object.isFrozen(loaded.settings)).toBe(true);
  });

  it.each([
    ['flag', { flags: { port: '1' }, env: { FIRSTCOME_PORT: '2' } }, { port: 3 }, 1],
    ['environment', { env: { FIRSTCOME_PORT: '2' } }, { port: 3 }, 2],
    ['file', {}, { port: 3 }, 3],
    ['default', {}, {}, 4600],
  ])('take the port from the %s when nothing stronger gives it', (source, given, file, port) => {
    const loaded = loadSettings(inputs(given, file));
    expect(loaded).toMatchObject({ ok: true, settings: { port }, sources: { port: source } });
  });

  it.each([
    ['FIRSTCOME_PORT', '65536', 'FIRSTCOME_PORT: "65536" is not allowed; give a whole number'],
    ['FIRSTCOME_PORT', 'http', 'FIRSTCOME_PORT: "http" is not allowed'],
    ['FIRSTCOME_PORT', '-1', 'FIRSTCOME_PORT: "-1"'],
    ['FIRSTCOME_PORT', '4600.5', 'FIRSTCOME_PORT: "4600.5"'],
    ['FIRSTCOME_PORT', '', 'FIRSTCOME_PORT: "" is not allowed'],
    ['FIRSTCOME_PORT', 'tcp://10.0.0.1:4600', 'enableServiceLinks'],
    ['FIRSTCOME_HOST', 'a b', 'FIRSTCOME_HOST: "a b" is not allowed; give an IP address'],
    ['FIRSTCOME_HOST', '', 'FIRSTCOME_HOST: ""'],
    ['FIRSTCOME_DATA', '', 'FIRSTCOME_DATA: "" is not allowed; give the path of a folder'],
    ['FIRSTCOME_DATA', 'a\0b', 'FIRSTCOME_DATA'],
    ['FIRSTCOME_ENGINE', 'oracle', 'FIRSTCOME_ENGINE: "oracle" is not allowed; give embedded'],
    ['FIRSTCOME_LOG_LEVEL', 'loud', 'FIRSTCOME_LOG_LEVEL: "loud" is not allowed; give one of'],
    ['FIRSTCOME_API_KEYS_FILE', '', 'FIRSTCOME_API_KEYS_FILE: ""'],
    ['FIRSTCOME_HOST', '0.0.0.0', 'there are no API keys; give FIRSTCOME_API_KEYS_FILE'],
    ['FIRSTCOME_HOST', '192.168.0.7', 'there are no API keys'],
    ['FIRSTCOME_DATABASE_URL', 'postgres://u:secret@h/d', 'not supported in this version'],
    ['FIRSTCOME_REDIS_URL', 'redis://h', 'FIRSTCOME_REDIS_URL: was given'],
    ['FIRSTCOME_KAFKA_BROKERS', 'h:9092', 'FIRSTCOME_KAFKA_BROKERS: was given'],
    ['FIRSTCOME_ROLES', 'api', 'FIRSTCOME_ROLES: was given'],
    ['FIRSTCOME_JWKS_URL', 'https://h', 'FIRSTCOME_JWKS_URL: was given'],
  ])('refuse %s=%s in one line', (name, value, words) => {
    const loaded = loadSettings(inputs({ env: { [name]: value } }));
    expect(loaded).toMatchObject({ ok: false, exitCode: 2 });
    const problems = loaded.ok ? [] : loaded.problems;
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(words);
    expect(problems[0]).not.toContain('\n');
    expect(problems[0]).not.toContain('secret');
  });

  it.each([
    ['{"port":', 'firstcome.config.json: is not JSON'],
    ['[]', 'firstcome.config.json: holds no JSON object'],
    [{ prot: 1 }, 'firstcome.config.json: "prot" is no setting'],
    [{ port: 'x' }, 'firstcome.config.json: port: "x" is not allowed'],
    [{ port: [1] }, 'firstcome.config.json: port: "[1]" is not allowed'],
    [{ host: true }, 'firstcome.config.json: host: "true" is not allowed'],
    [{ databaseUrl: 'x' }, 'firstcome.config.json: databaseUrl: was given'],
  ])('refuse the file %j in one line', (file, words) => {
    const loaded = loadSettings(inputs({}, file));
    if (loaded.ok) expect.unreachable('the file was taken');
    else expect(loaded.problems).toEqual([expect.stringContaining(words)]);
  });

  it('name every wrong setting, a line each', () => {
    const env = { FIRSTCOME_PORT: 'x', FIRSTCOME_LOG_LEVEL: 'y' };
    expect(loadSettings(inputs({ env, flags: { engine: 'z' } }))).toMatchObject({
      ok: false,
      problems: [
        expect.stringContaining('FIRSTCOME_PORT'),
        expect.stringContaining('--engine'),
        expect.stringContaining('FIRSTCOME_LOG_LEVEL'),
      ],
    });
  });

  it('say that the cluster engine is not available, with the exit code for that', () => {
    const env = { FIRSTCOME_ENGINE: 'cluster', FIRSTCOME_DATABASE_URL: 'postgres://h/d' };
    expect(loadSettings(inputs({ env }))).toEqual({
      ok: false,
      exitCode: 3,
      problems: [expect.stringContaining('not available in this version')],
      notes: [],
    });
  });

  it('take a public host when there are keys', () => {
    const env = { FIRSTCOME_HOST: '0.0.0.0', FIRSTCOME_API_KEYS_FILE: 'keys.json' };
    expect(loadSettings(inputs({ env }))).toMatchObject({
      ok: true,
      settings: { host: '0.0.0.0', apiKeysFile: join(folder, 'keys.json') },
    });
  });

  it('point out a misspelt name in the environment and go on', () => {
    const loaded = loadSettings(inputs({ env: { FIRSTCOME_PROT: '1' } }));
    expect(loaded).toMatchObject({ ok: true, notes: [expect.stringContaining('FIRSTCOME_PROT')] });
  });

  it('point it out as well when another setting is wrong', () => {
    const env = { FIRSTCOME_PROT: '1', FIRSTCOME_PORT: 'x' };
    expect(loadSettings(inputs({ env }))).toMatchObject({
      ok: false,
      problems: [expect.stringContaining('FIRSTCOME_PORT')],
      notes: [expect.stringContaining('FIRSTCOME_PROT')],
    });
  });

  it.each([
    ['127.0.0.1', true],
    ['127.8.9.1', true],
    ['::1', true],
    ['[::1]', true],
    ['localhost', true],
    ['::ffff:127.0.0.1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['127.0.0.1.example.org', false],
    ['localhost.example.org', false],
  ])('tell whether %s is this machine only: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});

describe('the settings of clients', () => {
  it.each([
    ['nothing given', {}, undefined, 'http://127.0.0.1:4600/'],
    ['a flag', { flags: { url: 'http://h:1' } }, undefined, 'http://h:1/'],
    ['the environment', { env: { FIRSTCOME_URL: 'https://h/base' } }, undefined, 'https://h/base'],
    [
      'the port of the server',
      { env: { FIRSTCOME_PORT: '4601' } },
      undefined,
      'http://127.0.0.1:4601/',
    ],
    ['the file of the server', {}, { port: 4602, host: '::1' }, 'http://[::1]:4602/'],
    ['a host that is every address', {}, { host: '0.0.0.0' }, 'http://127.0.0.1:4600/'],
    ['a host that is every address of IPv6', {}, { host: '::' }, 'http://[::1]:4600/'],
    [
      'a port that is picked',
      { env: { FIRSTCOME_PORT: '0' } },
      undefined,
      'http://127.0.0.1:4600/',
    ],
  ])('find the server by %s', (_case, given, file, url) => {
    const loaded = loadClientSettings(inputs(given, file));
    expect(loaded.ok && loaded.url.href).toBe(url);
  });

  it.each([
    [{ flags: { url: 'nonsense' } }, '--url: "nonsense" is not allowed'],
    [{ env: { FIRSTCOME_URL: 'ftp://h' } }, 'FIRSTCOME_URL: "ftp://h" is not allowed'],
    [{ env: { FIRSTCOME_API_KEY: 'a\r\nb: c' } }, 'FIRSTCOME_API_KEY: is not allowed'],
  ])('refuse %j in one line', (given, words) => {
    const loaded = loadClientSettings(inputs(given));
    expect(!loaded.ok && loaded.problem).toContain(words);
  });
});

describe('the catalogue of settings', () => {
  const rows = [...SETTINGS, ...CLIENT_SETTINGS, ...LATER_SETTINGS];

  it('names each setting once, everywhere alike', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
    for (const { name, env, flag } of rows) {
      const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).split(' ');
      expect(env).toBe(`FIRSTCOME_${words.join('_').toUpperCase()}`);
      if (flag !== null) expect(flag.split(' ')[0]).toBe(`--${words.join('-')}`);
    }
  });

  it('writes addresses of both families', () => {
    expect(addressOf('::1', 4600)).toBe('http://[::1]:4600');
    expect(addressOf('127.0.0.1', 1)).toBe('http://127.0.0.1:1');
  });
});
