import { describe, expect, it } from 'vitest';
import { flagsByCommand } from '../scripts/reference/cli-page.ts';
import { referencePages } from '../scripts/reference/pages.ts';
import { COMMANDS } from '../src/cli/program.ts';
import { CLIENT_SETTINGS, LATER_SETTINGS, SETTINGS } from '../src/config.ts';
import { CALL_LIST, refusalsOf } from '../src/contract/calls.ts';
import { EVENT_TYPES, fullEventType } from '../src/contract/event-schemas.ts';
import { PROBLEMS } from '../src/contract/problems.ts';
import { brokenLinks, unknownIn, type Known } from './house/docs-claims.ts';
import { filesUnder, readSource } from './house/source-files.ts';

const pages = await referencePages();
const flags = await flagsByCommand();
const settings = [...SETTINGS, ...CLIENT_SETTINGS, ...LATER_SETTINGS];
const documents = filesUnder('').filter(({ path }) => path.endsWith('.md'));
const manifest = JSON.parse(readSource('package.json').text) as {
  scripts: Record<string, string>;
};
const known: Known = {
  environment: new Set(settings.map(({ env }) => env)),
  paths: CALL_LIST.map(([, { path }]) => path),
  flags,
  eventTypes: new Set(EVENT_TYPES.map(fullEventType)),
  scripts: new Set(Object.keys(manifest.scripts)),
};

describe('the reference', () => {
  it.each(Object.keys(pages))('has %s as `npm run docs` writes it', (name) => {
    expect(documents.map(({ path }) => path)).toContain(`docs/reference/${name}`);
    expect(readSource(`docs/reference/${name}`).text).toBe(pages[name]);
  });

  it('explains every problem code', () => {
    for (const code of Object.keys(PROBLEMS))
      expect(pages['errors.md']).toContain(`\n## ${code}\n`);
  });

  it('explains every call, and every refusal of its own', () => {
    for (const [, call] of CALL_LIST) {
      expect(pages['http.md']).toContain(`\n### ${call.method} ${call.path}\n`);
      for (const code of refusalsOf(call)) expect(pages['http.md']).toContain(`[${code}]`);
    }
  });

  it('explains every event', () => {
    for (const type of EVENT_TYPES) {
      expect(pages['events.md']).toContain(`\n## ${fullEventType(type)}\n`);
    }
  });

  it('explains every setting', () => {
    for (const { env } of settings) expect(pages['settings.md']).toContain(`\`${env}\``);
  });

  it('explains every command and every flag of it', () => {
    for (const { name } of COMMANDS) expect([...flags.keys()]).toContain(`firstcome ${name}`);
    for (const [command, names] of flags) {
      const section = (pages['cli.md'] ?? '').split(`\n## ${command}\n`)[1]?.split('\n## ')[0];
      for (const flag of names) expect(section, command).toContain(flag);
    }
  });
});

describe('every document', () => {
  it('is seen by these checks', () => {
    expect(documents.length).toBeGreaterThan(10);
  });

  it('names only settings, calls, events, commands, flags and scripts that exist', () => {
    expect(documents.flatMap((document) => unknownIn(document, known))).toEqual([]);
  });

  it('links only to files that are there', () => {
    expect(documents.flatMap(brokenLinks)).toEqual([]);
  });
});

describe('the controls', () => {
  const planted = (text: string): { path: string; text: string } => ({ path: 'docs/x.md', text });

  it.each([
    'Set `FIRSTCOME_COLOUR`.',
    'Ask `GET /v1/winners`.',
    '```sh\ncurl http://127.0.0.1:4600/v1/campaigns/cmp_welcome/winners\n```',
    'It writes `dev.firstcome.coupon.eaten.v1`.',
    'Run `npm run everything`.',
    'Run `firstcome win`.',
    '```sh\nnpx firstcome rush --users 5 \\\n  --always-win\n```',
    'Run `npm start -- --colour red`.',
    'Run `firstcome campaigns list --quantity 5`.',
  ])('find what does not exist: %s', (text) => {
    expect(unknownIn(planted(text), known)).toHaveLength(1);
  });

  it.each([
    'Set `FIRSTCOME_PORT`, which firstcome reads.',
    '```sh\ncurl -X POST http://127.0.0.1:4600/v1/campaigns/cmp_welcome/claims\n```',
    'Run `npx firstcome rush --users=5 | jq` and `npm start -- --port 4601`.',
    'Run `firstcome campaigns create --quantity 5`.',
  ])('let pass what exists: %s', (text) => {
    expect(unknownIn(planted(text), known)).toEqual([]);
  });

  it('find a link to nothing, and let pass one to a file and one to the web', () => {
    expect(brokenLinks(planted('[a](nothing.md)'))).toHaveLength(1);
    expect(brokenLinks(planted('[a](../LICENSE#x) [b](https://example.com)'))).toEqual([]);
  });
});
