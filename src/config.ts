import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Where a setting's value came from, strongest first. */
export type SettingSource = 'flag' | 'environment' | 'file' | 'default';

/** The settings in force: parsed once, checked, frozen. */
export interface Settings {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Absolute path of the data folder. */
  readonly data: string;
  readonly engine: 'embedded';
  /** Absolute path, or null for "no keys, loopback only". */
  readonly apiKeysFile: string | null;
  readonly logLevel: LogLevel;
}

export type SettingName = keyof Settings;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One row of the catalogue that the command line, the documentation and the tests read. */
export interface SettingRow {
  /** As in `firstcome.config.json`. */
  readonly name: string;
  readonly env: string;
  /** As commander writes it; null when the setting has no flag. */
  readonly flag: string | null;
  readonly type: 'text' | 'number' | 'path' | 'choice';
  readonly fallback: string | null;
  /** What may be given, as the second half of a sentence. */
  readonly allowed: string;
  readonly doc: string;
}

export type LoadedSettings =
  | {
      readonly ok: true;
      readonly settings: Settings;
      readonly sources: Readonly<Record<SettingName, SettingSource>>;
      /** What looks odd but stops nothing, a sentence each. */
      readonly notes: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly string[]; readonly exitCode: 2 | 3 };

/** What settings are read from. */
export interface SettingInputs {
  /** By the name of the setting; undefined where no flag was given. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths and the configuration file are looked up here. */
  readonly folder: string;
}

export const CONFIG_FILE = 'firstcome.config.json';
export const HOST_DEFAULT = '127.0.0.1';
export const PORT_DEFAULT = 4600;
const PORT_MAX = 65_535;
const ENV_PREFIX = 'FIRSTCOME_';
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** The settings of the server. */
export const SETTINGS: readonly SettingRow[] = [
  row('host', '--host <address>', 'text', HOST_DEFAULT, {
    allowed: 'an IP address or a host name',
    doc: 'The address to listen on. Any but loopback needs an API keys file.',
  }),
  row('port', '--port <number>', 'number', String(PORT_DEFAULT), {
    allowed: `a whole number from 0 to ${PORT_MAX} (0 picks a free one)`,
    doc: 'The port to listen on; 0 picks a free one and prints it.',
  }),
  row('data', '--data <folder>', 'path', '.firstcome', {
    allowed: 'the path of a folder',
    doc: 'The data folder of the embedded engine; it is made if it does not exist.',
  }),
  row('engine', '--engine <name>', 'choice', 'embedded', {
    allowed: 'embedded',
    doc: 'Where the record is kept: `embedded` is a SQLite file in the data folder.',
  }),
  row('apiKeysFile', '--api-keys-file <file>', 'path', null, {
    allowed: 'the path of a file',
    doc: 'A file of hashed API keys with scopes. Without it everybody on loopback may do all.',
  }),
  row('logLevel', '--log-level <level>', 'choice', 'info', {
    allowed: `one of ${LOG_LEVELS.join(', ')}`,
    doc: 'The least important log lines that are still written (to stderr).',
  }),
];

/** Settings of commands that talk to a running server; flags `--url` and `--api-key` win. */
export const CLIENT_SETTINGS: readonly SettingRow[] = [
  row('url', '--url <url>', 'text', `http://${HOST_DEFAULT}:${PORT_DEFAULT}`, {
    allowed: 'an http or https address',
    doc: 'The server that commands such as `rush` and `campaigns` talk to.',
  }),
  row('apiKey', '--api-key <key>', 'text', null, {
    allowed: 'a key of the server’s keys file',
    doc: 'The API key that those commands send. The environment keeps it out of process lists.',
  }),
];

/** Settings that mean something only to engines that this version does not have. */
export const LATER_SETTINGS: readonly SettingRow[] = [
  later('roles', 'which parts of a cluster this process runs'),
  later('jwksUrl', 'the keys of an identity provider'),
  later('databaseUrl', 'the cluster’s PostgreSQL'),
  later('redisUrl', 'the cluster’s Redis or Valkey'),
  later('kafkaBrokers', 'the cluster’s Kafka'),
];

/** Reads, checks and freezes the settings: flag before environment before file before default. */
export function loadSettings(inputs: SettingInputs): LoadedSettings {
  const file = readConfigFile(inputs.folder);
  if (!file.ok) return { ok: false, problems: [file.problem], exitCode: 2 };
  const problems: string[] = [
    ...unknownMembers(file.members),
    ...givenTooEarly(inputs, file.members),
  ];
  const sources: Partial<Record<SettingName, SettingSource>> = {};
  const values: Record<string, unknown> = {};
  let wantsCluster = false;
  for (const setting of SETTINGS) {
    const name = setting.name as SettingName;
    const given = pick(setting, inputs, file.members);
    const value = given.isOfWrongType === true ? undefined : parse(name, given.text, inputs.folder);
    if (value === undefined && name === 'engine' && given.text === 'cluster') wantsCluster = true;
    else if (value === undefined) problems.push(wrong(setting, given));
    sources[name] = given.source;
    values[name] = value;
  }
  if (wantsCluster) {
    const problem = 'the cluster engine is not available in this version; use engine "embedded"';
    return { ok: false, problems: [problem], exitCode: 3 };
  }
  const settings = Object.freeze(values) as unknown as Settings;
  if (problems.length === 0) problems.push(...unguarded(settings));
  if (problems.length > 0) return { ok: false, problems, exitCode: 2 };
  return {
    ok: true,
    settings,
    sources: Object.freeze(sources) as Record<SettingName, SettingSource>,
    notes: unknownEnvironment(inputs.env),
  };
}

/** An address as it stands in a browser's bar. */
export function addressOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

export type LoadedClientSettings =
  | { readonly ok: true; readonly url: URL; readonly apiKey: string | null }
  | { readonly ok: false; readonly problem: string };

/**
 * Where a command finds its server: the address given, else that of the server which the same
 * environment and configuration file would start.
 */
export function loadClientSettings(inputs: SettingInputs): LoadedClientSettings {
  const file = readConfigFile(inputs.folder);
  if (!file.ok) return file;
  const [urlSetting, keySetting] = CLIENT_SETTINGS as [SettingRow, SettingRow];
  const given = pick(urlSetting, inputs, file.members);
  const text = given.source === 'default' ? ownAddress(inputs, file.members) : (given.text ?? '');
  const url = given.isOfWrongType !== true && URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return { ok: false, problem: wrong(urlSetting, { ...given, text }) };
  }
  const key = pick(keySetting, inputs, file.members);
  // A line end in a key would end the header that carries it.
  if (key.text !== null && !/^[\x21-\x7e]+$/.test(key.text)) {
    return { ok: false, problem: `${key.label}: is not allowed; give ${keySetting.allowed}` };
  }
  return { ok: true, url, apiKey: key.text };
}

/** Whether only this machine can reach a server that listens there. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(bare);
}

function ownAddress(inputs: SettingInputs, members: Members): string {
  const [host, port] = (['host', 'port'] as const).map((name) => {
    const setting = SETTINGS.find((row) => row.name === name)!;
    return parse(name, pick(setting, inputs, members).text, inputs.folder);
  });
  const known =
    typeof host === 'string' && host !== '0.0.0.0' && host !== '::' ? host : HOST_DEFAULT;
  return addressOf(known, typeof port === 'number' && port > 0 ? port : PORT_DEFAULT);
}

interface Given {
  readonly source: SettingSource;
  /** The name under which the user gave it. */
  readonly label: string;
  readonly text: string | null;
  /** The file gave JSON of another type; environment and flags only know text. */
  readonly isOfWrongType?: boolean;
}

type Members = Readonly<Record<string, unknown>>;

function row(
  name: string,
  flag: string | null,
  type: SettingRow['type'],
  fallback: string | null,
  words: { allowed: string; doc: string },
): SettingRow {
  const upper = name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return { name, env: ENV_PREFIX + upper, flag, type, fallback, ...words };
}

function later(name: string, doc: string): SettingRow {
  return row(name, null, 'text', null, { allowed: 'nothing in this version', doc });
}

function pick(setting: SettingRow, inputs: SettingInputs, members: Members): Given {
  const flag = inputs.flags[setting.name];
  if (flag !== undefined) {
    return { source: 'flag', label: setting.flag?.split(' ')[0] ?? setting.name, text: flag };
  }
  const env = inputs.env[setting.env];
  if (env !== undefined) return { source: 'environment', label: setting.env, text: env };
  const member = members[setting.name];
  if (member !== undefined) {
    const isText = typeof member === 'string';
    const isOfWrongType = !isText && !(setting.type === 'number' && typeof member === 'number');
    const text = isText ? member : JSON.stringify(member);
    return { source: 'file', label: `${CONFIG_FILE}: ${setting.name}`, text, isOfWrongType };
  }
  return { source: 'default', label: setting.env, text: setting.fallback };
}

/** The value, or undefined if the text is none. */
function parse(name: SettingName, text: string | null, folder: string): unknown {
  if (text === null) return null;
  if (text.trim() === '' || text.includes('\0')) return undefined;
  switch (name) {
    case 'host':
      return /^[A-Za-z0-9.:_[\]-]{1,253}$/.test(text) ? text.replace(/^\[|\]$/g, '') : undefined;
    case 'port':
      return /^\d{1,5}$/.test(text) && Number(text) <= PORT_MAX ? Number(text) : undefined;
    case 'data':
    case 'apiKeysFile':
      return resolve(folder, text);
    case 'engine':
      return text === 'embedded' ? text : undefined;
    case 'logLevel':
      return (LOG_LEVELS as readonly string[]).includes(text) ? text : undefined;
  }
}

function wrong(setting: SettingRow, given: Given): string {
  const text = JSON.stringify(given.text);
  const line = `${given.label}: ${text} is not allowed; give ${setting.allowed}`;
  // Kubernetes sets NAME_PORT=tcp://... for a Service of this name, which nobody would guess.
  const isFromService = setting.name === 'port' && given.text?.startsWith('tcp://') === true;
  return isFromService ? `${line} (set enableServiceLinks: false in the pod)` : line;
}

function unguarded(settings: Settings): string[] {
  if (isLoopback(settings.host) || settings.apiKeysFile !== null) return [];
  return [
    `host: ${JSON.stringify(settings.host)} can be reached from other machines and there are no ` +
      `API keys; give ${ENV_PREFIX}API_KEYS_FILE, or a loopback host such as ${HOST_DEFAULT}`,
  ];
}

/** Their values are not repeated: addresses of databases carry passwords. */
function givenTooEarly(inputs: SettingInputs, members: Members): string[] {
  return LATER_SETTINGS.flatMap((setting) => {
    const label =
      inputs.env[setting.env] !== undefined
        ? setting.env
        : members[setting.name] !== undefined
          ? `${CONFIG_FILE}: ${setting.name}`
          : null;
    if (label === null) return [];
    return [`${label}: was given, but ${setting.doc} is not supported in this version; remove it`];
  });
}

function readConfigFile(
  folder: string,
): { ok: true; members: Members } | { ok: false; problem: string } {
  let text: string;
  try {
    text = readFileSync(resolve(folder, CONFIG_FILE), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { ok: true, members: {} };
    return { ok: false, problem: `${CONFIG_FILE}: cannot be read (${code ?? 'unknown'})` };
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      return { ok: true, members: parsed as Members };
    }
  } catch (error) {
    const { message } = error as Error;
    const place = message.replaceAll(/\s+/g, ' ').slice(0, 100);
    return { ok: false, problem: `${CONFIG_FILE}: is not JSON (${place})` };
  }
  return { ok: false, problem: `${CONFIG_FILE}: holds no JSON object; give {"port": 4601}` };
}

function unknownMembers(members: Members): string[] {
  const known = [...SETTINGS, ...CLIENT_SETTINGS, ...LATER_SETTINGS].map(({ name }) => name);
  return Object.keys(members)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const names = SETTINGS.map((setting) => setting.name).join(', ');
      return `${CONFIG_FILE}: ${JSON.stringify(name)} is no setting; settings are ${names}`;
    });
}

/** Names that another program may own stop nothing, but a typing mistake should be seen. */
function unknownEnvironment(env: SettingInputs['env']): string[] {
  const known = [...SETTINGS, ...CLIENT_SETTINGS, ...LATER_SETTINGS].map((setting) => setting.env);
  return Object.keys(env)
    .filter((name) => name.startsWith(ENV_PREFIX) && !known.includes(name))
    .map((name) => `${name} is in the environment but is no setting; it is ignored`);
}
