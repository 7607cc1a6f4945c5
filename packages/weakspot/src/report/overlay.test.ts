import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { boxRegion, responsePoint, wholeInput } from '@weakspot/core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { overlayPng } from './overlay.js';

const sharedImage = join(import.meta.dirname, '../../../../../shared/data/tbx11k-halves');

interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly at: (x: number, y: number) => number[];
}

async function decode(png: Uint8Array): Promise<Decoded> {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(3);
  const at = (x: number, y: number): number[] => [
    ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
  ];
  return { width: info.width, height: info.height, at };
}

/** A film of one grey level per column, from black to white. */
function ramp(width: number, height: number): { pixels: Uint16Array; width: number; height: number } {
  return { pixels: Uint16Array.from({ length: width * height }, (_, i) => 1000 + (i % width) * 10), width, height };
}

const cold = { values: [0, 0, 0, 0], width: 2, height: 2, extent: wholeInput, low: 0, high: 1 };

describe('overlayPng', () => {
  it('shows the film in grey where the map is cold', async () => {
    const { width, height, at } = await decode(await overlayPng({ image: ramp(100, 60), map: cold }));
    expect([width, height]).toEqual([100, 60]);
    for (const x of [5, 30, 50, 90]) {
      const [r, g, b] = at(x, 20);
      expect([g, b]).toEqual([r, r]);
      expect(Math.abs(r! - (255 * x) / 99)).toBeLessThan(2);
    }
  });

  it('shows a film whose highest value is black turned, and padding black either way', async () => {
    const { width, height, pixels } = ramp(100, 60);
    const padded = Float32Array.from(pixels, (value, i) => (i < 2000 ? Number.NaN : value));
    for (const inverted of [false, true]) {
      const image = { width, height, pixels: padded, inverted };
      const { at } = await decode(await overlayPng({ image, map: cold }));
      expect(at(50, 5)).toEqual([0, 0, 0]);
      for (const x of [5, 50, 90]) {
        const share = inverted ? 1 - x / 99 : x / 99;
        expect(Math.abs(at(x, 40)[0]! - 255 * share)).toBeLessThan(2);
      }
    }
    const nothing = { width, height, pixels: padded.fill(Number.NaN) };
    expect((await decode(await overlayPng({ image: nothing, map: cold }))).at(50, 40)).toEqual([0, 0, 0]);
  });

  it('lays the map over its placement, and leaves the rest of the film cold', async () => {
    const image = { pixels: new Uint8Array(60 * 40), width: 60, height: 40 };
    // Cells of 10 x 10 pixels from (20, 10) on; the hot one has its centre at (35, 15).
    const placement = { x0: 20, y0: 10, x1: 40, y1: 30 };
    const map = { values: [0, 7, 0, 0], width: 2, height: 2, extent: wholeInput, low: 0, high: 7 };
    const { at } = await decode(await overlayPng({ image: { ...image, placement }, map, opacity: 1 }));
    const light = (x: number, y: number): number => at(x, y).reduce((sum, value) => sum + value, 0);
    const hottest = light(35, 15);
    for (const [x, y] of [
      [22, 27],
      [45, 15],
      [35, 5],
      [5, 35],
    ] as const)
      expect(light(x, y)).toBeLessThan(hottest / 4);
    expect(light(25, 15)).toBeLessThan(light(30, 15));
  });

  it('is hottest where the response lies, scaled from low to high', async () => {
    const image = { pixels: new Uint8Array(64 * 64).map((_, i) => i % 2), width: 64, height: 64 };
    const values = [0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0];
    // The cells fall short of the film at the right and reach out of it below.
    const map = { values, width: 4, height: 4, extent: { x0: 0, y0: 0.1, x1: 0.8, y1: 1.2 } };
    const { at } = await decode(await overlayPng({ image, map: { ...map, low: 0, high: 7 }, opacity: 1 }));
    const { x, y } = responsePoint(map, image);
    const light = ([r, g, b]: number[]): number => r! + g! + b!;
    let best = [0, 0];
    for (let row = 0; row < 64; row++) {
      for (let column = 0; column < 64; column++) {
        // Even columns are black: what is light there is the map.
        if (column % 2 === 0 && light(at(column, row)) > light(at(best[0]!, best[1]!))) best = [column, row];
      }
    }
    expect(Math.abs(best[0]! + 0.5 - x)).toBeLessThan(2);
    expect(Math.abs(best[1]! + 0.5 - y)).toBeLessThan(2);
  });

  it('draws truth in green, boxes in white and the response, shrunk with the film', async () => {
    const png = await overlayPng({
      image: ramp(400, 200),
      map: cold,
      maxSide: 100,
      truth: [boxRegion(40, 40, 120, 120)],
      boxes: [{ x0: 200, y0: 40, x1: 280, y1: 120 }],
      response: { x: 340, y: 100 },
    });
    const { width, height, at } = await decode(png);
    expect([width, height]).toEqual([100, 50]);
    expect(at(10, 20)).toEqual([0, 230, 64]);
    expect(at(29, 20)).toEqual([0, 230, 64]);
    expect(at(50, 20)).toEqual([255, 255, 255]);
    expect(at(85, 25)).toEqual([0, 229, 255]);
    expect(new Set(at(20, 20)).size).toBe(1);
  });

  it('scales boxes along each axis as the film, whose sides are rounded', async () => {
    const truth = [boxRegion(0, 5, 400, 10)];
    const { height, at } = await decode(await overlayPng({ image: ramp(400, 10), map: cold, maxSide: 100, truth }));
    expect(height).toBe(3);
    const isGreen = (row: number): boolean => at(50, row).join(',') === '0,230,64';
    expect([0, 1, 2].map(isGreen)).toEqual([false, false, true]);
  });

  it('shows a map without range as cold', async () => {
    const map = { ...cold, high: 0 };
    const { at } = await decode(await overlayPng({ image: ramp(50, 50), map }));
    expect(new Set(at(25, 25)).size).toBe(1);
  });

  it('refuses a range or a size that is none', async () => {
    await expect(overlayPng({ image: ramp(8, 8), map: { ...cold, high: NaN } })).rejects.toThrow(/high NaN/);
    await expect(overlayPng({ image: ramp(8, 8), map: cold, maxSide: 0 })).rejects.toThrow(/maxSide 0/);
    await expect(overlayPng({ image: { ...ramp(8, 8), width: 9 }, map: cold })).rejects.toThrow(/64 values/);
  });

  it('lays the map over its placement only', async () => {
    const image = {
      pixels: new Uint8Array(80 * 40).fill(90).map((value, i) => value + (i % 2)),
      width: 80,
      height: 40,
    };
    const map = { values: [0, 1], width: 2, height: 1, extent: wholeInput, low: 0, high: 1 };
    const placement = { x0: 40, y0: 0, x1: 80, y1: 40 };
    const { at } = await decode(await overlayPng({ image: { ...image, placement }, map }));
    const isGrey = (x: number): boolean => new Set(at(x, 20)).size === 1;
    expect([isGrey(10), isGrey(38), isGrey(78)]).toEqual([true, true, false]);
    const whole = await decode(await overlayPng({ image, map }));
    // Over the whole film the right half of the map begins at its middle.
    expect(new Set(whole.at(50, 20)).size).toBeGreaterThan(1);
  });

  it.skipIf(!existsSync(sharedImage))('keeps the contrast of a radiograph (needs shared/data)', async () => {
    const folder = join(sharedImage, 'images');
    const name = readdirSync(folder)[0]!;
    const { data, info } = await sharp(join(folder, name))
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const image = { pixels: new Uint8Array(data), width: info.width, height: info.height };
    const { at, width, height } = await decode(await overlayPng({ image, map: cold }));
    expect([width, height]).toEqual([info.width, info.height]);
    let [dark, light] = [0, 0];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [grey] = at(x, y);
        if (grey! < 64) dark++;
        if (grey! > 192) light++;
      }
    }
    expect(dark).toBeGreaterThan(width * height * 0.05);
    expect(light).toBeGreaterThan(width * height * 0.05);
  });
});
