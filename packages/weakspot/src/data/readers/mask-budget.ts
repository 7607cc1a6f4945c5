/** Pixels that one mask may have, and all masks of a set together: each takes a byte. */
const MOST_OF_ONE = 2 ** 26;
const MOST_OF_ALL = 2 ** 31;

/** Counts the pixels of a set's masks, so that they don't fill the memory. */
export class MaskBudget {
  #left = MOST_OF_ALL;

  /** Why a mask of this size can't be kept; undefined, and it counts, where it can. */
  take(width: number, height: number): string | undefined {
    const pixels = width * height;
    if (!(pixels <= MOST_OF_ONE)) return `the mask is ${width} x ${height} pixels; ${MOST_OF_ONE} pixels may be in one`;
    if (pixels > this.#left) return `the masks of the set have more than ${MOST_OF_ALL} pixels together`;
    this.#left -= pixels;
    return undefined;
  }
}
