import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import type { Settings } from '../../config.ts';
import { findPortHolder } from '../port-holder.ts';
import type { FolderOwner } from '../wiring.ts';
import { measureSyncMs } from './sync-latency.ts';

/** What an examination found; a `problem` stands in the way of serving. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly detail: string;
}

const NODE_MAJOR_MIN = 24;
const DISK_FREE_MIN_BYTES = 64 * 1024 ** 2;
const DISK_FREE_GOOD_BYTES = 1024 ** 3;
const SYNC_GOOD_MS = 20;
const OPEN_FILES_GOOD = 4096;

/** @param owner  the process that has the data folder, if one has */
export async function examine(settings: Settings, owner: FolderOwner | null): Promise<Finding[]> {
  const port = await examinePort(settings, owner);
  return [
    examineNode(process.versions.node),
    ...examineData(settings.data),
    owner === null ? null : examineOwner(settings.data, owner, port.isOwners),
    examineKeys(settings.apiKeysFile),
    port.finding,
    examineOpenFiles(),
  ].filter((finding) => finding !== null);
}

function examineNode(version: string): Finding {
  const isNew = Number(version.split('.')[0]) >= NODE_MAJOR_MIN;
  const detail = isNew ? version : `${version} is too old; ${NODE_MAJOR_MIN} or later is needed`;
  return { name: 'Node', state: isNew ? 'ok' : 'problem', detail };
}

function examineData(folder: string): Finding[] {
  // A folder that is not there yet will be made, so the nearest one that is must take it.
  const existing = nearestExisting(folder);
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const detail = `${existing} cannot be written (${code ?? 'unknown'}); mend it or give --data`;
    return [{ name: 'data folder', state: 'problem', detail }];
  }
  const isThere = existing === folder;
  const detail = isThere ? folder : `${folder} will be made`;
  return [
    { name: 'data folder', state: 'ok', detail },
    examineDisk(existing),
    examineSync(existing),
  ];
}

/** A folder in use is as it should be when it is in use by the server that has the port as well. */
function examineOwner(folder: string, { pid }: FolderOwner, hasPort: boolean): Finding {
  const owner = `process ${pid ?? 'unknown'}`;
  return hasPort
    ? { name: 'folder lock', state: 'ok', detail: `held by the running server, ${owner}` }
    : {
        name: 'folder lock',
        state: 'problem',
        detail: `${folder} is in use by ${owner}; stop that one, or give another --data`,
      };
}

function examineDisk(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const state =
    free < DISK_FREE_MIN_BYTES ? 'problem' : free < DISK_FREE_GOOD_BYTES ? 'warning' : 'ok';
  return { name: 'disk free', state, detail: `${(free / 1024 ** 3).toFixed(1)} GiB` };
}

function examineSync(folder: string): Finding {
  try {
    const { medianMs, worstMs, count } = measureSyncMs(folder);
    const words = `median ${medianMs.toFixed(2)} ms, worst ${worstMs.toFixed(2)} ms of ${count}`;
    const isSlow = medianMs > SYNC_GOOD_MS;
    const detail = isSlow ? `${words}: every claim waits that long for the disk` : words;
    return { name: 'disk sync', state: isSlow ? 'warning' : 'ok', detail };
  } catch (error) {
    const reason = (error as Error).message;
    return { name: 'disk sync', state: 'problem', detail: `cannot write and sync (${reason})` };
  }
}

function examineKeys(file: string | null): Finding | null {
  if (file === null) return null;
  try {
    accessSync(file, constants.R_OK);
    return { name: 'API keys', state: 'ok', detail: file };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { name: 'API keys', state: 'problem', detail: `${file} cannot be read (${code})` };
  }
}

async function examinePort(
  { host, port }: Settings,
  owner: FolderOwner | null,
): Promise<{ finding: Finding; isOwners: boolean }> {
  const probe = createServer();
  const failure = await new Promise<string | null>((done) => {
    probe.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    probe.listen({ host, port }, () => probe.close(() => done(null)));
  });
  const address = `${host}:${port}`;
  const found = (state: Finding['state'], detail: string, isOwners = false) => ({
    finding: { name: 'port', state, detail: `${address}${detail}` },
    isOwners,
  });
  if (failure === null) return found('ok', ' is free');
  const holder = failure === 'EADDRINUSE' ? findPortHolder(port) : null;
  if (holder !== null && holder.pid === owner?.pid) {
    return found('ok', ` is held by the firstcome server of this data folder`, true);
  }
  const by = holder === null ? failure : `taken by process ${holder.pid} (${holder.name})`;
  return found('problem', `: ${by}`);
}

/** Linux only; each connection is an open file. */
function examineOpenFiles(): Finding | null {
  const file = '/proc/self/limits';
  if (!existsSync(file)) return null;
  const limit = /Max open files\s+(\S+)/.exec(readFileSync(file, 'utf8'))?.[1] ?? 'unknown';
  const isLow = Number(limit) < OPEN_FILES_GOOD;
  const detail = isLow ? `${limit}: that many connections at most; see \`ulimit -n\`` : limit;
  return { name: 'open files', state: isLow ? 'warning' : 'ok', detail };
}

function nearestExisting(folder: string): string {
  let nearest = folder;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  return nearest;
}
