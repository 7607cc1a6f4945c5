import type { BoxRegion } from '@weakspot/core';
import { boxRegion } from '@weakspot/core';
import type { ImageSize } from '../image.js';
import type { FileErrors } from './file-errors.js';

/** A number as text has it; NaN where it has none. */
export function numberOf(text: string | undefined): number {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : Number.NaN;
}

/** The box of these edges; undefined, with an error, where one is no number or there is no area between them. */
export function boxBetween(
  edges: readonly [x0: number, y0: number, x1: number, y1: number],
  place: { readonly line?: number; readonly field: string },
  errors: FileErrors,
): BoxRegion | undefined {
  const [x0, y0, x1, y1] = edges;
  if (x1 > x0 && y1 > y0) return boxRegion(x0, y0, x1, y1);
  const written = `(${x0}, ${y0}) to (${x1}, ${y1})`;
  errors.add(
    edges.some(Number.isNaN) ? 'the box has an edge that is missing or not a number' : `the box ${written} has no area`,
    place,
  );
  return undefined;
}

/** Undefined unless both are positive. */
export function sizeOf(width: number, height: number): ImageSize | undefined {
  return width > 0 && height > 0 ? { width, height } : undefined;
}
