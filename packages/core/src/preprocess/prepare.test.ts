import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Voi } from '../imaging/index.js';
import { clahe, resizeBilinear, responsePoint } from '../imaging/index.js';
import { tiling } from '../imaging/testing/maps.js';
import { type DecodedImage, plainImage } from './image.js';
import { type PreparedImage, prepareImage } from './prepare.js';
import type { Preprocessing } from './settings.js';
import { settings } from './testing/settings.js';

function image(width: number, pixels: readonly number[], fullScale = 255): DecodedImage {
  return plainImage(Uint16Array.from(pixels), { width, height: pixels.length / width }, fullScale);
}

describe('prepareImage', () => {
  it('stretches 0 to white over 16 bits, exactly for 8, 12 and 16 bits', () => {
    expect([...prepareImage(image(2, [0, 1, 128, 255]), settings(2, 2)).pixels]).toEqual([0, 257, 32896, 65535]);
    expect([...prepareImage(image(2, [0, 4095], 4095), settings(2, 1)).pixels]).toEqual([0, 65535]);
    const all = Array.from({ length: 65536 }, (_, i) => i);
    expect([...prepareImage(image(256, all, 65535), settings(256, 256)).pixels]).toEqual(all);
  });

  it('stretches minimum to maximum', () => {
    expect([...prepareImage(image(3, [50, 100, 150]), settings(3, 1, 'min-max')).pixels]).toEqual([0, 32768, 65535]);
  });

  it('clips at the percentiles before it resizes', () => {
    const pixels = [0, ...Array.from({ length: 98 }, (_, i) => 100 + i), 60000];
    const preprocessing: Preprocessing = {
      ...settings(100, 1),
      intensity: { range: 'percentile', percentiles: [2, 98] },
    };
    const prepared = prepareImage(image(100, pixels, 65535), preprocessing);
    // By nearest rank the 2nd of 100 values is 100 and the 98th is 196.
    const expected = pixels.map((value) => Math.round(((Math.min(Math.max(value, 100), 196) - 100) / 96) * 65535));
    expect([...prepared.pixels]).toEqual(expected);
    // The bright pixel counts as white, not as 60000, in its neighbourhood's mean.
    const half = prepareImage(image(100, pixels, 65535), { ...preprocessing, width: 1 });
    const mean = resizeBilinear(expected, 100, 1, 1, 1, { antialias: true })[0] as number;
    expect(Math.abs((half.pixels[0] as number) - mean)).toBeLessThanOrEqual(1);
  });

  it('resizes each axis by its own factor and keeps the original size', () => {
    const prepared = prepareImage(image(4, [0, 0, 200, 200, 0, 0, 200, 200], 200), settings(2, 1, 'full-scale'));
    // A triangle of half width 2 about x = 1 weighs the pixels at 0.5, 1.5 and 2.5 as 3 : 3 : 1.
    expect([...prepared.pixels]).toEqual([Math.round(65535 / 7), Math.round((65535 * 6) / 7)]);
    expect([prepared.originalWidth, prepared.originalHeight]).toEqual([4, 2]);
  });

  it('uses no wider filter without antialias', () => {
    const source = image(4, [0, 0, 200, 200, 0, 0, 200, 200], 200);
    expect([...prepareImage(source, { ...settings(2, 1), antialias: false }).pixels]).toEqual([0, 65535]);
  });

  it('makes 0 of an image of one value, and falls back to min-max where the percentiles meet', () => {
    for (const range of ['min-max', 'percentile'] as const) {
      expect([...prepareImage(image(2, [9, 9]), settings(2, 1, range)).pixels]).toEqual([0, 0]);
    }
    const mostly = [...Array<number>(999).fill(3), 203];
    const prepared = prepareImage(image(1000, mostly), settings(1000, 1, 'percentile'));
    expect([prepared.pixels[0], prepared.pixels[999]]).toEqual([0, 65535]);
  });
});

/** A DICOM image of a row, its values after the modality LUT. */
function row(pixels: readonly number[], changes: Partial<DecodedImage> = {}): DecodedImage {
  return {
    width: pixels.length,
    height: 1,
    pixels: Float32Array.from(pixels),
    lowest: -1024,
    highest: 3071,
    inverted: false,
    windows: [],
    ...changes,
  };
}

function preparedRow(some: DecodedImage, intensity: Preprocessing['intensity'], change: Partial<Preprocessing> = {}) {
  return [...prepareImage(some, { ...settings(some.width, 1), intensity, ...change }).pixels];
}

const full = (share: number): number => Math.round(share * 65535);

describe('intensities of prepareImage', () => {
  const linear: Voi = { kind: 'linear', center: 40, width: 401 };
  const values = [-1000, -160, 40, 140, 240, 3000];

  it('are those of the first window under display, clipped', () => {
    // PS3.3 C.11.2.1.2: (x - (c - 0.5)) / (w - 1) + 0.5.
    const shown = [0, 0.5 / 400, 200.5 / 400, 300.5 / 400, 1, 1].map(full);
    expect(preparedRow(row(values, { windows: [linear] }), { range: 'display' })).toEqual(shown);
    const other: Voi = { kind: 'linear', center: 1000, width: 10 };
    expect(preparedRow(row(values, { windows: [linear, other] }), { range: 'display' })).toEqual(shown);
    expect(preparedRow(row(values, { windows: [other, linear] }), { range: 'display' })).not.toEqual(shown);
  });

  it('are those of a sigmoid or a table, and of the full scale without a window', () => {
    const sigmoid: Voi = { kind: 'sigmoid', center: 40, width: 400 };
    expect(preparedRow(row([40, 140], { windows: [sigmoid] }), { range: 'display' })).toEqual([
      32768,
      full(1 / (1 + Math.exp(-1))),
    ]);
    const table: Voi = { kind: 'table', first: 0, entries: Uint8Array.of(0, 100, 200), highest: 200 };
    expect(preparedRow(row([-5, 1, 9], { windows: [table] }), { range: 'display' })).toEqual([0, 32768, 65535]);
    for (const range of ['display', 'full-scale'] as const)
      expect(preparedRow(row([-1024, 1023.5, 3071]), { range })).toEqual([0, 32768, 65535]);
  });

  it('ignore the file’s windows under another range', () => {
    const some = row(values, { windows: [linear] });
    expect(preparedRow(some, { range: 'full-scale' })).toEqual(values.map((value) => full((value + 1024) / 4095)));
    expect(preparedRow(some, { range: 'min-max' })).toEqual(values.map((value) => full((value + 1000) / 4000)));
  });

  it('go between the two values of a window that is given, clipped before the resize, of any format', () => {
    const intensity = { range: 'window', window: [-160, 240] } as const;
    const expected = [0, 0, 0.5, 0.75, 1, 1].map(full);
    expect(preparedRow(row(values), intensity)).toEqual(expected);
    expect(preparedRow(row(values, { windows: [linear] }), intensity)).toEqual(expected);
    const film = image(6, [0, 1000, 1500, 1750, 2000, 60000], 65535);
    const between = { range: 'window', window: [1000, 2000] } as const;
    expect(preparedRow(film, between)).toEqual(expected);
    // Six pixels to one: each weighs by its distance, 60000 counts as 2000.
    const [mean] = preparedRow(film, between, { width: 1 });
    const triangle = resizeBilinear(expected, 6, 1, 1, 1, { antialias: true })[0] as number;
    expect(Math.abs((mean as number) - triangle)).toBeLessThanOrEqual(1);
  });

  it('are turned where the highest value is black, after the window', () => {
    expect(preparedRow(row(values, { inverted: true, windows: [linear] }), { range: 'display' })).toEqual(
      [1, 1 - 0.5 / 400, 1 - 200.5 / 400, 1 - 300.5 / 400, 0, 0].map(full),
    );
    const film = { ...image(3, [0, 100, 255]), inverted: true };
    expect(preparedRow(film, { range: 'full-scale' })).toEqual([65535, full(155 / 255), 0]);
    expect(preparedRow(film, { range: 'percentile' })).toEqual([65535, full(155 / 255), 0]);
  });

  it('are black in the padding, whether turned or not, which counts in no range', () => {
    const padded = row([Number.NaN, 10, 20, 30, Number.NaN]);
    for (const range of ['min-max', 'percentile'] as const) {
      expect(preparedRow(padded, { range })).toEqual([0, 0, 32768, 65535, 0]);
      expect(preparedRow({ ...padded, inverted: true }, { range })).toEqual([0, 65535, 32768, 0, 0]);
    }
    const display = preparedRow({ ...padded, windows: [linear] }, { range: 'display' });
    expect([display[0], display[4]]).toEqual([0, 0]);
    expect(preparedRow(row([Number.NaN, Number.NaN]), { range: 'percentile' })).toEqual([0, 0]);
    expect(preparedRow(row([Number.NaN, Number.NaN]), { range: 'full-scale' })).toEqual([0, 0]);
  });
});

/** A textured square within black, of whole pixels. */
function bordered(width: number, height: number, box: { x0: number; y0: number; x1: number; y1: number }): number[] {
  return Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return x >= box.x0 && x < box.x1 && y >= box.y0 && y < box.y1 ? 20 + ((x * 31 + y * 17) % 11) * 3 : 0;
  });
}

describe('crop and fit of prepareImage', () => {
  it('pads the shorter side with black, the odd pixel below or to the right', () => {
    const white = image(4, Array<number>(8).fill(255));
    // 4 x 2 into 4 x 5: as it is, one row above, two below.
    const tall = prepareImage(white, { ...settings(4, 5), fit: 'pad' });
    expect([...tall.pixels]).toEqual([0, 65535, 65535, 0, 0].flatMap((value) => Array<number>(4).fill(value)));
    expect(tall.placement).toEqual({ x0: 0, y0: -1, x1: 4, y1: 4 });
    expect(tall.shown).toEqual({ x0: 0, y0: 1, x1: 4, y1: 3 });
    // Into 9 x 4: twice as large, nothing to the left.
    const wide = prepareImage(white, { ...settings(9, 4), fit: 'pad' });
    expect([...wide.pixels.subarray(0, 9)]).toEqual([...Array<number>(8).fill(65535), 0]);
    expect(wide.placement).toEqual({ x0: 0, y0: 0, x1: 4.5, y1: 2 });
    expect(wide.shown).toEqual({ x0: 0, y0: 0, x1: 8, y1: 4 });
    // Where nothing is padded, all of the input shows the image.
    expect(prepareImage(white, { ...settings(8, 4), fit: 'pad' }).shown).toBeUndefined();
    expect(prepareImage(white, settings(4, 5)).shown).toBeUndefined();
  });

  it('keeps the aspect to within half a pixel of the input', () => {
    // 300 x 200 into 100 x 100: 100 x 66.67, rounded to 67.
    const { placement } = prepareImage(image(300, Array<number>(60_000).fill(9)), {
      ...settings(100, 100),
      fit: 'pad',
    });
    expect(placement.x1 - placement.x0).toBe(300);
    expect(placement.y1 - placement.y0).toBeCloseTo((100 * 200) / 67, 9);
    expect(placement.y0).toBeCloseTo((-16 * 200) / 67, 9);
  });

  it('does with the content of a cropped image what it does with that alone', () => {
    const box = { x0: 6, y0: 3, x1: 26, y1: 18 };
    const pixels = bordered(30, 24, box);
    const alone = pixels.filter((_, i) => {
      const [x, y] = [i % 30, Math.floor(i / 30)];
      return x >= box.x0 && x < box.x1 && y >= box.y0 && y < box.y1;
    });
    for (const fit of ['stretch', 'pad'] as const) {
      for (const equalized of [null, { tiles: 2, clipLimit: 3 }]) {
        const steps = { ...settings(32, 32), fit, clahe: equalized };
        const cropped = prepareImage(image(30, pixels), { ...steps, crop: 'content' });
        const expected = prepareImage(image(20, alone), steps);
        // Alone, without further steps, it takes the way through integers: the last of 16 bits may differ.
        const apart = cropped.pixels.map((value, i) => Math.abs(value - (expected.pixels[i] as number)));
        expect(Math.max(...apart)).toBeLessThanOrEqual(1);
        const { placement } = expected;
        expect(cropped.placement).toEqual({
          x0: placement.x0 + 6,
          y0: placement.y0 + 3,
          x1: placement.x1 + 6,
          y1: placement.y1 + 3,
        });
        expect([cropped.originalWidth, cropped.originalHeight]).toEqual([30, 24]);
        expect(cropped.shown).toEqual(expected.shown);
      }
    }
  });

  it('equalizes the image without its padding, in tiles of eight pixels at least', () => {
    const pixels = bordered(32, 16, { x0: 0, y0: 0, x1: 32, y1: 16 });
    const steps = { ...settings(32, 32), fit: 'pad', clahe: { tiles: 8, clipLimit: 2 } } as const;
    const { pixels: prepared } = prepareImage(image(32, pixels), steps);
    const shares = Float32Array.from(pixels, (value) => value / 255);
    const expected = Array.from(clahe(shares, 32, 16, { tiles: 2, clipLimit: 2 }), full);
    const padding = Array<number>(8 * 32).fill(0);
    expect([...prepared]).toEqual([...padding, ...expected, ...padding]);
  });
});

describe('the placement of a prepared image', () => {
  const sides = fc.integer({ min: 40, max: 90 });
  const cases = fc.record({
    width: sides,
    height: sides,
    input: fc.tuple(fc.integer({ min: 90, max: 160 }), fc.integer({ min: 90, max: 160 })),
    fit: fc.constantFrom('stretch' as const, 'pad' as const),
    crop: fc.constantFrom('none' as const, 'content' as const),
    margins: fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 5 }))),
    spot: fc.tuple(fc.double({ min: 0.2, max: 0.8, noNaN: true }), fc.double({ min: 0.2, max: 0.8, noNaN: true })),
  });
  type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

  function filmOf({ width, height, margins: [left = 0, top = 0, right = 0, bottom = 0] }: Case): number[] {
    return bordered(width, height, { x0: left, y0: top, x1: width - right, y1: height - bottom });
  }

  it('brings a bright pixel back to its own place, exactly, where the input is no smaller', () => {
    const property = fc.property(cases, (some) => {
      const { width, height, input, fit, crop, spot } = some;
      const film = filmOf(some);
      const [x, y] = [Math.floor(spot[0] * width), Math.floor(spot[1] * height)];
      film[y * width + x] = 255;
      const prepared = prepareImage(image(width, film), { ...settings(...input), fit, crop });
      const { placement } = prepared;
      // The input itself as a map, as of a network that hands brightness on.
      const response = responsePoint(tiling(prepared.pixels, ...input), { width, height, placement });
      expect([response.x, response.y]).toEqual([x + 0.5, y + 0.5]);
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('keeps the centre of a blob to a twenty-fifth of a pixel, growing or shrinking', () => {
    const property = fc.property(cases, fc.double({ min: 0.35, max: 1, noNaN: true }), (some, shrink) => {
      const { width, height, fit, crop, spot } = some;
      const input = some.input.map((side) => Math.round(side * shrink)) as [number, number];
      const film = filmOf(some);
      // Of the same film twice, with and without the blob, the difference is the blob alone.
      const centre = [0.3 * width + 0.4 * spot[0] * width, 0.3 * height + 0.4 * spot[1] * height] as const;
      const blob = film.map((_, i) => {
        const [x, y] = [(i % width) + 0.5 - centre[0], Math.floor(i / width) + 0.5 - centre[1]];
        return Math.exp(-(x * x + y * y) / 4.5);
      });
      const steps = { ...settings(...input), fit, crop };
      const wide = (add: number): PreparedImage =>
        prepareImage(
          image(
            width,
            film.map((value, i) => 300 * value + add * blob[i]!),
            65535,
          ),
          steps,
        );
      const [without, within] = [wide(0), wide(30_000)];
      expect(within.placement).toEqual(without.placement);
      const { x0, y0, x1, y1 } = within.placement;
      let [mass, mx, my] = [0, 0, 0];
      within.pixels.forEach((value, i) => {
        const added = value - without.pixels[i]!;
        mass += added;
        mx += added * (x0 + (((i % input[0]) + 0.5) * (x1 - x0)) / input[0]);
        my += added * (y0 + ((Math.floor(i / input[0]) + 0.5) * (y1 - y0)) / input[1]);
      });
      expect(Math.abs(mx / mass - centre[0])).toBeLessThan(0.04);
      expect(Math.abs(my / mass - centre[1])).toBeLessThan(0.04);
    });
    fc.assert(property, { numRuns: 60 });
  });
});
