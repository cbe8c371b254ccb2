import {
  CLIENT_SETTINGS,
  CONFIG_FILE,
  LATER_SETTINGS,
  SETTINGS,
  type SettingRow,
} from '../../src/config.ts';
import { code, page, table } from './markdown.ts';

const INTRODUCTION = `
A flag wins over the environment, the environment over \`${CONFIG_FILE}\` in
the folder where the command runs, and the file over the default. A wrong setting stops the start
with one line that names the setting, what was given and what is allowed; the exit code is 2.

\`\`\`json
{ "port": 4601, "logLevel": "warn" }
\`\`\``.trim();

/** Every setting with its three names. */
export function settingsPage(): string {
  return page(
    'Settings',
    INTRODUCTION,
    '## Of the server',
    settingsTable(SETTINGS),
    '## Of commands that talk to a server',
    settingsTable(CLIENT_SETTINGS),
    '## Of engines that this version does not have',
    'Giving one of these stops the start, so that nobody believes it had an effect.',
    table(
      ['environment', 'what'],
      LATER_SETTINGS.map(({ env, doc }) => [code(env), doc]),
    ),
  );
}

function settingsTable(settings: readonly SettingRow[]): string {
  const rows = settings.map((setting) => [
    setting.flag === null ? '' : code(setting.flag),
    code(setting.env),
    code(setting.name),
    setting.fallback === null ? 'none' : code(setting.fallback),
    setting.allowed,
    setting.doc,
  ]);
  return table(['flag', 'environment', 'in the file', 'default', 'allowed', 'what'], rows);
}
