import type { Command } from 'commander';
import { FollowRefused, type CloudEvent } from '../sdk/index.ts';
import { addServerFlags, connectTo, interruption, mustHave } from './context.ts';
import type { Context, ServerFlags } from './context.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { wholeNumber } from './option-values.ts';

interface EventFlags extends ServerFlags {
  readonly after?: string;
  readonly type?: string;
  readonly subject?: string;
  readonly limit?: number;
  readonly follow?: boolean;
}

const PAGE = 100;
const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 1_000_000;

const EXAMPLES = `
Examples:
  $ firstcome events                                    the oldest 20
  $ firstcome events --type coupon.issued --limit 500
  $ firstcome events --subject cmp_welcome --json       one JSON event a line
  $ firstcome events --follow                           what happens from now on; Ctrl-C ends it
  $ firstcome events --follow --after EVENT_ID          what happened since, then what happens`;

export function defineEvents(command: Command, context: Context): void {
  addServerFlags(command)
    .option('--after <id>', 'events after this one')
    .option('--type <type>', 'of this type only, such as coupon.issued')
    .option('--subject <id>', 'about this id only')
    .option('--limit <n>', `how many (default: ${LIMIT_DEFAULT})`, wholeNumber(1, LIMIT_MAX))
    .option('--follow', 'go on with what happens, live')
    .addHelpText('after', EXAMPLES)
    .action((flags: EventFlags) =>
      flags.follow === true ? followLog(flags, context) : listLog(flags, context),
    );
}

async function listLog(flags: EventFlags, context: Context): Promise<void> {
  const { client } = connectTo(context, flags);
  let left = flags.limit ?? LIMIT_DEFAULT;
  let cursor: string | undefined;
  while (left > 0) {
    const page = mustHave(
      await client.events.list({
        ...filterOf(flags),
        limit: Math.min(PAGE, left),
        ...(cursor !== undefined && { cursor }),
      }),
    );
    for (const event of page.data) print(event, flags, context);
    left -= page.data.length;
    if (page.nextCursor === null || page.data.length === 0) return;
    cursor = page.nextCursor;
  }
}

async function followLog(flags: EventFlags, context: Context): Promise<void> {
  const { client } = connectTo(context, flags);
  // A first call says at once if nobody is there; the stream itself would patiently try again.
  mustHave(await client.events.list({ limit: 1 }));
  const signal = interruption();
  let left = flags.limit ?? Infinity;
  try {
    for await (const event of client.events.follow({ ...filterOf(flags), signal })) {
      print(event, flags, context);
      if (--left === 0) return;
    }
  } catch (error) {
    if (!(error instanceof FollowRefused)) throw error;
    throw new CommandFailure(EXIT.error, `${error.code}: ${error.message}`);
  }
  context.exit(EXIT.interrupted);
}

function filterOf({ after, type, subject }: EventFlags) {
  return {
    ...(after !== undefined && { after }),
    ...(type !== undefined && { type: fullType(type) }),
    ...(subject !== undefined && { subject }),
  };
}

/** Types may be given by their short names. */
function fullType(type: string): string {
  return type.startsWith('dev.firstcome.') ? type : `dev.firstcome.${type}.v1`;
}

function print(event: CloudEvent, flags: EventFlags, { terminal }: Context): void {
  if (flags.json === true) {
    terminal.data(JSON.stringify(event));
    return;
  }
  const data = JSON.stringify(event.data);
  terminal.data(`${event.time}  ${event.id}  ${event.type}  ${event.subject}  ${data}`);
}
