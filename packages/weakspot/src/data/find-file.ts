import { readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { kindOf } from './files.js';
import { NameIndex, nameKey } from './names.js';

/**
 * Finds files by names that may be written otherwise than on disk: URL-encoded, or with decomposed letters. What a folder
 * holds is looked at once.
 */
export class FileFinder {
  readonly #folders = new Map<string, Promise<NameIndex>>();

  /**
   * The absolute path of the file at `path`, absolute too, as it is on disk; none where there is no such file, several where
   * they differ only in how their one name is written and none is written as here.
   */
  async find(path: string): Promise<readonly string[]> {
    if ((await kindOf(path)) !== undefined) return [path];
    // A folder above may be closed to listing.
    let start = dirname(path);
    while ((await kindOf(start)) === undefined && start !== dirname(start)) start = dirname(start);
    const parts = nameKey(relative(start, path)).split('/');
    let found: readonly string[] = [start];
    for (const part of parts) {
      const next: string[] = [];
      for (const folder of found) {
        const inside = await this.#listed(folder);
        for (const name of inside.same(part)) next.push(join(folder, name));
      }
      if (next.length === 0) return [];
      found = next;
    }
    return found;
  }

  /** Nothing of a folder that can't be listed. */
  #listed(folder: string): Promise<NameIndex> {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const names = readdir(folder).catch((): string[] => []);
    const listed = names.then((all) => new NameIndex(all.toSorted().map((name) => [name, name] as const)));
    this.#folders.set(folder, listed);
    return listed;
  }
}
