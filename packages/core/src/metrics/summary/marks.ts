import type { Box, HeatMap, ImageFrame, Region } from '../../imaging/index.js';
import { boxIou, mapRegions, regionBounds } from '../../imaging/index.js';
import { GRID_SIDE } from './grid.js';
import { boxIntersectionOver } from './overlap.js';
import type { CoverageSummary, Mark } from './types.js';

/** More marks of an image than these, the highest-scored, do not count: noise has hundreds of peaks. */
const MAX_MARKS = 100;

export interface MarkOptions {
  /** Where a mark ends, between the map's minimum (0) and maximum (1); 0.5 unless given, as in `mapRegions`. */
  readonly threshold?: number;
}

/**
 * What an image's map marks: its connected parts at half its range or above, at most 100, highest score first.
 *
 * @param image Its map and size, in pixels of the original image.
 * @param score The probability of the positive class, that scores are multiplied by.
 * @throws WeakspotError `usage` where an option is out of range; `engine` where the map holds a value that is not finite.
 */
export function marksOf(
  image: ImageFrame & { readonly map: HeatMap },
  score: number,
  { threshold = 0.5 }: MarkOptions = {},
): Mark[] {
  const parts = mapRegions(image.map, image, { threshold, maxRegions: MAX_MARKS, gridSide: GRID_SIDE });
  return parts.map((part) => ({ score: score * part.score, peak: part.peak, box: part.box }));
}

/** Of all pairs of a mark's box with a lesion's the best IoU, and the best share of the mark's box that the lesion's covers; 0 of none. */
export function bestOverlaps(boxes: readonly Box[], truth: readonly Box[]): Pick<CoverageSummary, 'iou' | 'iobb'> {
  const best = (overlap: (box: Box, other: Box) => number): number =>
    Math.max(0, ...boxes.map((box) => Math.max(...truth.map((other) => overlap(box, other)))));
  return { iou: best(boxIou), iobb: best(boxIntersectionOver) };
}

/** The regions that count as lesions: those with an area. */
export function withArea(regions: readonly Region[]): Region[] {
  return regions.filter((region) => {
    const { x0, y0, x1, y1 } = regionBounds(region);
    return x1 > x0 && y1 > y0;
  });
}
