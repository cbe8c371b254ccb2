import { STORE_CHECKS } from '../store-suite.ts';
import type { OpenStoreUnderTest } from '../store-under-test.ts';

/**
 * The sentences of the checks that a store fails.
 *
 * @param subjects  only the checks about these; all unless given
 */
export async function failedChecks(
  open: OpenStoreUnderTest,
  subjects: readonly string[] = Object.keys(STORE_CHECKS),
): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const about of subjects) {
    for (const [sentence, check] of Object.entries(STORE_CHECKS[about]!)) {
      const subject = await open();
      await check(subject).catch(() => failed.push(sentence));
      await subject.close();
    }
  }
  return failed;
}
