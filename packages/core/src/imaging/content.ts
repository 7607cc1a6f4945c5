import type { Box } from './box.js';
import { checkRaster } from './raster.js';
import { resizeBilinear } from './resize.js';

/** Sides of the reduced copy in which the content is looked for, at most. */
const SIDE = 256;
/** A line is border where its 5th and 95th percentile differ by no more than this share of the intensity range. */
const FLAT = 0.04;
const LOW = 0.05;
const HIGH = 0.95;
/** Less than this share of a side is no content: that side is kept whole. */
const LEAST = 0.25;

/**
 * The box of an image's content, in whole pixels: what is left when flat rows and columns are taken off each side, such as
 * the black around a film, or the empty side of a mammogram. `values` are intensities 0..1 of the row-major image of
 * `width` x `height`.
 *
 * The image is reduced to at most 256 pixels a side (antialiased). From each side, lines are border as long as their 5th and
 * 95th percentile (by nearest rank) differ by at most 0.04: so neither noise nor a marker over less than a twentieth of
 * the line ends a border, whatever its grey. Rows are judged whole, then columns within the rows that are left. An axis of
 * which less than a quarter would be left is kept whole.
 *
 * @throws WeakspotError `usage` where a size is not a positive integer or `values` does not hold the image.
 */
export function contentBox(values: ArrayLike<number>, width: number, height: number): Box {
  checkRaster('contentBox', values, width, height);
  const shrink = Math.min(1, SIDE / Math.max(width, height));
  const columns = Math.max(1, Math.round(width * shrink));
  const rows = Math.max(1, Math.round(height * shrink));
  const reduced = resizeBilinear(values, width, height, columns, rows, { antialias: true });

  const [top, bottom] = contentOf(rows, (row) => isFlat(reduced.subarray(row * columns, (row + 1) * columns)));
  const [left, right] = contentOf(columns, (column) => {
    const line = new Float32Array(bottom - top);
    for (let i = 0; i < line.length; i++) line[i] = reduced[(top + i) * columns + column] as number;
    return isFlat(line);
  });
  return {
    x0: Math.floor((left * width) / columns),
    y0: Math.floor((top * height) / rows),
    x1: Math.ceil((right * width) / columns),
    y1: Math.ceil((bottom * height) / rows),
  };
}

/** The lines from the first to the last that is not flat; all of them where these are too few. */
function contentOf(lines: number, flat: (line: number) => boolean): readonly [number, number] {
  let first = 0;
  while (first < lines && flat(first)) first++;
  let last = lines;
  while (last > first && flat(last - 1)) last--;
  return last - first < LEAST * lines ? [0, lines] : [first, last];
}

function isFlat(line: Float32Array): boolean {
  const sorted = line.toSorted();
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
  return at(HIGH) - at(LOW) <= FLAT;
}
