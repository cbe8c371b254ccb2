import type { LoadResult } from '../load/load-options.ts';
import type { Api } from './api.ts';
import type { BenchCase } from './cases.ts';

const CAMPAIGNS_COUNTED_MAX = 1000;

/**
 * Holds what the generator was told against what the server's record says: a fast wrong answer is
 * worth nothing. Gives what is broken, in sentences.
 */
export async function checkRun(
  api: Api,
  bench: BenchCase,
  campaignIds: readonly string[],
  issuedBefore: number,
  load: LoadResult,
): Promise<string[]> {
  const broken: string[] = [];
  const unexpected = Object.entries(load.totalByStatus).filter(
    ([status]) => !bench.statuses.includes(status),
  );
  for (const [status, count] of unexpected) broken.push(`${count} answers had status ${status}`);
  if (load.connectErrors > 0) broken.push(`${load.connectErrors} connections were refused`);
  const unknown = load.lost + load.unanswered;
  if (unknown > 0) broken.push(`${unknown} requests were never answered`);

  const users = bench.load.usersPerRequest ?? 1;
  const won = ((load.totalByStatus['201'] ?? 0) + (load.totalByStatus['200'] ?? 0)) * users;
  let issued = -issuedBefore;
  for (const id of campaignIds.slice(0, CAMPAIGNS_COUNTED_MAX)) issued += await api.issued(id);
  // Those that were never answered may have been issued; those that were told so must have been.
  if (issued < won || issued > won + unknown * users) {
    broken.push(`${won} coupons were acknowledged and ${issued} issued`);
  }
  const audit = await api.audit();
  if (!audit.ok) broken.push(`the audit is not ok: ${audit.failed.join('; ') || 'no check named'}`);
  return broken;
}
