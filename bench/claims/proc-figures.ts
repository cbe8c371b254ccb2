import { readFileSync } from 'node:fs';

/** Ticks of /proc/stat and /proc/PID/stat in a second; Linux shows user programs 100 everywhere. */
const TICKS_PER_SECOND = 100;

/** Processor seconds that a process has used, all its threads together. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold spaces; what follows it is counted from there.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
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
