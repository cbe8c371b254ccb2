import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { ROOT, type SourceFile } from './source-files.ts';

/** What exists, for documents to be held against. */
export interface Known {
  readonly environment: ReadonlySet<string>;
  /** Paths with `{placeholders}`. */
  readonly paths: readonly string[];
  /** Long flags by the full name of a command. */
  readonly flags: ReadonlyMap<string, ReadonlySet<string>>;
  readonly eventTypes: ReadonlySet<string>;
  readonly scripts: ReadonlySet<string>;
}

/** What a document names that does not exist, one line each. */
export function unknownIn({ path, text }: SourceFile, known: Known): string[] {
  const names: [RegExp, (match: string) => boolean][] = [
    [/\bFIRSTCOME_[A-Z][A-Z_]*[A-Z]\b/g, (name) => known.environment.has(name)],
    [/(?<=[\s`(]|:\d{4,5}|https?:\/\/[\w.]+)\/v1\/[\w/{}.:@-]+/g, (p) => isCall(p, known.paths)],
    [/\bdev\.firstcome\.[\w.]+\.v\d+/g, (type) => known.eventTypes.has(type)],
    [/(?<=npm run )[\w:-]+/g, (name) => known.scripts.has(name)],
  ];
  const unknown = names.flatMap(([pattern, isKnown]) =>
    [...text.matchAll(pattern)].map(([name]) => name).filter((name) => !isKnown(name)),
  );
  const lines = codeLines(text).flatMap((line) => wrongUses(line, known.flags));
  return [...unknown, ...lines].map((what) => `${path}: ${what}`);
}

/** Links of a document to files that are not there. */
export function brokenLinks({ path, text }: SourceFile): string[] {
  return [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
    .map(([, target]) => target ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => !existsSync(ROOT + posix.join(posix.dirname(path), target)))
    .map((target) => `${path}: ${target}`);
}

function isCall(path: string, paths: readonly string[]): boolean {
  const parts = path.replace(/[.:,]+$/, '').split('/');
  return paths.some((pattern) => {
    const wanted = pattern.split('/');
    return (
      wanted.length === parts.length &&
      wanted.every((part, i) => part.startsWith('{') || part === parts[i])
    );
  });
}

/** Lines of code blocks, with those joined that end in `\`, and code within sentences. */
function codeLines(text: string): string[] {
  const blocks = [...text.matchAll(/^```[^\n]*\n([\s\S]*?)^```/gm)];
  const inBlocks = blocks.flatMap(([, body]) => (body ?? '').replace(/\\\n/g, ' ').split('\n'));
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  return [...inBlocks, ...[...prose.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? '')];
}

/** Commands and flags of the program that it does not have. */
function wrongUses(line: string, flags: Known['flags']): string[] {
  const use = /^\s*(?:\$ )?(?:npx )?firstcome ([a-z][^#|>&]*)/.exec(line)?.[1];
  const start = /^\s*(?:\$ )?npm start --( [^#|>&]*)/.exec(line)?.[1];
  const words = (use ?? (start === undefined ? '' : `serve${start}`)).split(/\s+/);
  if (words[0] === '') return [];
  const command = `firstcome ${words[0]}`;
  const sub = `${command} ${words[1]}`;
  const allowed = flags.get(sub) ?? flags.get(command);
  if (allowed === undefined) return [`no command: ${line.trim()}`];
  const given = words.filter((word) => word.startsWith('--') && word !== '--');
  return given
    .map((flag) => flag.split('=')[0] ?? '')
    .filter((flag) => !allowed.has(flag))
    .map((flag) => `no flag ${flag}: ${line.trim()}`);
}
