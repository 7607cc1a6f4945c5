import { join } from 'node:path';
import { formatIssue, type WeakspotError } from '@weakspot/core';
import type { Dataset, Sample } from '../dataset.js';
import { flatPgm, writeTree } from './files.js';

/** What a file of a set is: text, bytes, or an image of a size, whatever its ending. */
export type SetFile = string | Uint8Array | { readonly width: number; readonly height: number };

/** Writes one set after the other below `folder`, each in a folder of its own, and returns that. */
export function setWriter(folder: string): (files: Readonly<Record<string, SetFile>>) => string {
  let count = 0;
  return (files) => {
    const written = Object.entries(files).map(([name, content]): [string, string | Uint8Array] => [
      name,
      typeof content === 'string' || content instanceof Uint8Array ? content : flatPgm(content.width, content.height),
    ]);
    return writeTree(join(folder, `set${count++}`), Object.fromEntries(written));
  };
}

/** The sample of this name. */
export function sampleOf({ samples }: Dataset, name: string): Sample {
  const sample = samples.find((other) => other.name === name);
  if (sample === undefined)
    throw new Error(`there is no sample ${name} but ${samples.map((other) => other.name).join()}`);
  return sample;
}

/** `name class` of each sample. */
export function labelled({ samples, classes }: Dataset): string[] {
  return samples.map(({ name, label }) => `${name} ${classes[label]}`);
}

/** Issues as text, with the set's folder left out. */
export function issueTexts({ issues }: Dataset | WeakspotError, root: string): string[] {
  return issues.map((issue) => formatIssue(issue).replaceAll(`${root}/`, ''));
}
