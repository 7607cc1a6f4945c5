import { boxRegion, type HeatMap, type Region, responsePoint } from '../../imaging/index.js';
import { tiling } from '../../imaging/testing/maps.js';
import type { MappedImage, SummaryOptions } from '../summary/index.js';

export const options: SummaryOptions = {
  positive: 1,
  tolerance: { x: 0, y: 0 },
  inputWidth: 64,
  inputHeight: 64,
};

/** A square map of 16 x 16 cells, one per pixel of the images here, that is 1 in the boxes given and 0 beside them. */
export function boxesMap(...boxes: readonly (readonly [number, number, number, number])[]) {
  const values = new Float32Array(256);
  for (const [x0, y0, x1, y1] of boxes) {
    for (let y = y0; y < y1; y++) values.fill(1, y * 16 + x0, y * 16 + x1);
  }
  return tiling(values, 16, 16);
}

/** An image of 16 x 16 pixels with the probability of the positive class; positive where it has regions. */
export function image(
  probability: number,
  map: HeatMap,
  regions: readonly Region[] = [],
  changes: Partial<MappedImage> = {},
): MappedImage {
  return {
    label: regions.length > 0 ? 1 : 0,
    probabilities: [1 - probability, probability],
    response: responsePoint(map, { width: 16, height: 16 }),
    width: 16,
    height: 16,
    regions,
    map,
    ...changes,
  };
}

export const topLeft = boxRegion(2, 2, 6, 6);
export const bottomRight = boxRegion(10, 10, 14, 14);
