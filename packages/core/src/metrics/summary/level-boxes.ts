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
  const parts = growingParts(width, height, truth);
  const best = new Float64Array(LEVELS);
  let next = 0;
  for (let level = LEVELS - 1; level >= 0; level--) {
    for (; next < (ends[level] as number); next++) parts.enter(order[next] as number);
    best[level] = parts.bestIou();
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

/** Connected parts that grow pixel by pixel. */
interface GrowingParts {
  /** Adds the pixel and joins the parts around it. */
  readonly enter: (pixel: number) => void;
  /** The best intersection over union of a truth box with that of a part. */
  readonly bestIou: () => number;
}

function growingParts(width: number, height: number, truth: readonly Box[]): GrowingParts {
  const stride = width + 2;
  /** The grid with a border of one pixel: 1 where a pixel has entered, and the part it entered. */
  const entered = new Uint8Array(stride * (height + 2));
  const partAt = new Int32Array(entered.length);
  const ring = Int32Array.of(-stride, 1 - stride, 1, stride + 1, stride, stride - 1, -1, -stride - 1);

  // Per part: which part it was joined to (itself: none), its box, and the overlap that was found last (-1: not known).
  const parent: number[] = [];
  const boxes: MutableBox[] = [];
  const overlaps: number[] = [];
  /** Parts that may not have been joined to another. */
  let roots: number[] = [];

  const rootOf = (part: number): number => {
    let at = part;
    for (let up = parent[at] as number; up !== at; up = parent[at] as number) {
      // Halves the path on the way.
      parent[at] = parent[up] as number;
      at = parent[at] as number;
    }
    return at;
  };
  const join = (root: number, child: number): void => {
    parent[child] = root;
    const { x0, y0, x1, y1 } = boxes[child] as MutableBox;
    enclose(boxes[root] as MutableBox, x0, y0, x1, y1);
  };
  const enter = (pixel: number): void => {
    const row = Math.floor(pixel / width);
    const column = pixel - row * width;
    const place = (row + 1) * stride + column + 1;
    const around =
      (entered[place - stride] as number) |
      ((entered[place - stride + 1] as number) << 1) |
      ((entered[place + 1] as number) << 2) |
      ((entered[place + stride + 1] as number) << 3) |
      ((entered[place + stride] as number) << 4) |
      ((entered[place + stride - 1] as number) << 5) |
      ((entered[place - 1] as number) << 6) |
      ((entered[place - stride - 1] as number) << 7);
    let root = -1;
    for (let ask = runStarts[around] as number; ask !== 0; ask &= ask - 1) {
      const neighbour = ring[31 - Math.clz32(ask & -ask)] as number;
      const other = rootOf(partAt[place + neighbour] as number);
      if (root >= 0 && root !== other) join(other, root);
      root = other;
    }
    if (root < 0) {
      root = parent.length;
      parent.push(root);
      boxes.push({ x0: column, y0: row, x1: column + 1, y1: row + 1 });
      overlaps.push(-1);
      roots.push(root);
    } else {
      enclose(boxes[root] as MutableBox, column, row, column + 1, row + 1);
      overlaps[root] = -1;
    }
    entered[place] = 1;
    partAt[place] = root;
  };
  const bestIou = (): number => {
    let best = 0;
    roots = roots.filter((part) => parent[part] === part);
    for (const root of roots) {
      if ((overlaps[root] as number) < 0) overlaps[root] = bestWith(boxes[root] as Box, truth);
      best = Math.max(best, overlaps[root] as number);
    }
    return best;
  };
  return { enter, bestIou };
}

/**
 * For the eight neighbours of a pixel that have entered, one bit each going round it, which to ask for their part: the first of
 * each run, as the others of a run touch it. Of a full ring, one.
 */
const runStarts = Uint8Array.from({ length: 256 }, (_, ring) =>
  ring === 255 ? 1 : ring & ~((ring << 1) | (ring >> 7)),
);

interface MutableBox {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

function enclose(box: MutableBox, x0: number, y0: number, x1: number, y1: number): void {
  if (x0 < box.x0) box.x0 = x0;
  if (y0 < box.y0) box.y0 = y0;
  if (x1 > box.x1) box.x1 = x1;
  if (y1 > box.y1) box.y1 = y1;
}

function bestWith({ x0, y0, x1, y1 }: Box, truth: readonly Box[]): number {
  let best = 0;
  for (const box of truth) {
    const across = Math.min(x1, box.x1) - Math.max(x0, box.x0);
    const down = Math.min(y1, box.y1) - Math.max(y0, box.y0);
    if (across <= 0 || down <= 0) continue;
    const shared = across * down;
    const union = (x1 - x0) * (y1 - y0) + (box.x1 - box.x0) * (box.y1 - box.y0) - shared;
    best = Math.max(best, shared / union);
  }
  return best;
}
