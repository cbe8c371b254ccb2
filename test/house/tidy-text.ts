import { homedir } from 'node:os';
import { basename } from 'node:path';
import { ROOT, type SourceFile } from './source-files.ts';

export const FILE_LINES_MAX = 400;
export const COLUMNS_MAX = 100;

/** Files that other programs ask for by a name of their own. */
const NAMED_BY_OTHERS = /^(\.|Dockerfile|LICENSE$|_|[A-Z]+(\.[a-z]{2})?\.md$)/;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;
const EMPTY_WORDS = /(^|[-./])(utils?|helpers?|managers?|misc|common)(?=[-./]|$)/i;
// Written so that they don't find themselves.
const UNFINISHED = /\b(?:TOD[O]|FIXM[E]|XX[X])\b/;
const CHOSEN_TESTS = /\b(?:describe|it|test|suite)(?:\.\w+)*\.(?:only|skip|todo)\b/;
const HOME_PATH = /(?<![\w.*$})~/-])\/(?:home|Users|root|work|workspace|tmp)\/[\w.-]/;
const REGISTRY =
  /\bregistry\.[\w-]+\.[\w.-]+|^\s*(?:@\S+:)?registry\s*=|\b(?:artifactor[y]|verdacci[o])\b/i;

/** A file is one idea, and so it is short. */
export function overlong({ path, text }: SourceFile): string[] {
  const lines = text.split('\n');
  const count = text.endsWith('\n') ? lines.length - 1 : lines.length;
  const long = count > FILE_LINES_MAX ? [`${path}: ${count} lines, at most ${FILE_LINES_MAX}`] : [];
  const wide = lines.flatMap((line, i) =>
    line.length > COLUMNS_MAX && canBeBroken(line)
      ? [`${path}:${i + 1} ${line.length} columns, at most ${COLUMNS_MAX}`]
      : [],
  );
  return [...long, ...wide];
}

/** A pattern or an address without a space has to stay on one line. */
function canBeBroken(line: string): boolean {
  return /\s/.test(line.trim().replace(/^(\/\/|--|\*|#)\s*/, ''));
}

export function badlyNamed(path: string): string[] {
  const name = basename(path);
  const found: string[] = [];
  if (!NAMED_BY_OTHERS.test(name) && !KEBAB_CASE.test(name)) found.push(`${path}: not kebab-case`);
  if (EMPTY_WORDS.test(path)) found.push(`${path}: the name does not say what is in it`);
  return found;
}

/** Marks of work that is not finished, and tests that stand in the way of the others. */
export function unfinished({ path, text }: SourceFile): string[] {
  return linesMatching(path, text, [UNFINISHED, CHOSEN_TESTS]);
}

/** What is true on one machine only: folders of its users, and where it gets packages from. */
export function machineBound({ path, text }: SourceFile): string[] {
  const here = [ROOT, `${homedir()}/`].filter((folder) => folder.split('/').length > 2);
  const patterns = [HOME_PATH, REGISTRY, ...here.map((folder) => new RegExp(escaped(folder)))];
  return linesMatching(path, text, patterns);
}

/** Packages of the lockfile that say where they came from: whoever installs decides that. */
export function resolvedInLockfile(text: string): string[] {
  const { packages } = JSON.parse(text) as { packages: Record<string, { resolved?: string }> };
  return Object.entries(packages).flatMap(([name, { resolved }]) =>
    resolved === undefined ? [] : [`${name}: ${resolved}`],
  );
}

/** SQL and Lua begin with a comment of what they are for and why they are atomic. */
export function headless({ path, text }: SourceFile): string[] {
  const header = text.split('\n').filter((line) => line.startsWith('--'));
  return text.startsWith('-- ') && header.join(' ').length >= 40
    ? []
    : [`${path}: no header that says purpose, inputs, outputs`];
}

function linesMatching(path: string, text: string, patterns: readonly RegExp[]): string[] {
  return text.split('\n').flatMap((line, i) => {
    const hit = patterns.map((pattern) => pattern.exec(line)).find((found) => found !== null);
    return hit === undefined ? [] : [`${path}:${i + 1} ${hit[0].trim()}`];
  });
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
