import type { AuditCheck } from '../../ports/store.ts';

/** A check names what it found wrong, and stops naming after so many. */
const FAULTS_NAMED_MAX = 5;

/** What a check says, given the faults that it found. */
export function check(name: string, counted: string, faults: readonly string[]): AuditCheck {
  if (faults.length === 0) return { name, ok: true, detail: `${counted}, all as they must be` };
  const named = faults.slice(0, FAULTS_NAMED_MAX).join('; ');
  const more = faults.length - FAULTS_NAMED_MAX;
  return { name, ok: false, detail: more > 0 ? `${named}; and ${more} more` : named };
}
