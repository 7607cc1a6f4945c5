import type { MaskRegion } from '@weakspot/core';
import type { MaskBudget } from './mask-budget.js';

/** Longest side of an image that is read. */
const MAX_SIDE = 16384;

/**
 * The mask of a run-length encoding of COCO: lengths of runs down the columns, from the left column on, of pixels that are
 * not set and are set in turn. Cropped to the set pixels; `undefined` where none is set.
 *
 * @param counts Run lengths, or the string that COCO packs them into.
 * @param size Height and width of the image.
 * @returns A reason where the encoding is wrong.
 */
export function maskOfRuns(
  counts: string | readonly number[],
  [height, width]: readonly [height: number, width: number],
  budget: MaskBudget,
): MaskRegion | undefined | string {
  const fits = (side: number): boolean => Number.isInteger(side) && side >= 1 && side <= MAX_SIDE;
  if (!fits(height) || !fits(width)) return `the mask is ${width} x ${height} pixels; a side may have 1 to ${MAX_SIDE}`;
  const runs = typeof counts === 'string' ? unpackRuns(counts, height * width) : counts;
  if (runs === undefined) return 'the string of run lengths is damaged';
  let total = 0;
  for (const run of runs) {
    if (!(Number.isInteger(run) && run >= 0)) return `a run length is ${run}`;
    total += run;
  }
  if (total !== height * width) return `the runs are ${total} pixels long, the mask has ${height * width}`;
  return fill(runs, height, budget);
}

/**
 * Run lengths from their string, as in cocoapi's `rleFrString`: six bits a character from `0` on, of which five are
 * digits, lowest first, and the sixth says that more follow; signed; from the fourth on differences to the last but one.
 */
function unpackRuns(text: string, pixels: number): number[] | undefined {
  const runs: number[] = [];
  for (let at = 0; at < text.length;) {
    let [value, shift, more, digit] = [0, 0, true, 0];
    while (more) {
      digit = text.charCodeAt(at++) - 48;
      // Also where the string ends in the middle of a number.
      if (!(digit >= 0 && digit < 64) || shift > 30) return undefined;
      value += (digit & 31) * 2 ** shift;
      shift += 5;
      more = (digit & 32) !== 0;
    }
    if ((digit & 16) !== 0) value -= 2 ** shift;
    if (runs.length > 2) value += runs.at(-2) as number;
    if (value < 0 || value > pixels) return undefined;
    runs.push(value);
  }
  return runs;
}

/** Set runs as `[from, to)` in column-major order. */
function* setRuns(runs: readonly number[]): Generator<readonly [from: number, to: number]> {
  let at = 0;
  for (const [i, run] of runs.entries()) {
    if (i % 2 === 1 && run > 0) yield [at, at + run];
    at += run;
  }
}

function fill(runs: readonly number[], height: number, budget: MaskBudget): MaskRegion | undefined | string {
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  for (const [from, to] of setRuns(runs)) {
    const [first, last] = [Math.floor(from / height), Math.floor((to - 1) / height)];
    left = Math.min(left, first);
    right = Math.max(right, last + 1);
    top = Math.min(top, first === last ? from % height : 0);
    bottom = Math.max(bottom, first === last ? ((to - 1) % height) + 1 : height);
  }
  if (right === 0) return undefined;
  const [width, rows] = [right - left, bottom - top];
  const refusal = budget.take(width, rows);
  if (refusal !== undefined) return refusal;
  const pixels = new Uint8Array(width * rows);
  for (const [from, to] of setRuns(runs)) {
    for (let at = from; at < to; at++) {
      pixels[((at % height) - top) * width + Math.floor(at / height) - left] = 1;
    }
  }
  return { kind: 'mask', x0: left, y0: top, width, height: rows, pixels };
}
