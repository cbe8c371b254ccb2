import { readFileSync } from 'node:fs';
import { call } from '../support/api.ts';

/** What the witness wrote about one claim. */
export interface Note {
  readonly userId: string;
  /** Set if the claim was answered 201. */
  readonly coupon?: { readonly id: string; readonly sequence: number };
  /** Otherwise: the status, 0 if the answer never came. */
  readonly status?: number;
}

export interface Reconciliation {
  /** Sentences; empty if every promise held. */
  readonly faults: readonly string[];
  readonly acknowledged: number;
  readonly unknown: number;
  readonly stored: number;
}

/**
 * Compares what was acknowledged with what is stored: acknowledged within stored, stored within
 * acknowledged and unknown, sequence numbers 1 to issued, and the server's own audit.
 */
export async function reconcile(
  url: string,
  campaignId: string,
  notes: readonly Note[],
): Promise<Reconciliation> {
  const faults: string[] = [];
  const stored = await storedCoupons(url, campaignId);
  const unknown = new Set(notes.filter((note) => note.status === 0).map((note) => note.userId));
  const acknowledged = notes.filter((note) => note.coupon !== undefined);
  const told = new Set(acknowledged.map((note) => note.userId));
  for (const { userId, coupon } of acknowledged) {
    const kept = stored.get(userId);
    if (kept === undefined) faults.push(`${userId} was told of ${coupon!.id}, which is not there`);
    else if (kept.id !== coupon!.id || kept.sequence !== coupon!.sequence) {
      faults.push(`${userId} was told of ${coupon!.id}, stored is ${kept.id}`);
    }
  }
  for (const userId of stored.keys()) {
    if (!told.has(userId) && !unknown.has(userId)) {
      faults.push(`${userId} holds a coupon that was never asked for, or was refused`);
    }
  }
  const sequences = [...stored.values()].map(({ sequence }) => sequence).sort((a, b) => a - b);
  const wrong = sequences.findIndex((sequence, index) => sequence !== index + 1);
  if (wrong !== -1) faults.push(`${sequences[wrong]} stands where sequence ${wrong + 1} belongs`);
  const audit = await call(url, 'GET', '/v1/audit');
  if (audit.body['ok'] !== true) faults.push(`the audit says ${JSON.stringify(audit.body)}`);
  return {
    faults,
    acknowledged: acknowledged.length,
    unknown: unknown.size,
    stored: stored.size,
  };
}

export function readNotebook(file: string): Note[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Note);
}

/** Every coupon of the campaign by its user, read from the event log. */
async function storedCoupons(
  url: string,
  campaignId: string,
): Promise<Map<string, { id: string; sequence: number }>> {
  const stored = new Map<string, { id: string; sequence: number }>();
  let cursor: unknown = null;
  do {
    const from = typeof cursor === 'string' ? `&cursor=${cursor}` : '';
    const query = `/v1/events?type=dev.firstcome.coupon.issued.v1&limit=100${from}`;
    const { body } = await call(url, 'GET', query);
    for (const { data } of body['data'] as { data: Record<string, unknown> }[]) {
      if (data['campaignId'] !== campaignId) continue;
      const userId = data['userId'] as string;
      if (stored.has(userId)) throw new Error(`${userId} holds two coupons`);
      stored.set(userId, { id: data['couponId'] as string, sequence: data['sequence'] as number });
    }
    cursor = body['nextCursor'];
  } while (cursor !== null);
  return stored;
}
