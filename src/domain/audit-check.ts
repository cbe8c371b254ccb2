/** A check names what it found wrong, and stops naming after so many. */
const FAULTS_NAMED_MAX = 5;

/** What a check of the audit says, given the faults that it found; in the same words everywhere. */
export function check(
  name: string,
  inspected: string,
  faults: readonly string[],
): { readonly name: string; readonly ok: boolean; readonly detail: string } {
  if (faults.length === 0) return { name, ok: true, detail: `${inspected}, all as they must be` };
  const named = faults.slice(0, FAULTS_NAMED_MAX).join('; ');
  const more = faults.length - FAULTS_NAMED_MAX;
  return { name, ok: false, detail: more > 0 ? `${named}; and ${more} more` : named };
}

/** `1 campaign`, `2 campaigns`, `12,000 campaigns`. */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;
}
