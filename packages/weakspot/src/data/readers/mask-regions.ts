import type { MaskRegion } from '@weakspot/core';
import type { MaskBudget } from './mask-budget.js';

/** Parts of one mask that are regions of their own; a mask of more is noise or a texture, and one region. */
const MAX_PARTS = 1000;
/** Runs of set pixels along rows that are joined to parts. */
const MAX_RUNS = 2 ** 20;

/** Set pixels `[from, to)` of a row. */
interface Run {
  readonly row: number;
  readonly from: number;
  readonly to: number;
  /** Index of a run of the same part; its own where it stands for the part. */
  part: number;
}

/**
 * The lesions of a mask: its connected parts (8 neighbours), each cropped to its pixels, in the order of their first
 * pixels. None where no pixel is set.
 *
 * @param pixels Row-major, `width * height`.
 * @returns A reason where they would take too much memory.
 */
export function maskRegions(
  pixels: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  budget: MaskBudget,
): MaskRegion[] | string {
  const runs = runsOf(pixels, width, height);
  const parts = runs.length > MAX_RUNS ? undefined : partsOf(runs);
  const groups = parts === undefined || parts.length > MAX_PARTS ? [runs] : parts;
  const regions: MaskRegion[] = [];
  for (const group of groups) {
    if (group.length === 0) continue;
    const region = regionOf(group, budget);
    if (typeof region === 'string') return region;
    regions.push(region);
  }
  return regions;
}

function runsOf(pixels: Uint8Array, width: number, height: number): Run[] {
  const runs: Run[] = [];
  for (let row = 0; row < height; row++) {
    let from = -1;
    for (let column = 0; column <= width; column++) {
      const isSet = column < width && pixels[row * width + column] !== 0;
      if (isSet && from < 0) from = column;
      if (isSet || from < 0) continue;
      runs.push({ row, from, to: column, part: runs.length });
      from = -1;
    }
  }
  return runs;
}

/** Joins runs that touch, also at corners, by union-find. */
function partsOf(runs: readonly Run[]): Run[][] {
  const find = (index: number): number => {
    let run = runs[index] as Run;
    while (run.part !== index) {
      run.part = (runs[run.part] as Run).part;
      index = run.part;
      run = runs[index] as Run;
    }
    return index;
  };
  let above = 0;
  for (const [i, run] of runs.entries()) {
    while (
      (runs[above] as Run).row < run.row - 1 ||
      ((runs[above] as Run).row === run.row - 1 && (runs[above] as Run).to < run.from)
    ) {
      above++;
    }
    for (let other = above; ; other++) {
      const { row, from } = runs[other] as Run;
      if (row !== run.row - 1 || from > run.to) break;
      const [a, b] = [find(other), find(i)];
      // The first run of a part stands for it.
      (runs[Math.max(a, b)] as Run).part = Math.min(a, b);
    }
  }
  const parts = new Map<number, Run[]>();
  for (const [i, run] of runs.entries()) {
    const first = find(i);
    const part = parts.get(first);
    if (part === undefined) parts.set(first, [run]);
    else part.push(run);
  }
  return [...parts.values()];
}

function regionOf(runs: readonly Run[], budget: MaskBudget): MaskRegion | string {
  let [x0, x1] = [Infinity, 0];
  for (const { from, to } of runs) {
    x0 = Math.min(x0, from);
    x1 = Math.max(x1, to);
  }
  const [y0, y1] = [(runs[0] as Run).row, (runs.at(-1) as Run).row + 1];
  const [width, height] = [x1 - x0, y1 - y0];
  const refusal = budget.take(width, height);
  if (refusal !== undefined) return refusal;
  const pixels = new Uint8Array(width * height);
  for (const { row, from, to } of runs) pixels.fill(1, (row - y0) * width + from - x0, (row - y0) * width + to - x0);
  return { kind: 'mask', x0, y0, width, height, pixels };
}
