import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

export interface Import {
  /** File that imports, relative to the sources' folder, with forward slashes. */
  readonly file: string;
  /** What it imports, as written. */
  readonly specifier: string;
}

/** Static, re-exporting and dynamic imports of a formatted source text: statements begin in the first column. */
export function importsOf(source: string): string[] {
  const statements = source.matchAll(/^(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*['"]([^'"]+)['"]/gm);
  const dynamic = source.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g);
  return [...statements, ...dynamic].map((match) => match[1] ?? '');
}

/** Imports of all product sources below a folder: tests and what only tests use left out. */
export function productImports(folder: string): Import[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !relative(folder, path).split(sep).includes('testing'))
    .flatMap((path) => {
      const file = relative(folder, path).split(sep).join('/');
      return importsOf(readFileSync(path, 'utf8')).map((specifier) => ({ file, specifier }));
    });
}
