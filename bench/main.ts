// `npm run bench -- NAME ...`: every figure in the documentation comes from a command here.
import { claimsBench } from './claims/claims-bench.ts';
import { ceilingBench } from './load/ceiling-bench.ts';

const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  claims: claimsBench,
  ceiling: ceilingBench,
};

const [name = '', ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench === undefined) {
  console.error('Usage: npm run bench -- claims|ceiling [--help]');
  process.exitCode = name === '--help' ? 0 : 2;
} else {
  process.exitCode = await bench(args);
}
