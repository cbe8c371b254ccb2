import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** What became of the tests, as `scripts/test.mjs` adds it up. */
export interface Counts {
  readonly passed: number;
  /** Failed tests, and files, suites and stray errors that failed without a test of their own. */
  readonly failed: number;
  readonly skipped: readonly { readonly name: string; readonly reason: string | null }[];
}

/** Counts the tests of a run and sends the counts to the process that started vitest, if any. */
export class CountingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], strayErrors: readonly unknown[]): void {
    process.send?.(countTests(modules, strayErrors.length));
  }
}

function countTests(modules: readonly TestModule[], strayErrors: number): Counts {
  let passed = 0;
  let failed = strayErrors;
  const skipped: { name: string; reason: string | null }[] = [];
  for (const module of modules) {
    failed += module.errors().length;
    for (const suite of module.children.allSuites()) failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === 'passed') passed += 1;
      else if (result.state === 'skipped' && !couldNotStart(test)) {
        const name = `${module.relativeModuleId} > ${test.fullName}`;
        skipped.push({ name, reason: result.note ?? null });
      }
      // A test that is still pending when the run ends has not passed either.
      else failed += 1;
    }
  }
  return { passed, failed, skipped };
}

/** Vitest calls the tests of a file or suite that broke down "skipped"; they were not spared. */
function couldNotStart(test: TestCase): boolean {
  let above = test.parent;
  while (above.type === 'suite' && above.errors().length === 0) above = above.parent;
  return above.errors().length > 0;
}
