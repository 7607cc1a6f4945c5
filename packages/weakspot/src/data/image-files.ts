import { join } from 'node:path';
import { mapLimited } from './concurrency.js';
import { endingOf, hasImageEnding, maybeDicom } from './files.js';
import { FOREIGN_HEAD, formatOf } from './foreign.js';
import type { PassedOverCounts } from './passed-over.js';
import { firstBytes } from './readers/peek.js';

/** Files looked into at once. */
const CONCURRENCY = 16;

/**
 * The images among the files of a folder: the one rule of every walk. A file is an image
 * - if its name ends like one (`hasImageEnding`), whatever it holds: what is wrong with it is told where it is decoded;
 * - if it is DICOM by its content, unless its ending says that it is a table, a text or the like;
 * - if it has no ending and is an image of another format by its content.
 * All others go to `passed`, by what they are.
 *
 * @param folder Absolute, or relative to the working directory.
 * @param names Relative to the folder, `/`-separated.
 * @returns The images' names, in the order of `names`.
 * @throws WeakspotError `aborted` by the signal.
 */
export async function imagesAmong(
  folder: string,
  names: readonly string[],
  passed: PassedOverCounts,
  signal?: AbortSignal,
): Promise<string[]> {
  const others = await mapLimited(names, CONCURRENCY, (name) => otherKind(folder, name), signal);
  return names.filter((name, i) => {
    const other = others[i];
    if (other !== undefined) passed.add(other.kind, folder, name, other.remedy);
    return other === undefined;
  });
}

/** What a file is that is no image; undefined of an image. */
async function otherKind(
  folder: string,
  name: string,
): Promise<{ readonly kind: string; readonly remedy?: string } | undefined> {
  if (hasImageEnding(name)) return undefined;
  const ending = endingOf(name);
  const kind = ending === undefined ? 'without an ending, of no known format' : ending.toUpperCase();
  if (!maybeDicom(name)) return { kind };
  const format = await formatOf(await firstBytes(join(folder, name), FOREIGN_HEAD));
  if (format === undefined) return { kind };
  if (!format.read) return { kind: format.name, remedy: format.remedy };
  if (format.name === 'DICOM' || ending === undefined) return undefined;
  return { kind: `${format.name} named .${ending}`, remedy: `rename it to .${format.name.toLowerCase()}` };
}
