import { defineConfig } from 'vitest/config';
import { CountingReporter } from './test/house/counting-reporter.ts';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Processes and not threads: tests that start workers, lock data folders and count what is open
    // need a process of their own.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    reporters: ['default', new CountingReporter()],
  },
});
