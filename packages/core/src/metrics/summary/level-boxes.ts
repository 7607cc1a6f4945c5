import type { Box } from '../../imaging/index.js';
import { LEVELS } from './types.js';

/**
 * Per level k, the best intersection over union of a truth box with the box around a connected part (8 neighbours) of
 * the pixels at level k or above; 0 where there is no such pixel.
 *
 * One pass over all levels: pixels enter from the highest level down, and parts that come to touch are joined
 * (union-find), each with its box. Truth boxes are in pixels of the grid.
 */
export function levelIous(levels: Uint8Array, width: number, height: number, truth: readonly Box[]): Float64Array {
  const { order, ends } = byLevel(levels);
  const parts = new Parts(width, height);
  const best = new Float64Array(LEVELS);
  // Boxes of parts that a level leaves as they were keep their overlap.
  let alive: number[] = [];
  let overlaps = new Map<number, number>();
  let next = 0;
  for (let level = LEVELS - 1; level >= 0; level--) {
    const touched = new Set<number>();
    for (; next < (ends[level] as number); next++) touched.add(parts.enter(order[next] as number));
    const roots = new Set<number>();
    for (const part of alive) roots.add(parts.rootOf(part));
    for (const part of touched) roots.add(parts.rootOf(part));
    const changed = new Set<number>();
    for (const part of touched) changed.add(parts.rootOf(part));
    const kept = new Map<number, number>();
    let highest = 0;
    for (const root of roots) {
      const known = changed.has(root) ? undefined : overlaps.get(root);
      const overlap = known ?? parts.bestIou(root, truth);
      kept.set(root, overlap);
      if (overlap > highest) highest = overlap;
    }
    alive = [...roots];
    overlaps = kept;
    best[level] = highest;
  }
  return best;
}

/** Pixels from the highest level down, row by row within one, and where each level's end in that order. */
function byLevel(levels: Uint8Array): { order: Int32Array; ends: Int32Array } {
  const counts = new Int32Array(LEVELS);
  for (let i = 0; i < levels.length; i++) counts[levels[i] as number] = (counts[levels[i] as number] as number) + 1;
  const ends = new Int32Array(LEVELS);
  const at = new Int32Array(LEVELS);
  let total = 0;
  for (let level = LEVELS - 1; level >= 0; level--) {
    at[level] = total;
    total += counts[level] as number;
    ends[level] = total;
  }
  const order = new Int32Array(levels.length);
  for (let i = 0; i < levels.length; i++) {
    const level = levels[i] as number;
    order[at[level] as number] = i;
    at[level] = (at[level] as number) + 1;
  }
  return { order, ends };
}

/** Connected parts that grow pixel by pixel, each known by its root pixel. */
class Parts {
  readonly #width: number;
  readonly #height: number;
  /** -1 for a pixel that has not entered. */
  readonly #parent: Int32Array;
  readonly #left: Int32Array;
  readonly #top: Int32Array;
  readonly #right: Int32Array;
  readonly #bottom: Int32Array;
  readonly #size: Int32Array;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    const pixels = width * height;
    this.#parent = new Int32Array(pixels).fill(-1);
    this.#left = new Int32Array(pixels);
    this.#top = new Int32Array(pixels);
    this.#right = new Int32Array(pixels);
    this.#bottom = new Int32Array(pixels);
    this.#size = new Int32Array(pixels);
  }

  /** Adds the pixel and joins it with the parts around it. Returns its root at this moment. */
  enter(pixel: number): number {
    const width = this.#width;
    const column = pixel % width;
    const row = (pixel - column) / width;
    this.#parent[pixel] = pixel;
    this.#left[pixel] = column;
    this.#right[pixel] = column + 1;
    this.#top[pixel] = row;
    this.#bottom[pixel] = row + 1;
    this.#size[pixel] = 1;
    let root = pixel;
    const [firstColumn, lastColumn] = [column > 0 ? -1 : 0, column < width - 1 ? 1 : 0];
    for (let dy = row > 0 ? -1 : 0; dy <= (row < this.#height - 1 ? 1 : 0); dy++) {
      for (let dx = firstColumn; dx <= lastColumn; dx++) {
        const neighbour = pixel + dy * width + dx;
        if ((this.#parent[neighbour] as number) >= 0) root = this.#join(root, this.rootOf(neighbour));
      }
    }
    return root;
  }

  rootOf(pixel: number): number {
    const parent = this.#parent;
    let at = pixel;
    while ((parent[at] as number) !== at) {
      // Halves the path on the way.
      parent[at] = parent[parent[at] as number] as number;
      at = parent[at] as number;
    }
    return at;
  }

  bestIou(root: number, truth: readonly Box[]): number {
    const [x0, y0] = [this.#left[root] as number, this.#top[root] as number];
    const [x1, y1] = [this.#right[root] as number, this.#bottom[root] as number];
    const area = (x1 - x0) * (y1 - y0);
    let best = 0;
    for (const box of truth) {
      const shared =
        Math.max(0, Math.min(x1, box.x1) - Math.max(x0, box.x0)) *
        Math.max(0, Math.min(y1, box.y1) - Math.max(y0, box.y0));
      const iou = shared / (area + (box.x1 - box.x0) * (box.y1 - box.y0) - shared);
      if (iou > best) best = iou;
    }
    return best;
  }

  #join(a: number, b: number): number {
    if (a === b) return a;
    const [root, child] = (this.#size[a] as number) >= (this.#size[b] as number) ? [a, b] : [b, a];
    this.#parent[child] = root;
    this.#size[root] = (this.#size[root] as number) + (this.#size[child] as number);
    this.#left[root] = Math.min(this.#left[root] as number, this.#left[child] as number);
    this.#top[root] = Math.min(this.#top[root] as number, this.#top[child] as number);
    this.#right[root] = Math.max(this.#right[root] as number, this.#right[child] as number);
    this.#bottom[root] = Math.max(this.#bottom[root] as number, this.#bottom[child] as number);
    return root;
  }
}
