import { hasImageEnding } from './files.js';
import { NameIndex, nameKey, type NameFinder } from './names.js';

/**
 * Finds files that a table names without their ending, with another one, or without their folders. Names are compared as of
 * `nameKey`.
 */
export class EndingIndex implements NameFinder {
  readonly #byStem = new Map<string, string[]>();

  /** @param names Relative to the folder that the table's names are relative to, `/`-separated. */
  constructor(names: Iterable<string>) {
    for (const name of names) {
      const stem = stemOf(partsOf(name).at(-1) ?? '');
      const others = this.#byStem.get(stem);
      if (others === undefined) this.#byStem.set(stem, [name]);
      else others.push(name);
    }
  }

  /**
   * The names that fit: in the very folder that is written, else below any folder whose last parts are those written. None
   * where there is none, several where it can't be told which is meant.
   */
  find(written: string): readonly string[] {
    const parts = partsOf(written);
    const folders = parts.slice(0, -1);
    const namesakes = this.#byStem.get(stemOf(parts.at(-1) ?? '')) ?? [];
    const fitting = namesakes.filter((name) => endsWith(partsOf(name).slice(0, -1), folders));
    const direct = fitting.filter((name) => partsOf(name).length === parts.length);
    return direct.length > 0 ? direct : fitting;
  }
}

/** Finds a name among these by its very letters, else as of `nameKey`, else as of `EndingIndex`. */
export function findAmong(names: readonly string[]): NameFinder {
  const byName = new NameIndex(names.map((name) => [name, name] as const));
  const endings = new EndingIndex(names);
  return {
    find(written) {
      const found = byName.find(written);
      return found.length > 0 ? found : endings.find(written);
    },
  };
}

function partsOf(name: string): string[] {
  return nameKey(name)
    .split('/')
    .filter((part) => part !== '' && part !== '.');
}

/** Without the ending of an image: `1.2.840.5` has none. */
function stemOf(base: string): string {
  return hasImageEnding(base) ? base.replace(/\.[^.]*$/, '') : base;
}

function endsWith(parts: readonly string[], last: readonly string[]): boolean {
  return last.length <= parts.length && last.every((part, i) => part === parts[parts.length - last.length + i]);
}
