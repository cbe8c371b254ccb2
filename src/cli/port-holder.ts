import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process that listens on a port. */
export interface PortHolder {
  readonly pid: number;
  readonly name: string;
}

const LISTENING = '0A';
const PROCESSES_MAX = 50_000;

/**
 * Who listens on a TCP port of this machine: best effort, from Linux's /proc; null where that does
 * not exist or the process belongs to somebody else.
 */
export function findPortHolder(port: number): PortHolder | null {
  const inodes = new Set(
    ['tcp', 'tcp6'].flatMap((table) =>
      listeningInodes(
        quietly(() => read(`net/${table}`)),
        port,
      ),
    ),
  );
  if (inodes.size === 0) return null;
  const pids = quietly(() => readdirSync('/proc'))?.filter((name) => /^\d+$/.test(name)) ?? [];
  for (const pid of pids.slice(0, PROCESSES_MAX)) {
    if (!holdsSocket(pid, inodes)) continue;
    return { pid: Number(pid), name: quietly(() => read(`${pid}/comm`))?.trim() ?? 'unknown' };
  }
  return null;
}

/** The sockets of /proc/net/tcp that listen on a port: `sl local remote st ... inode`. */
export function listeningInodes(table: string | null, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return (table ?? '').split('\n').flatMap((line) => {
    const cells = line.trim().split(/\s+/);
    const isHolder = cells[1]?.endsWith(suffix) === true && cells[3] === LISTENING;
    return isHolder && cells[9] !== undefined ? [cells[9]] : [];
  });
}

function holdsSocket(pid: string, inodes: ReadonlySet<string>): boolean {
  const folder = `/proc/${pid}/fd`;
  const open = quietly(() => readdirSync(folder)) ?? [];
  return open.some((fd) => {
    const target = quietly(() => readlinkSync(`${folder}/${fd}`));
    const inode = /^socket:\[(\d+)\]$/.exec(target ?? '')?.[1];
    return inode !== undefined && inodes.has(inode);
  });
}

function read(path: string): string {
  return readFileSync(`/proc/${path}`, 'utf8');
}

/** Processes come and go, and others' are closed to us: what cannot be read is not there. */
function quietly<Value>(look: () => Value): Value | null {
  try {
    return look();
  } catch {
    return null;
  }
}
