import type { NotNow } from '../engine/engine.ts';
import type { Answer } from '../ports/store.ts';
import { problemAnswer, RETRY_AFTER_S, type CallAnswer, type Exchange } from './answer.ts';

type Decided = Exclude<Answer<unknown>, { kind: 'key-reused' }>;

/** What every command that carries an idempotency key can come to before its outcome matters. */
export function commandAnswer<Outcome>(
  answer: Answer<Outcome> | NotNow,
  exchange: Exchange,
  render: (outcome: Outcome, first: Exchange, headers: readonly string[]) => CallAnswer,
): CallAnswer {
  switch (answer.kind) {
    case 'not-now':
      return problemAnswer({ code: answer.code }, exchange, retryAfter(answer.retryAfterS));
    case 'key-reused':
      return problemAnswer({ code: 'idempotency-key-reused' }, exchange);
    case 'decided':
    case 'replayed':
      return render(answer.outcome, firstExchange(answer, exchange), replayHeaders(answer));
  }
}

/** `Retry-After`. */
export function retryAfter(seconds: number): readonly string[] {
  return seconds === RETRY_AFTER_S ? RETRY_SOON : ['Retry-After', String(seconds)];
}

const RETRY_SOON: readonly string[] = ['Retry-After', String(RETRY_AFTER_S)];
const REPLAYED: readonly string[] = ['Idempotent-Replayed', 'true'];
const NONE: readonly string[] = [];

/** A repeated answer is the first one to the last byte, so its problem bears the first's id. */
function firstExchange(answer: Decided, exchange: Exchange): Exchange {
  if (answer.kind === 'decided' || answer.requestId === null) return exchange;
  return { requestId: answer.requestId, path: exchange.path };
}

function replayHeaders(answer: Decided): readonly string[] {
  return answer.kind === 'replayed' ? REPLAYED : NONE;
}
