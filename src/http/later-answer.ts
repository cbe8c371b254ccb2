import type { ProblemDetails } from '../contract/problem-document.ts';
import type { NotNow } from '../engine/engine.ts';
import type { Answer } from '../ports/store.ts';
import { jsonAnswer, problemAnswer, type CallAnswer, type Exchange } from './answer.ts';
import { commandAnswer } from './command-answer.ts';
import type { Preference } from './prefer.ts';

/** How a command of one kind is looked at between its acceptance and its decision. */
export interface Later<Outcome, Item, Code extends string> {
  /** What was written down, or why nothing was. */
  readonly itemOf: (outcome: Outcome) => Item | Code;
  /** What the caller is told of why nothing was written down. */
  readonly problemOf: (code: Code) => ProblemDetails;
  /** The item once it is decided, or as it stands after a time. */
  readonly find: (id: string, waitMs: number) => Promise<Item | null>;
  readonly isDecided: (item: Item) => boolean;
  /** The answer that a command decided at once would have got. */
  readonly decidedAnswer: (item: Item, first: Exchange, headers: readonly string[]) => CallAnswer;
  /** Where an item can be looked at, without its id. */
  readonly path: string;
  readonly render: (item: Item) => unknown;
}

/** The answer to a command that was written down: 202, or its decision if that came in time. */
export async function laterAnswer<
  Outcome,
  Item extends { readonly id: string },
  Code extends string,
>(
  accepting: Promise<Answer<Outcome> | NotNow>,
  { waitS, applied }: Preference,
  exchange: Exchange,
  later: Later<Outcome, Item, Code>,
): Promise<CallAnswer> {
  const accepted = await accepting;
  const isAnswered = accepted.kind === 'decided' || accepted.kind === 'replayed';
  const item = isAnswered ? later.itemOf(accepted.outcome) : null;
  const isWaiting = waitS > 0 && item !== null && typeof item !== 'string';
  const found = isWaiting ? await later.find(item.id, waitS * 1000) : null;
  return commandAnswer(accepted, exchange, (outcome, first, headers) => {
    const written = later.itemOf(outcome);
    if (typeof written === 'string') {
      return problemAnswer(later.problemOf(written), first, headers);
    }
    const withPreference = ['Preference-Applied', applied, ...headers];
    if (found !== null && later.isDecided(found)) {
      return later.decidedAnswer(found, first, withPreference);
    }
    const location = ['Location', later.path + written.id, ...withPreference];
    return jsonAnswer(202, later.render(written), location);
  });
}
