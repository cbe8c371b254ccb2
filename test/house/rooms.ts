import { posix } from 'node:path';
import type { ImportEdge } from './imports.ts';

/** What the files of a room may import. The room itself is always allowed. */
export interface RoomRule {
  /** Rooms, for values and types. */
  readonly rooms: readonly string[];
  /** Rooms of which only types may be imported. */
  readonly typesOf?: readonly string[];
  /** Single files of other rooms, for values and types. */
  readonly files?: readonly string[];
  /** npm packages; `@scope/*` stands for all of a scope. */
  readonly packages?: readonly string[];
  /** Modules of Node: all, or those named. */
  readonly node?: 'all' | readonly string[];
}

export type RoomTable = Readonly<Record<string, RoomRule>>;

/** May be read by every room that may use Node: the program's own name and version. */
const OWN_MANIFEST = 'package.json';
const TEST_PACKAGES = ['vitest', 'fast-check'];

/** The room of a file under src: `domain`, `adapters/sqlite`, `main.ts`; null outside of src. */
export function roomOf(path: string): string | null {
  const [src, first, second] = path.split('/');
  if (src !== 'src' || first === undefined) return null;
  if (first === 'adapters' && second !== undefined) return `adapters/${second}`;
  return first;
}

/** Says what is wrong with an import, or null if the table allows it. */
export function violationOf(edge: ImportEdge, table: RoomTable): string | null {
  const reason = reasonAgainst(edge, table);
  return reason === null ? null : `${edge.from}:${edge.line} '${edge.specifier}': ${reason}`;
}

function reasonAgainst(edge: ImportEdge, table: RoomTable): string | null {
  const room = roomOf(edge.from) ?? '(outside)';
  const rule = table[room];
  if (rule === undefined) return `no room '${room}' stands in the table`;
  const isTest = edge.from.endsWith('.test.ts');
  const { specifier } = edge;

  if (specifier.startsWith('(')) return 'a computed import cannot be checked';
  if (specifier.startsWith('node:')) {
    const allowed = isTest || rule.node === 'all' || rule.node?.includes(specifier) === true;
    return allowed ? null : `${room} may not import this of Node`;
  }
  if (!specifier.startsWith('.')) {
    const packages = [...(rule.packages ?? []), ...(isTest ? TEST_PACKAGES : [])];
    const allowed = packages.some((name) => isOfPackage(specifier, name));
    return allowed ? null : `${room} may not import this package`;
  }
  const target = posix.join(posix.dirname(edge.from), specifier);
  if (target === OWN_MANIFEST && rule.node !== undefined) return null;
  if (rule.files?.includes(target) === true) return null;
  return reasonAgainstRoom(edge, room, roomOf(target), rule);
}

function reasonAgainstRoom(
  { typesOnly }: ImportEdge,
  from: string,
  to: string | null,
  rule: RoomRule,
): string | null {
  if (to === null) return `${from} may not reach outside of src`;
  if (to === from || rule.rooms.includes(to)) return null;
  if (rule.rooms.includes('*')) return null;
  if (rule.typesOf?.includes(to) !== true) return `${from} may not import ${to}`;
  return typesOnly ? null : `${from} may import types of ${to}, but no values`;
}

function isOfPackage(specifier: string, name: string): boolean {
  if (name.endsWith('/*')) return specifier.startsWith(name.slice(0, -1));
  return specifier === name || specifier.startsWith(`${name}/`);
}
