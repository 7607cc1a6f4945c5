import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box } from './box.js';
import { boxContains, boxIou, boxesArea, clipBox, growBox } from './box.js';

const box = (x0: number, y0: number, x1: number, y1: number): Box => ({ x0, y0, x1, y1 });

/** Boxes on a grid of quarters, some without area. */
const quarter = fc.integer({ min: 0, max: 40 }).map((i) => i / 4);
const anyBox = fc.tuple(quarter, quarter, quarter, quarter).map(([x0, y0, x1, y1]) => box(x0, y0, x1, y1));

describe('boxes', () => {
  it('grow by their own amount along each axis', () => {
    expect(growBox(box(10, 20, 30, 40), 2, 5)).toEqual(box(8, 15, 32, 45));
  });

  it('are clipped to the image, to nothing where they lie outside', () => {
    expect(clipBox(box(-5, 2.5, 8, 30), 10, 20)).toEqual(box(0, 2.5, 8, 20));
    expect(boxesArea([clipBox(box(12, 3, 15, 9), 10, 20)])).toBe(0);
  });

  it('contain their left and top edges, not their right and bottom ones', () => {
    const unit = box(1, 1, 2, 2);
    expect([boxContains(unit, 1, 1), boxContains(unit, 1.999, 1.5)]).toEqual([true, true]);
    expect([boxContains(unit, 2, 1.5), boxContains(unit, 1.5, 2), boxContains(unit, 0.99, 1.5)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('cover the area of their union', () => {
    expect(boxesArea([])).toBe(0);
    expect(boxesArea([box(0, 0, 2.5, 2)])).toBe(5);
    expect(boxesArea([box(0, 0, 2, 2), box(1, 1, 3, 3)])).toBe(7);
    expect(boxesArea([box(0, 0, 4, 4), box(1, 1, 2, 2), box(6, 0, 7, 1)])).toBe(17);
    expect(boxesArea([box(3, 3, 1, 1), box(0, 0, 0, 9)])).toBe(0);
  });

  it('cover exactly the cells counted one by one', () => {
    const property = fc.property(fc.array(anyBox, { maxLength: 6 }), (boxes) => {
      let cells = 0;
      for (let y = 0.125; y < 10; y += 0.25) {
        for (let x = 0.125; x < 10; x += 0.25) if (boxes.some((one) => boxContains(one, x, y))) cells++;
      }
      expect(boxesArea(boxes)).toBeCloseTo(cells / 16, 9);
    });
    fc.assert(property);
  });

  it('overlap by their intersection over union', () => {
    expect(boxIou(box(0, 0, 2, 2), box(1, 1, 3, 3))).toBeCloseTo(1 / 7, 12);
    expect(boxIou(box(0, 0, 2, 2), box(0, 0, 2, 2))).toBe(1);
    expect(boxIou(box(0, 0, 2, 2), box(2, 0, 4, 2))).toBe(0);
    expect(boxIou(box(0, 0, 0, 0), box(0, 0, 0, 0))).toBe(0);
  });
});
