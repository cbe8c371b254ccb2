import type { NotNow } from './engine.ts';

const RETRY_AFTER_S = 1;

/** Too much is waiting, or the record cannot write; nothing was done with the command. */
export const OVERLOADED: NotNow = {
  kind: 'not-now',
  code: 'overloaded',
  retryAfterS: RETRY_AFTER_S,
};
