import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the project, with a slash at the end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Folders that .gitignore names, and git's own: nothing in them is the project's text. */
const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.firstcome', '.git']);

/** A text file of the project; its path is relative to the project's folder, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Every file under a folder of the project, in the order of their paths. */
export function filesUnder(folder: string): SourceFile[] {
  return pathsUnder(folder).map(readSource);
}

export function readSource(path: string): SourceFile {
  return { path, text: readFileSync(ROOT + path, 'utf8') };
}

export function pathsUnder(folder: string): string[] {
  const entries = readdirSync(ROOT + folder, { withFileTypes: true });
  const prefix = folder === '' ? '' : `${folder}/`;
  return entries
    .filter(({ name }) => !NOT_OURS.has(name) && !name.endsWith('.log'))
    .flatMap((entry) => {
      const path = prefix + entry.name;
      if (entry.isDirectory()) return pathsUnder(path);
      return entry.isFile() ? [path] : [];
    })
    .sort();
}
