// `npm test`: type check, lint, format check, then every test. `npm test -- ARGS`: only the tests,
// with those arguments for vitest. The last line is always `N passed, N failed` (with `, N skipped`
// when there are any), alone on its line; the checks before the tests count as one each.
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

const CHECKS = [
  { name: 'types', program: 'typescript/bin/tsc', args: ['--noEmit'] },
  { name: 'lint', program: 'eslint/bin/eslint.js', args: ['.', '--max-warnings', '0'] },
  { name: 'format', program: 'prettier/bin/prettier.cjs', args: ['--check', '.'] },
];

const args = process.argv.slice(2);
const checks = args.length > 0 ? [] : await Promise.all(CHECKS.map(check));
const tests = await runTests(args);
process.exitCode = report(checks, tests) ? 0 : 1;

/** Runs one check and shows its words only if it failed. */
async function check({ name, program, args }) {
  const startedMs = performance.now();
  const child = start(program, args, ['ignore', 'pipe', 'pipe']);
  let words = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (words += text));
  }
  const ok = (await ended(child)) === 0;
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name} (${seconds} s)`);
  if (!ok) console.log(words);
  return { name, ok };
}

/** Runs vitest; its reporter in test/house/counting-reporter.ts sends the counts. */
async function runTests(vitestArgs) {
  const child = start('vitest/vitest.mjs', ['run', ...vitestArgs], [0, 1, 2, 'ipc']);
  let counts = null;
  child.on('message', (message) => (counts = message));
  const code = await ended(child);
  return { code, counts };
}

function start(program, args, stdio) {
  const file = fileURLToPath(new URL(`../node_modules/${program}`, import.meta.url));
  return spawn(process.execPath, [file, ...args], { cwd: root, stdio });
}

function ended(child) {
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** Prints the end of the run; true if nothing failed. */
function report(checks, { code, counts }) {
  const { passed, failed, skipped } = counts ?? { passed: 0, failed: 1, skipped: [] };
  if (counts === null) console.log('FAIL  vitest ended before it had counted the tests');
  for (const { name, reason } of skipped) console.log(`skipped: ${name}: ${reason ?? 'NO REASON'}`);
  const failedChecks = checks.filter(({ ok }) => !ok);
  for (const { name } of failedChecks) console.log(`FAIL  ${name}: its words are above`);

  const unexplained = skipped.filter(({ reason }) => reason === null);
  const failures = failed + failedChecks.length + unexplained.length;
  // Vitest also fails for what is no test, such as finding none at all.
  const allFailed = failures === 0 && code !== 0 ? 1 : failures;
  const parts = [`${passed + checks.length - failedChecks.length} passed`, `${allFailed} failed`];
  const explained = skipped.length - unexplained.length;
  if (explained > 0) parts.push(`${explained} skipped`);
  console.log(parts.join(', '));
  return allFailed === 0;
}
