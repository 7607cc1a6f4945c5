import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Box, boxRegion } from '../../imaging/index.js';
import { tiling } from '../../imaging/testing/maps.js';
import { thrownBy } from '../../testing/thrown.js';
import { bottomRight, boxesMap, image, options, topLeft } from '../testing/images.js';
import { assign } from './assignment.js';
import { centredMap, summarizeImage } from './index.js';
import { gridOf, levelsOnGrid, maskOnGrid } from './grid.js';
import { levelIous } from './level-boxes.js';
import { rodeoCounts } from './rodeo-counts.js';
import { LEVELS } from './types.js';

describe('assign', () => {
  it('finds the cheapest of all pairings', () => {
    const matrix = fc
      .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }))
      .chain(([rows, columns]) =>
        fc.tuple(
          fc.constant(rows),
          fc.constant(columns),
          fc.array(fc.integer({ min: -9, max: 9 }), { minLength: rows * columns, maxLength: rows * columns }),
        ),
      );
    fc.assert(
      fc.property(matrix, ([rows, columns, cost]) => {
        const found = assign(cost, rows, columns);
        const used = [...found].filter((column) => column >= 0);
        expect(used).toHaveLength(Math.min(rows, columns));
        expect(new Set(used).size).toBe(used.length);
        const total = [...found].reduce(
          (sum, column, row) => sum + (column < 0 ? 0 : cost[row * columns + column]!),
          0,
        );
        expect(total).toBe(cheapest(cost, rows, columns));
      }),
    );
  });
});

/** The lowest cost of as many pairs as the smaller side has, by trying all. */
function cheapest(cost: readonly number[], rows: number, columns: number): number {
  const pairs = Math.min(rows, columns);
  const search = (row: number, taken: number, made: number): number => {
    if (made === pairs) return 0;
    if (row === rows) return Infinity;
    let best = search(row + 1, taken, made);
    for (let column = 0; column < columns; column++) {
      if ((taken >> column) % 2 === 1) continue;
      best = Math.min(best, cost[row * columns + column]! + search(row + 1, taken | (1 << column), made + 1));
    }
    return best;
  };
  return search(0, 0, 0);
}

describe('levelIous', () => {
  it('has the boxes of the toy maps of wsolevaluation’s tests', () => {
    // Largest parts of their evaluation_test.py; boxes end one pixel further here, at the pixels' edges.
    const unimodal = [
      [0, 0, 0, 0, 0],
      [0, 0.4, 0.4, 0.4, 0.6],
      [0, 0.4, 1, 0.8, 0.6],
      [0, 0.4, 0.4, 0.4, 0.6],
    ];
    const multimodal = [
      [0.4, 0, 0.2, 0.2, 0.2],
      [0.4, 0.4, 0, 0.4, 0],
      [0, 0, 0, 0.4, 0],
      [1, 0.6, 0.8, 0.2, 0.2],
    ];
    const expected: [number[][], number, Box][] = [
      [unimodal, 1, { x0: 1, y0: 1, x1: 5, y1: 4 }],
      [unimodal, 41, { x0: 2, y0: 1, x1: 5, y1: 4 }],
      [unimodal, 61, { x0: 2, y0: 2, x1: 4, y1: 3 }],
      [unimodal, 81, { x0: 2, y0: 2, x1: 3, y1: 3 }],
      [multimodal, 1, { x0: 0, y0: 0, x1: 5, y1: 4 }],
      [multimodal, 21, { x0: 0, y0: 0, x1: 2, y1: 2 }],
      [multimodal, 41, { x0: 0, y0: 3, x1: 3, y1: 4 }],
      [multimodal, 61, { x0: 2, y0: 3, x1: 3, y1: 4 }],
      [multimodal, 81, { x0: 0, y0: 3, x1: 1, y1: 4 }],
    ];
    for (const [rows, level, box] of expected) {
      const levels = levelsOnGrid(tiling(rows.flat(), 5, 4), { width: 5, height: 4 }, gridOf(5, 4));
      expect(levelIous(levels, 5, 4, [box])[level]).toBe(1);
    }
  });

  it('is the best over the parts at each level, found one level at a time', () => {
    const grids = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 48, maxLength: 48 });
    const truth = [
      { x0: 1.5, y0: 0.5, x1: 4, y1: 3 },
      { x0: 5, y0: 3, x1: 8, y1: 5.5 },
    ];
    fc.assert(
      fc.property(grids, (values) => {
        const levels = Uint8Array.from(values, (value) => value * 11);
        const found = levelIous(levels, 8, 6, truth);
        for (let level = 0; level < LEVELS; level += 11) {
          const expected = Math.max(0, ...partsAt(levels, 8, 6, level).map((box) => bestIou(box, truth)));
          expect(found[level]).toBeCloseTo(expected, 12);
        }
      }),
    );
  });
});

/** The boxes of the connected parts, by growing each from its first pixel. */
function partsAt(levels: Uint8Array, width: number, height: number, level: number): Box[] {
  const left = new Set([...levels.keys()].filter((i) => levels[i]! >= level));
  const boxes: Box[] = [];
  for (const start of left) {
    left.delete(start);
    const part = [start];
    for (const pixel of part) {
      for (const other of left) {
        const dx = Math.abs((other % width) - (pixel % width));
        if (dx > 1 || Math.abs(Math.floor(other / width) - Math.floor(pixel / width)) > 1) continue;
        left.delete(other);
        part.push(other);
      }
    }
    const [columns, rows] = [part.map((pixel) => pixel % width), part.map((pixel) => Math.floor(pixel / width))];
    const [x0, y0] = [Math.min(...columns), Math.min(...rows)];
    boxes.push({ x0, y0, x1: Math.max(...columns) + 1, y1: Math.max(...rows) + 1 });
  }
  expect(height * width).toBe(levels.length);
  return boxes;
}

function bestIou(a: Box, truth: readonly Box[]): number {
  const side = (low: number, high: number): number => Math.max(0, high - low);
  const area = (box: Box): number => (box.x1 - box.x0) * (box.y1 - box.y0);
  const ious = truth.map((b) => {
    const shared = side(Math.max(a.x0, b.x0), Math.min(a.x1, b.x1)) * side(Math.max(a.y0, b.y0), Math.min(a.y1, b.y1));
    return shared / (area(a) + area(b) - shared);
  });
  return Math.max(...ious);
}

describe('rodeoCounts', () => {
  it('halves localization for a box one width beside its mark, and compares sizes alone for shape', () => {
    const truth = [{ x0: 10, y0: 10, x1: 20, y1: 30 }];
    expect(rodeoCounts([{ x0: 20, y0: 10, x1: 30, y1: 30 }], truth)).toMatchObject({ localization: 0.5, shape: 1 });
    // Centred, twice as wide and half as high: 10 x 10 of 200 + 200 - 100.
    const counts = rodeoCounts([{ x0: 5, y0: 15, x1: 25, y1: 25 }], truth);
    expect(counts.localization).toBe(1);
    expect(counts.shape).toBeCloseTo(100 / 300, 12);
  });

  it('pairs by generalized overlap and counts what is left over', () => {
    const [near, far] = [
      { x0: 12, y0: 0, x1: 20, y1: 8 },
      { x0: 40, y0: 0, x1: 48, y1: 8 },
    ];
    const truth = [{ x0: 0, y0: 0, x1: 8, y1: 8 }];
    // Neither overlaps; the nearer is taken: 1.5 widths away.
    expect(rodeoCounts([far, near], truth)).toEqual({
      matched: 1,
      overpredicted: 1,
      missed: 0,
      localization: Math.exp(-Math.LN2 * 2.25),
      shape: 1,
    });
    expect(rodeoCounts([], truth)).toEqual({ matched: 0, overpredicted: 0, missed: 1, localization: 0, shape: 0 });
  });
});

describe('maskOnGrid', () => {
  it('gives a region between pixel centres the pixel in the middle of its box', () => {
    const mask = maskOnGrid([boxRegion(100, 300, 103, 301)], gridOf(1024, 1024));
    expect([...mask].flatMap((value, i) => (value === 1 ? [[i % 128, Math.floor(i / 128)]] : []))).toEqual([[12, 37]]);
  });
});

describe('summarizeImage', () => {
  it('counts the best mark on a lesion, and marks on none as false', () => {
    const map = boxesMap([2, 2, 4, 4], [5, 5, 6, 6], [8, 2, 12, 4]);
    map.values[5 * 16 + 5] = 0.75;
    const { detection, coverage } = summarizeImage(image(0.5, map, [topLeft, bottomRight]), options);
    expect([...(detection?.lesionScores ?? [])]).toEqual([0.5, -Infinity]);
    expect([...(detection?.falseScores ?? [])]).toEqual([0.5]);
    expect([...(detection?.boxScores ?? [])]).toEqual([0.5, 0.5, 0.375]);
    // 2 x 2 within 4 x 4.
    expect(coverage).toMatchObject({ iou: 0.25, iobb: 1 });
  });

  it('does not look at ground truth of images of another class', () => {
    const negative = summarizeImage(image(0.9, boxesMap([2, 2, 4, 4]), [topLeft], { label: 0 }), options);
    expect(negative).toMatchObject({ positive: false, located: false, hit: false, coverage: undefined });
    expect(negative.detection).toMatchObject({ lesionScores: new Float64Array(0), falseScores: Float64Array.of(0.9) });
  });

  it('gives RoDeO the boxes of images called positive only', () => {
    const rodeo = (p: number, changes = {}) =>
      summarizeImage(image(p, boxesMap([2, 2, 6, 6]), [topLeft]), { ...options, ...changes }).detection?.rodeo.matched;
    expect([rodeo(0.5), rodeo(0.49), rodeo(0.49, { minProbability: 0.4 })]).toEqual([1, 0, 1]);
  });

  it('finds nothing in a flat map but the whole image at the lowest threshold', () => {
    const flat = tiling(new Float32Array(256).fill(3), 16, 16);
    const { detection, coverage } = summarizeImage(image(0.9, flat, [topLeft]), options);
    expect(detection?.boxScores).toHaveLength(0);
    expect(coverage?.levelIou[0]).toBeCloseTo(16 / 256, 12);
    expect(Math.max(...(coverage?.levelIou.subarray(1) ?? [1]))).toBe(0);
  });

  it('refuses a map with NaN, and probabilities without the positive class', () => {
    const map = boxesMap();
    map.values[3] = 1;
    const good = image(0.5, map, [topLeft]);
    const broken = { ...map, values: Float32Array.from(map.values, (value) => (value === 1 ? NaN : value)) };
    expect(thrownBy(() => summarizeImage({ ...good, map: broken }, options)).code).toBe('engine');
    expect(thrownBy(() => summarizeImage(good, { ...options, positive: 2 })).message).toContain('[0.5, 0.5]');
  });
});

describe('centredMap', () => {
  it('is highest at the middle of the image, wherever the map lies', () => {
    const map = { ...tiling(new Float32Array(64), 8, 8), extent: { x0: 0.2, y0: 0, x1: 1.1, y1: 1 } };
    const { values, width, height } = centredMap({ map, width: 100, height: 60 });
    expect([width, height, values.indexOf(Math.max(...values))]).toEqual([9, 9, 40]);
    // A map that reaches as far to the right again: the image's middle is at a quarter of it.
    const wide = centredMap({ map, width: 90, height: 60, placement: { x0: 0, y0: 0, x1: 180, y1: 60 } });
    expect(wide.values.indexOf(Math.max(...wide.values)) % 9).toBe(2);
  });
});
