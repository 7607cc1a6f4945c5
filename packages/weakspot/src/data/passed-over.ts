import { join } from 'node:path';

/** Files of one kind that a walk over a folder met and did not take for images. */
export interface PassedOver {
  /** Such as `NIfTI`, `CSV`, `hidden`. */
  readonly kind: string;
  readonly count: number;
  /** What to do, where the files hold what could be images; absent of tables, texts and the like. */
  readonly remedy?: string;
  /** Path of the first of them. */
  readonly example: string;
}

/** The kind of what is hidden, or of the operating system. */
export const HIDDEN = 'hidden files or files of the operating system';

/** Counts by kind what walks over folders pass over. */
export class PassedOverCounts {
  readonly #kinds = new Map<string, { count: number; remedy?: string; example: string }>();

  add(kind: string, folder: string, name: string, remedy?: string): void {
    const known = this.#kinds.get(kind);
    if (known !== undefined) known.count++;
    else this.append({ kind, count: 1, example: join(folder, name), ...(remedy === undefined ? {} : { remedy }) });
  }

  append({ kind, ...rest }: PassedOver): void {
    const known = this.#kinds.get(kind);
    if (known === undefined) this.#kinds.set(kind, { ...rest });
    else known.count += rest.count;
  }

  /** What may hold images first, then the most frequent. */
  list(): PassedOver[] {
    const rank = ({ remedy }: PassedOver): number => (remedy === undefined ? 1 : 0);
    return [...this.#kinds]
      .map(([kind, rest]): PassedOver => ({ kind, ...rest }))
      .toSorted((a, b) => rank(a) - rank(b) || b.count - a.count || (a.kind < b.kind ? -1 : 1));
  }
}

/** `2 NIfTI (not read: write its slices ...), 1 CSV, 3 hidden`; empty where nothing was passed over. */
export function describePassedOver(kinds: readonly PassedOver[]): string {
  return kinds
    .map(({ kind, count, remedy }) => `${count} ${kind}${remedy === undefined ? '' : ` (not read: ${remedy})`}`)
    .join(', ');
}
