import type { Command } from 'commander';
import { loadSettings, SETTINGS, type LoadedSettings } from '../../config.ts';
import { show, type Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { table, type Paint } from '../terminal.ts';
import type { Wiring } from '../wiring.ts';
import { examine, type Finding } from './examinations.ts';

const EXAMPLES = `
Examples:
  $ firstcome doctor                          with the settings that \`serve\` would have here
  $ firstcome doctor --data /var/lib/firstcome --port 4601
  $ firstcome doctor --json | jq '.findings[] | select(.state == "problem")'

Exit code 1 if something stands in the way, 2 if a setting is wrong.`;

interface Diagnosis {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  readonly settings: readonly { name: string; value: string | number | null; source: string }[];
}

export function defineDoctor(command: Command, context: Context): void {
  for (const { flag, doc } of SETTINGS) command.option(flag ?? '', doc);
  command
    .option('--json', 'print JSON on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json, ...flags }: Record<string, string | undefined> & { json?: boolean }) => {
      const { env, folder, terminal } = context;
      const loaded = loadSettings({ flags, env, folder });
      const diagnosis = await diagnose(loaded, context.wiring);
      show(context, { json: json === true }, diagnosis, () =>
        diagnosisText(diagnosis, terminal.dataPaint),
      );
      context.exit(diagnosis.ok ? EXIT.ok : loaded.ok ? EXIT.error : EXIT.usage);
    });
}

async function diagnose(loaded: LoadedSettings, wiring: Wiring): Promise<Diagnosis> {
  const odd = loaded.notes.map((detail): Finding => ({
    name: 'settings',
    state: 'warning',
    detail,
  }));
  if (!loaded.ok) {
    const findings = loaded.problems.map((detail): Finding => ({
      name: 'settings',
      state: 'problem',
      detail,
    }));
    return { ok: false, findings: [...findings, ...odd], settings: [] };
  }
  const { settings, sources } = loaded;
  const owner = await wiring.folderOwner(settings.data);
  const findings = [...(await examine(settings, owner)), ...odd];
  return {
    ok: findings.every(({ state }) => state !== 'problem'),
    findings,
    settings: Object.entries(settings).map(([name, value]) => ({
      name,
      value: value as string | number | null,
      source: sources[name as keyof typeof sources],
    })),
  };
}

function diagnosisText({ ok, findings, settings }: Diagnosis, paint: Paint): string {
  const verdict = ok
    ? `${paint.green('OK')} this machine can serve`
    : `${paint.red('PROBLEM')} something stands in the way`;
  const rows = findings.map(({ state, name, detail }) => [state, name, detail]);
  const values = settings.map(({ name, value, source }) => [name, String(value ?? '-'), source]);
  const parts = [verdict, '', table(['', 'what', 'detail'], rows)];
  if (values.length > 0) parts.push('', table(['setting', 'value', 'from'], values));
  return parts.join('\n');
}
