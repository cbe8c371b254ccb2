import type { Command } from 'commander';
import type { Context } from '../../src/cli/context.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { page, table } from './markdown.ts';

const HELP_COLUMNS = 96;
const INTRODUCTION = `
Data goes to stdout and messages to stderr. \`--json\` is there on every command that gives data.
There is neither colour nor animation off a terminal or under \`NO_COLOR\`. Settings that flags name
can also come from the environment and a file; see [settings](settings.md).

In a checkout the program is \`npx firstcome\`; \`npm start\` is \`firstcome serve\`, and takes its
flags behind \`--\`.`.trim();

const EXIT_CODES: readonly (readonly [string, string])[] = [
  ['0', 'as expected'],
  ['1', 'error'],
  ['2', 'wrong use: an unknown flag, a wrong setting'],
  ['3', 'the port, the engine or the server is not available'],
  ['10', 'a promise is broken'],
  ['11', 'a threshold is missed'],
  ['12', 'inconclusive: it could not be told'],
  ['130', 'interrupted'],
];

/** Every command with its own help, which is where flags and examples are said. */
export async function cliPage(): Promise<string> {
  let written = '';
  const program = await programForReading((text) => (written += `${text}\n`));
  const sections = commandsIn(program).map((command) => {
    written = '';
    command.outputHelp();
    return `## ${nameOf(command)}\n\n\`\`\`text\n${written.trim()}\n\`\`\``;
  });
  return page('Command line', INTRODUCTION, table(['exit code', 'says'], EXIT_CODES), ...sections);
}

/** The long flags that each command takes, by its full name (`firstcome campaigns create`). */
export async function flagsByCommand(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const program = await programForReading(() => undefined);
  return new Map(
    commandsIn(program).map((command) => {
      const flags = command.options.flatMap(({ long }) => (typeof long === 'string' ? [long] : []));
      return [nameOf(command), new Set([...flags, '--help'])];
    }),
  );
}

/** The program, connected to nothing: it is asked for its help and never run. */
async function programForReading(write: (text: string) => void): Promise<Command> {
  const context = {
    terminal: { data: write, message: write },
    wiring: { version: '0.0.0' },
    env: {},
    folder: '.',
    exit: () => undefined,
  } as unknown as Context;
  const program = await buildProgram(context);
  // The width of the terminal at hand must not change a page.
  for (const command of [program, ...commandsIn(program)]) {
    command.configureOutput({ getOutHelpWidth: () => HELP_COLUMNS, getOutHasColors: () => false });
  }
  return program;
}

function commandsIn(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...commandsIn(child)]);
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}
