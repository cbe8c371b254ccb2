// `npm run bench -- NAME ...`: every figure in the documentation comes from a command here.
import { claimsBench } from './claims/claims-bench.ts';
import { killAll } from './claims/processes.ts';
import { ceilingBench } from './load/ceiling-bench.ts';

const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  claims: claimsBench,
  ceiling: ceilingBench,
};

const INTERRUPTED = 130;

const [name = '', ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench === undefined) {
  console.error('Usage: npm run bench -- claims|ceiling [--help]');
  process.exitCode = name === '--help' ? 0 : 2;
} else {
  process.on('exit', killAll);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(INTERRUPTED));
  }
  process.exitCode = await bench(args).catch((error: unknown) => {
    console.error('bench:', error instanceof Error ? error.message : error);
    return 1;
  });
}
