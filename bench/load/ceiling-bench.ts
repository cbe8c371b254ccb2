import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { generator, runLoad, startServer } from '../claims/processes.ts';
import { LOAD_DEFAULTS } from './load-options.ts';

const BARE = fileURLToPath(new URL('../claims/bare-server.ts', import.meta.url));
const SECONDS = 3;
const ROUNDS = 3;
const BODY = JSON.stringify({ id: 'x'.repeat(280) });
const WRK_SCRIPT = `
wrk.method = 'POST'
wrk.headers['Content-Type'] = 'application/json'
wrk.body = '{"userId":"abcdefghijklmnopqrst"}'
`;

/**
 * `npm run bench -- ceiling`: how fast the load generators are and what they cost, against the bare
 * server on the other core, with wrk beside them where it is installed.
 */
export async function ceilingBench(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'firstcome-ceiling-'));
  const sampleFile = join(folder, 'sample.json');
  const headers = { 'content-type': 'application/json', 'content-length': String(BODY.length) };
  writeFileSync(sampleFile, JSON.stringify({ status: 201, headers, body: BODY }));
  const pathsFile = join(folder, 'paths');
  writeFileSync(pathsFile, '/v1/campaigns/cmp_x/claims\n');
  writeFileSync(join(folder, 'post.lua'), WRK_SCRIPT);
  const server = await startServer([BARE, sampleFile], 'one-core');
  try {
    console.log('| generator | connections | requests/s | generator us/request |');
    console.log('| --- | --- | --- | --- |');
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const connections of [64, 256]) {
        for (const name of ['c', 'node'] as const) {
          const { command } = generator(name);
          const load = { ...LOAD_DEFAULTS, port: server.port, connections, pathsFile };
          const options = { ...load, warmupMs: 500, measureMs: SECONDS * 1000 };
          const result = await runLoad(options, 'one-core', { command });
          const answers = result.measuredByStatus['201'] ?? 0;
          print(
            result.generator,
            connections,
            answers / result.seconds,
            result.cpuSeconds / answers,
          );
        }
        runWrk(server.url, connections, folder);
      }
    }
    return 0;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function runWrk(url: string, connections: number, folder: string): void {
  const args = ['-t1', `-c${connections}`, `-d${SECONDS}`, '-s', join(folder, 'post.lua')];
  const run = spawnSync(
    'bash',
    ['-c', 'time taskset -c 1 wrk "$@"', 'wrk', ...args, `${url}/v1/campaigns/cmp_x/claims`],
    {
      encoding: 'utf8',
    },
  );
  const answers = Number(/(\d+) requests in/.exec(run.stdout ?? '')?.[1]);
  if (!Number.isFinite(answers)) return;
  // The shell's own clock says what wrk cost, as `0m1.234s` for user and system.
  const times = [...(run.stderr ?? '').matchAll(/^(?:user|sys)\s+(\d+)m([\d.]+)s/gm)];
  const cpuSeconds = times.reduce((total, [, m, s]) => total + Number(m) * 60 + Number(s), 0);
  print('wrk', connections, answers / SECONDS, times.length > 0 ? cpuSeconds / answers : NaN);
}

function print(name: string, connections: number, rate: number, cpuSeconds: number): void {
  const cost = Number.isNaN(cpuSeconds) ? '' : (cpuSeconds * 1e6).toFixed(1);
  console.log(`| ${name} | ${connections} | ${Math.round(rate)} | ${cost} |`);
}
