import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tiling } from '../imaging/testing/maps.js';
import { Random } from '../random.js';
import { type BoxedImage, boxMetrics } from './boxes.js';
import { computeAllMetrics } from './measure.js';
import { marksOf, summarizeImage } from './summary/index.js';
import { bottomRight, image, options, topLeft } from './testing/images.js';

const box = (x0: number, y0: number, x1: number, y1: number, score = 1) => ({ x0, y0, x1, y1, score });
/** A lesion of 4 x 4 pixels. */
const located = (...boxes: BoxedImage['boxes']): BoxedImage => ({ positive: true, regions: [topLeft], boxes });

describe('boxMetrics', () => {
  it('divides by the area of the box that was drawn for IoBB, and asks for more than the threshold', () => {
    // Of boxes of 16, 64 and 160 pixels the lesion covers 4, 16 and 16: 1/4, 1/4 and 1/10. Alone, a box inside has 1.
    const all = [
      located(box(4, 4, 8, 8)),
      located(box(0, 0, 8, 8)),
      located(box(0, 0, 16, 10)),
      located(box(3, 3, 4, 4)),
    ];
    const accuracies = all.map((one) => {
      const { iobbAccuracy10, iobbAccuracy25, iobbAccuracy50, iobbAccuracy90 } = boxMetrics([one]);
      return [iobbAccuracy10, iobbAccuracy25, iobbAccuracy50, iobbAccuracy90];
    });
    expect(accuracies).toEqual([
      [1, 0, 0, 0],
      [1, 0, 0, 0],
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ]);
    expect(boxMetrics(all)).toMatchObject({ iobbAccuracy10: 3 / 4, iobbAccuracy25: 1 / 4, iobbAccuracy50: 1 / 4 });
    // Their IoU: 4/28, 16/64, 16/160 and 1/16.
    expect(boxMetrics(all)).toMatchObject({ iouAccuracy10: 2 / 4, iouAccuracy30: 0 });
  });

  it('takes the best of an image’s boxes, and no box for nothing', () => {
    expect(boxMetrics([located(box(0, 0, 16, 16), box(2, 2, 6, 5)), located()])).toMatchObject({
      iobbAccuracy50: 1 / 2,
      iouAccuracy70: 1 / 2,
    });
  });

  it('counts boxes on negative images against box AP at an overlap of .3 and of .5', () => {
    // 16 / 48 of the union.
    const rough = located(box(2, 2, 6, 14, 0.8));
    const negative = (score: number): BoxedImage => ({
      positive: false,
      regions: [topLeft],
      boxes: [box(2, 2, 6, 6, score)],
    });
    expect(boxMetrics([rough, negative(0.5)])).toMatchObject({ boxAp30: 1, boxAp50: 0 });
    expect(boxMetrics([rough, negative(0.9)])).toMatchObject({ boxAp30: 1 / 2, boxAp50: 0 });
    // Nobody knows where its lesions are.
    const unlocated: BoxedImage = { positive: true, regions: [], boxes: [box(2, 2, 6, 6, 0.9)] };
    expect(boxMetrics([rough, unlocated])).toMatchObject({ boxAp30: 1, iobbAccuracy10: 1 });
    expect(boxMetrics([unlocated, negative(1)])).toMatchObject({ boxAp30: undefined, iobbAccuracy10: undefined });
  });

  it('gives of the marks of maps what computeAllMetrics gives of the maps', () => {
    const drawn = fc.array(fc.tuple(fc.nat(1000), fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(drawn, (items) => {
        const images = items.map(([seed, kind]) => {
          const random = new Random(seed, 'map');
          const values = Float32Array.from({ length: 25 }, () => random.integer(30));
          const regions = [[], [topLeft], [bottomRight, topLeft], []][kind] ?? [];
          return image(random.integer(5) / 4, tiling(values, 5, 5), regions, kind === 3 ? { label: 1 } : {});
        });
        const all = computeAllMetrics(images.map((one) => summarizeImage(one, options)));
        const boxed = images.map((one): BoxedImage => {
          const marks = marksOf(one, one.probabilities[1] ?? Number.NaN);
          const boxes = marks.map(({ box: drawnBox, score }) => ({ ...drawnBox, score }));
          return { positive: one.label === 1, regions: one.regions, boxes };
        });
        for (const [key, value] of Object.entries(boxMetrics(boxed))) {
          expect(value, key).toBe(all[key as 'boxAp30']);
        }
      }),
      { numRuns: 60 },
    );
  });
});
