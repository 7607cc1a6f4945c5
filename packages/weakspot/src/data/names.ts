/** Times that a name is decoded: some tools encode what is encoded already. */
const DECODINGS = 3;

/**
 * A name as it is compared with others: URL-decoded (`R%C3%B6ntgen%201.png`) and in composed Unicode (NFC), `/`-separated. macOS
 * and archives made there decompose letters with marks, annotation programs encode blanks and letters beyond ASCII.
 * What is no encoding, such as the `%` of `50% dose.png`, stays.
 */
export function nameKey(name: string): string {
  let decoded = name;
  for (let i = 0; i < DECODINGS; i++) {
    const next = decodeOnce(decoded);
    if (next === decoded) break;
    decoded = next;
  }
  return decoded.normalize('NFC').replaceAll('\\', '/');
}

/** Runs of `%XX` that are UTF-8 as what they stand for. */
function decodeOnce(name: string): string {
  if (!name.includes('%')) return name;
  return name.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      const text = decodeURIComponent(run);
      // A name can't hold these.
      return /[\0\n\r]/.test(text) ? run : text;
    } catch {
      return run;
    }
  });
}

/** The path that a URL leads to, as annotation programs write it for an image; other names as they are. */
export function pathInUrl(written: string): string {
  const url = /^[a-z][a-z0-9+.-]+:\/\/[^/?#]*([^?#]*)(\?[^#]*)?/i.exec(written);
  // Label Studio serves `/data/local-files/?d=films/a.png`.
  const query = /[?&]d=([^&#]+)/.exec(written)?.[1];
  if (query !== undefined && (url !== null || written.startsWith('/'))) return query;
  return url?.[1] ?? written;
}

/** Finds a name as it is by how it is written: none, one, or several where it can't be told which. */
export interface NameFinder {
  find(written: string): readonly string[];
}

/** Finds names among those that are there: the very same, else those that are the same to `nameKey`. */
export class NameIndex<T = string> {
  readonly #byName = new Map<string, T>();
  readonly #byKey = new Map<string, T[]>();

  constructor(items: Iterable<readonly [name: string, item: T]> = []) {
    for (const [name, item] of items) this.add(name, item);
  }

  add(name: string, item: T): void {
    if (this.#byName.has(name)) return;
    this.#byName.set(name, item);
    const key = nameKey(name);
    const others = this.#byKey.get(key);
    if (others === undefined) this.#byKey.set(key, [item]);
    else others.push(item);
  }

  /** One that is found exactly; several where only their keys are that of the name. */
  find(name: string): readonly T[] {
    const exact = this.#byName.get(name);
    return exact === undefined ? this.same(name) : [exact];
  }

  /** Whether there is one of the very name. */
  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** All that are the same to `nameKey`. */
  same(name: string): readonly T[] {
    return this.#byKey.get(nameKey(name)) ?? [];
  }
}

/** A name in quotes with what can't be seen of it spelled out: marks apart from their letters, and unusual blanks. */
export function spelled(name: string): string {
  const hidden = /[\p{M}\p{Cf}\p{Zl}\p{Zp}\t\n\r]|(?! )\p{Zs}/gu;
  return `"${name.replaceAll(hidden, (mark) => `\\u${(mark.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)}"`;
}

/** What to say of two names, of which either may be meant. */
export function eitherName(a: string, b: string): string {
  const why = nameKey(a) === nameKey(b) ? 'one name in two encodings: remove one of them' : 'write its whole name';
  return `${spelled(a)} or ${spelled(b)}, ${why}`;
}
