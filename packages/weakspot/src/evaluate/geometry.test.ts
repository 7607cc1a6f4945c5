/**
 * Where a map's cell lies in the film: no half-pixel and no half-cell shift, at any size and aspect ratio, through files,
 * preprocessing, network, response and boxes.
 */
import { join } from 'node:path';
import { type Parameter, Random } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { flatPgm, greyPng, temporaryFolder, writeTree } from '../data/testing/files.js';
import { localizeImages } from './localize.js';
import { openModel } from './model.js';
import { answer, fakeModel, listOf, passOn, writeRun } from './testing/models.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** What a model that answers with this map says of a film of this size; boxes end at 0.6 of the map's range. */
async function localize(map: ArrayLike<number>, mapWidth: number, mapHeight: number, width: number, height: number) {
  const name = `${width}x${height}.pgm`;
  writeTree(folder, { [name]: flatPgm(width, height) });
  const model = fakeModel([answer(1, mapWidth, mapHeight, map)]);
  const [event] = await listOf(localizeImages(model, [{ name, path: join(folder, name) }], { threshold: 0.6 }));
  if (event?.type !== 'image') throw new Error('not localized');
  return event.localization;
}

/**
 * The map's value at pixel (column, row) of the film, from the definition: the pixel's centre in cells, then bilinear
 * between the four nearest cell centres, borders repeated.
 */
function valueAt(
  map: readonly number[],
  cells: [number, number],
  size: [number, number],
  pixel: [number, number],
): number {
  const [mapWidth, mapHeight] = cells;
  const at = (x: number, y: number): number =>
    map[Math.min(Math.max(y, 0), mapHeight - 1) * mapWidth + Math.min(Math.max(x, 0), mapWidth - 1)] as number;
  const x = ((pixel[0] + 0.5) * mapWidth) / size[0] - 0.5;
  const y = ((pixel[1] + 0.5) * mapHeight) / size[1] - 0.5;
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, below] = [x - left, y - top];
  return (
    (1 - below) * ((1 - right) * at(left, top) + right * at(left + 1, top)) +
    below * ((1 - right) * at(left, top + 1) + right * at(left + 1, top + 1))
  );
}

describe('a chosen activation map', () => {
  it('has its response at the centre of its highest cell, where a pixel is centred there', async () => {
    // Cells of 7 x 3 pixels: their centres are pixel centres.
    for (const [column, row] of [
      [0, 0],
      [4, 0],
      [2, 1],
      [0, 3],
      [4, 3],
    ] as const) {
      const map = Float32Array.from({ length: 20 }, (_, i) => (i === row * 5 + column ? 1 : 0));
      const { response } = await localize(map, 5, 4, 35, 12);
      expect([response.x, response.y]).toEqual([7 * (column + 0.5), 3 * (row + 0.5)]);
    }
  });

  it('is mirrored in the response and the boxes when the map is mirrored', async () => {
    const map = [0, 1, 0, 0, 5, 9, 2, 0, 0, 3, 1, 0];
    const mirrored = [0, 1, 2].flatMap((row) => map.slice(4 * row, 4 * row + 4).toReversed());
    const [width, height] = [90, 37];
    const one = await localize(map, 4, 3, width, height);
    const other = await localize(mirrored, 4, 3, width, height);
    expect(other.response.x).toBeCloseTo(width - one.response.x, 9);
    expect(other.response.y).toBe(one.response.y);
    expect(one.boxes).toHaveLength(1);
    const { x0, x1, y0, y1 } = one.boxes[0]!;
    expect(other.boxes[0]).toMatchObject({ x0: width - x1, x1: width - x0, y0, y1 });
  });

  it('agrees with brute force over every pixel, at sizes larger, smaller, tall and wide', async () => {
    for (const [index, size] of (
      [
        [37, 91],
        [200, 60],
        [3, 2],
        [6, 150],
        [64, 64],
      ] as [number, number][]
    ).entries()) {
      const random = new Random(5, 'map', index);
      const cells: [number, number] = [5, 4];
      const map = Array.from({ length: 20 }, () => Math.fround(random.normal()));
      const { response, boxes } = await localize(map, ...cells, ...size);

      const pixels = Array.from({ length: size[0] * size[1] }, (_, i): [number, number] => [
        i % size[0],
        Math.floor(i / size[0]),
      ]);
      const values = pixels.map((pixel) => valueAt(map, cells, size, pixel));
      expect(response.value).toBeCloseTo(Math.max(...values), 5);
      expect(valueAt(map, cells, size, [response.x - 0.5, response.y - 0.5])).toBeCloseTo(response.value, 5);

      // All boxes together span all pixels above the threshold, 0.6 of the way from the lowest to the highest cell.
      const level = Math.min(...map) + 0.6 * (Math.max(...map) - Math.min(...map));
      const above = pixels.filter((_, i) => (values[i] as number) >= level);
      const spanned =
        boxes.length === 0
          ? []
          : [
              Math.min(...boxes.map(({ x0 }) => x0)),
              Math.min(...boxes.map(({ y0 }) => y0)),
              Math.max(...boxes.map(({ x1 }) => x1)),
              Math.max(...boxes.map(({ y1 }) => y1)),
            ];
      const [columns, rows] = [above.map(([x]) => x), above.map(([, y]) => y)];
      const expected =
        above.length === 0
          ? []
          : [Math.min(...columns), Math.min(...rows), Math.max(...columns) + 1, Math.max(...rows) + 1];
      expect(spanned).toEqual(expected);
      for (const [x, y] of above) {
        expect(boxes.some(({ x0, y0, x1, y1 }) => x0 <= x && x < x1 && y0 <= y && y < y1)).toBe(true);
      }
    }
  });
});

interface Case {
  readonly network: 'small' | 'compact' | 'alexnet6';
  readonly map: 'positive' | 'layercam' | 'gradcam' | 'positive+flips' | 'layercam+flips';
  /**
   * Centre of the first of the map's cells, across and down, and from each to the next, pixels of the input: from the layers'
   * windows, by hand.
   */
  readonly cells: readonly [number, number, number];
  /** Of the input, pixels: not all are multiples of the stride. */
  readonly input: readonly [number, number];
}
const last = { small: [4.5, 8], compact: [15.5, 32], alexnet6: [33.5, 32] } as const;
const pooling = { small: [0.5, 4], compact: [7.5, 8], alexnet6: [9.5, 8] } as const;
/** Of the means over the image and the one mirrored left to right: the middle of all cells is that of the input. */
const middles = {
  'positive+flips': { small: 5.5, compact: 14.5, alexnet6: 33.5 },
  'layercam+flips': { small: 1.5, compact: 7, alexnet6: 9.5 },
} as const;
const inputs = { small: [67, 96], compact: [150, 128], alexnet6: [227, 180] } as const;
const cases = (['small', 'compact', 'alexnet6'] as const).flatMap((network) =>
  (['positive', 'layercam', 'gradcam', 'positive+flips', 'layercam+flips'] as const).map((map): Case => {
    const [first, stride] = (map.startsWith('layercam') ? pooling : last)[network];
    const across = map === 'positive+flips' || map === 'layercam+flips' ? middles[map][network] : first;
    // 157 pixels: the mirrored cells are 2 beside, so that a spot in the middle of the mean's is nearer to one of each than to others.
    const input = network === 'compact' && map === 'positive+flips' ? ([157, 128] as const) : inputs[network];
    return { network, map, cells: [across, first, stride], input };
  }),
);

/** Of a classifier, weights that ask for brightness anywhere; biases 0. */
function passOnTo(parameter: Parameter): Float32Array {
  const { name, shape, fanIn } = parameter;
  if (!name.startsWith('classifier')) return passOn(parameter);
  return new Float32Array(shape.reduce((product, side) => product * side, 1)).fill(fanIn > 0 ? 1 / fanIn : 0);
}

describe.each(cases)('$network, $map, a network that hands brightness on', ({ network, map, cells, input }) => {
  const [width, height] = input;
  const [firstAcross, firstDown, stride] = cells;

  it.each(['stretch', 'pad'] as const)('points to a spot in the middle of a cell, fit: %s', async (fit) => {
    const normalization = { kind: 'fixed', mean: 0, std: 1 } as const;
    const settings = {
      network: { name: network },
      preprocessing: { width, height, fit, normalization, crop: 'none', clahe: null },
      augmentation: { flip: true },
    } as const;
    const run = await writeRun(join(folder, `${network} ${map} ${fit}`), { settings, values: passOnTo });
    const model = await openModel(run, { threads: 1, map });
    try {
      for (const [filmWidth, filmHeight] of [
        [2 * width, 2 * height],
        [300, 500],
        [640, 210],
      ] as const) {
        // How the input lies over the film: a film pixel is this many of the input, and the first one begins there.
        const scale = Math.min(width / filmWidth, height / filmHeight);
        const inner =
          fit === 'stretch' ? [width, height] : [Math.round(filmWidth * scale), Math.round(filmHeight * scale)];
        const scaleX = inner[0]! / filmWidth;
        const scaleY = inner[1]! / filmHeight;
        const [left, top] = [Math.floor((width - inner[0]!) / 2), Math.floor((height - inner[1]!) / 2)];
        // The middles of cells that lie in the film, the whole spot with them: first, one in between, last.
        const inside = (first: number, start: number, length: number, whole: number): number[] => {
          const centres = Array.from({ length: 64 }, (_, i) => first + i * stride);
          const found = centres.filter((at) => at >= start + 6 && at <= Math.min(start + length - 6, whole - stride));
          return [found[0]!, found[Math.floor(found.length / 2)]!, found.at(-1)!];
        };
        const xs = inside(firstAcross, left, inner[0]!, width);
        const ys = inside(firstDown, top, inner[1]!, height);
        for (const [place, x] of xs.entries()) {
          const y = ys[(2 * place) % 3]!;
          const centre = { x: (x - left) / scaleX, y: (y - top) / scaleY };
          const film = Uint8Array.from({ length: filmWidth * filmHeight }, (_, i) => {
            const across = ((i % filmWidth) + 0.5 - centre.x) * scaleX;
            const down = (Math.floor(i / filmWidth) + 0.5 - centre.y) * scaleY;
            return 10 + 240 * Math.exp(-(across * across + down * down) / 18);
          });
          writeTree(folder, { 'spot.png': await greyPng(film, filmWidth, filmHeight) });
          const files = [{ name: 'spot.png', path: join(folder, 'spot.png') }];
          const [event] = await listOf(localizeImages(model, files, { minProbability: 0, threads: 0 }));
          if (event?.type !== 'image') throw new Error('not localized');
          const { response, boxes } = event.localization;
          // Half a pixel of the input, and half of the film, at whose centres responses lie.
          expect(Math.abs(response.x - centre.x) * scaleX).toBeLessThanOrEqual(0.5 + scaleX / 2);
          expect(Math.abs(response.y - centre.y) * scaleY).toBeLessThanOrEqual(0.5 + scaleY / 2);
          const box = boxes[0]!;
          expect(box.x0 < centre.x && centre.x < box.x1 && box.y0 < centre.y && centre.y < box.y1).toBe(true);
        }
      }
    } finally {
      await model.release();
    }
  });
});
