import { expect } from 'vitest';
import type { Finished } from './command-line.ts';

/** A stack trace's lines. */
export const STACK = /\n\s+at .*:\d+:\d+/;

/** Expects one line that helps and nothing else. */
export function expectOneLine(finished: Omit<Finished, 'code'>, words: string): void {
  expect(finished.stdout).toBe('');
  expect(finished.stderr).toContain(words);
  expect(finished.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(finished.stderr).not.toMatch(STACK);
}
