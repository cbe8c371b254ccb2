import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of /proc/stat and /proc/PID/stat in a second; Linux shows user programs 100 everywhere. */
const TICKS_PER_SECOND = 100;

/** The parent of all kernel threads. */
const KTHREADD = 2;

/** Processor seconds that a process has used, all its threads together. */
export function cpuSecondsOf(pid: number): number {
  return processTime(pid).cpuSeconds;
}

/**
 * Processor seconds of each kernel thread. They write the journal and finish what the disk did, so
 * that what they use within a sample is the benchmark's own doing.
 */
export function kernelThreadSeconds(): ReadonlyMap<number, number> {
  const seconds = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      const { parent, cpuSeconds } = processTime(pid);
      if (parent === KTHREADD) seconds.set(pid, cpuSeconds);
    } catch {
      // It ended between the listing and the reading, and so has nothing to say any more.
      continue;
    }
  }
  return seconds;
}

function processTime(pid: number): { readonly parent: number; readonly cpuSeconds: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold spaces; what follows it is counted from there.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { parent: Number(fields[1]), cpuSeconds: ticks / TICKS_PER_SECOND };
}

export interface MachineTime {
  /** Processor seconds of all programs on all cores. */
  readonly busySeconds: number;
  /** Processor seconds that the hypervisor gave to others. */
  readonly stolenSeconds: number;
}

export function machineTime(): MachineTime {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '';
  const [user = 0, nice = 0, system = 0, , , , , steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map((ticks) => Number(ticks) / TICKS_PER_SECOND);
  // Interrupts are left out: those of loopback and disk are the benchmark's own.
  return { busySeconds: user + nice + system, stolenSeconds: steal };
}

export interface MemoryFigures {
  readonly rssBytes: number;
  /** Without mapped files: what the process itself holds. */
  readonly anonymousBytes: number;
}

export function memoryOf(pid: number): MemoryFigures {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return { rssBytes: bytes('VmRSS'), anonymousBytes: bytes('RssAnon') };
}
