import * as fc from 'fast-check';
import { Random, WeakspotError } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import { drawAnatomy, lungFieldDistance } from './anatomy.js';
import { createCanvas, drawPose, toChest } from './canvas.js';
import { makePhantom } from './film.js';
import { rosterEntry } from './roster.js';
import { inBoxes } from './testing/baselines.js';

const SEED = 7;
const SIZE = 96;
const diseased = Array.from({ length: 40 }, (_, index) =>
  makePhantom(SEED, index, { size: SIZE, positiveFraction: 1 }),
);
const healthy = diseased.map((_, index) => makePhantom(SEED, index, { size: SIZE, positiveFraction: 0 }));

describe('makePhantom', () => {
  it('gives the same film for the same seed and index, and another for any other', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 1e6 }), (seed, index) => {
        const film = makePhantom(seed, index, { size: 64 });
        expect(makePhantom(seed, index, { size: 64 })).toEqual(film);
        expect(makePhantom(seed + 1, index, { size: 64 }).pixels).not.toEqual(film.pixels);
        expect(makePhantom(seed, index + 1, { size: 64 }).pixels).not.toEqual(film.pixels);
      }),
      { numRuns: 15, seed: 1 },
    );
  });

  it('keeps its films under a fixed seed (a change here needs a new PHANTOM_VERSION)', () => {
    const { label, boxes, patient, pixels } = makePhantom(1, 3, { size: 64 });
    let checksum = 0;
    for (const value of pixels) checksum = (Math.imul(checksum, 31) + value) >>> 0;
    expect({ label, boxes, patient, checksum }).toEqual({
      label: 'lesion',
      boxes: [
        { x0: 11, y0: 24, x1: 25, y1: 38 },
        { x0: 38, y0: 30, x1: 52, y1: 43 },
      ],
      patient: 'patient-00004',
      checksum: 2644668030,
    });
  });

  it('is 256 pixels square unless told, and uses most of 16 bits', () => {
    const film = makePhantom(1, 0);
    expect([film.width, film.height, film.pixels.length]).toEqual([256, 256, 65536]);
    expect(film.pixels.reduce((most, value) => Math.max(most, value), 0)).toBeGreaterThan(45_000);
    expect(film.pixels.reduce((least, value) => Math.min(least, value), 65535)).toBeLessThan(12_000);
  });

  it('has one to three boxes of whole pixels in the image on a lesion film, and none on a normal one', () => {
    for (const { label, boxes } of diseased) {
      expect(label).toBe('lesion');
      expect(boxes.length).toBeGreaterThanOrEqual(1);
      expect(boxes.length).toBeLessThanOrEqual(3);
      for (const { x0, y0, x1, y1 } of boxes) {
        expect([x0, y0, x1, y1].every(Number.isInteger)).toBe(true);
        expect(0 <= x0 && x0 < x1 && x1 <= SIZE && 0 <= y0 && y0 < y1 && y1 <= SIZE).toBe(true);
      }
    }
    for (const { label, boxes } of healthy) expect([label, boxes]).toEqual(['normal', []]);
  });

  it('differs from the same film without its lesions inside the boxes alone, and fills each box', () => {
    diseased.forEach((film, index) => {
      const without = healthy[index]!;
      const changed = [...film.pixels.keys()].filter((i) => film.pixels[i] !== without.pixels[i]);
      const places = changed.map((i) => ({ x: (i % SIZE) + 0.5, y: Math.floor(i / SIZE) + 0.5 }));
      expect(places.filter(({ x, y }) => !inBoxes(film.boxes, x, y, 0))).toEqual([]);
      for (const box of film.boxes) {
        const inside = places.filter(({ x, y }) => inBoxes([box], x, y, 0));
        expect(inside.length).toBeGreaterThan(0.25 * (box.x1 - box.x0) * (box.y1 - box.y0));
        // The outermost pixels may be too faint to change a 16-bit value, but no more than a rim of one.
        expect(Math.min(...inside.map(({ x }) => x)) - box.x0).toBeLessThan(2);
        expect(box.y1 - Math.max(...inside.map(({ y }) => y))).toBeLessThan(2);
      }
    });
  });

  it('has visible lesions 4 to 25 % of the side wide, brighter than what they cover, not the brightest of the film', () => {
    let brightest = 0;
    diseased.forEach((film, index) => {
      const without = healthy[index]!.pixels;
      const range = film.pixels.reduce((most, value) => Math.max(most, value), 0);
      for (const box of film.boxes) {
        const width = (box.x1 - box.x0) / SIZE;
        expect(width).toBeGreaterThan(0.04);
        expect(width).toBeLessThanOrEqual(0.25);
        let [gain, peak] = [0, 0];
        for (let y = box.y0; y < box.y1; y++) {
          for (let x = box.x0; x < box.x1; x++) {
            const i = y * SIZE + x;
            gain = Math.max(gain, film.pixels[i]! - without[i]!);
            peak = Math.max(peak, film.pixels[i]!);
          }
        }
        expect(gain).toBeGreaterThan(0.06 * 65535);
        if (peak === range) brightest++;
      }
    });
    expect(brightest).toBeLessThanOrEqual(2);
  });

  it('bright lesions darken nothing, and lie in the same boxes', () => {
    diseased.slice(0, 8).forEach((film, index) => {
      const bright = makePhantom(SEED, index, { size: SIZE, positiveFraction: 1, bright: true });
      const without = healthy[index]!.pixels;
      expect(bright.boxes).toEqual(film.boxes);
      expect([...bright.pixels.keys()].some((i) => bright.pixels[i]! < without[i]!)).toBe(false);
      const sum = (pixels: Uint16Array): number => pixels.reduce((total, value) => total + value, 0);
      expect(sum(bright.pixels)).toBeGreaterThan(sum(film.pixels));
    });
  });

  it('puts lesions into the lung fields', () => {
    diseased.forEach((film, index) => {
      const { patient } = rosterEntry(SEED, index, 1);
      const anatomy = drawAnatomy(new Random(SEED, 'phantom', 'patient', patient, 'anatomy'));
      const canvas = createCanvas(SIZE, drawPose(new Random(SEED, 'phantom', 'film', index, 'pose')));
      const without = healthy[index]!.pixels;
      film.pixels.forEach((value, i) => {
        if (value === without[i]) return;
        const place = toChest(canvas, { x: (i % SIZE) + 0.5, y: Math.floor(i / SIZE) + 0.5 });
        expect(lungFieldDistance(anatomy, place)).toBeGreaterThanOrEqual(0);
      });
    });
  });

  it('shows a patient with two films in different poses and exposures, once with either label', () => {
    const entries = Array.from({ length: 400 }, (_, index) => rosterEntry(SEED, index, 0.5));
    const pairs = entries.flatMap(({ patient }, index) => (patient === index ? [] : [[patient, index] as const]));
    expect(pairs.length).toBeGreaterThan(30);
    expect(pairs.length).toBeLessThan(90);
    const same = pairs.filter(([a, b]) => entries[a]!.label === entries[b]!.label);
    expect(same.length).toBeGreaterThan(5);
    expect(same.length).toBeLessThan(pairs.length - 5);
    const [a, b] = pairs[0]!;
    const [first, second] = [makePhantom(SEED, a, { size: 64 }), makePhantom(SEED, b, { size: 64 })];
    expect(first.patient).toBe(second.patient);
    expect(first.pixels).not.toEqual(second.pixels);
  });

  it('deals the asked share of lesions over any set of whole blocks', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        (seed, of20, blocks) => {
          const labels = Array.from({ length: blocks * 20 }, (_, i) => rosterEntry(seed, i, of20 / 20).label);
          expect(Math.abs(labels.filter((label) => label === 'lesion').length - blocks * of20)).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 40, seed: 2 },
    );
  });

  it.each([
    [0.5, 0, {}],
    [1, -1, {}],
    [1, 1.5, {}],
    [1, 0, { size: 10 }],
    [1, 0, { size: 100.5 }],
    [1, 0, { positiveFraction: 1.1 }],
    [1, 0, { positiveFraction: Number.NaN }],
  ])('refuses seed %d, index %d, options %o', (seed, index, options) => {
    expect(() => makePhantom(seed, index, options)).toThrow(
      expect.toSatisfy((error: unknown) => error instanceof WeakspotError && error.code === 'usage'),
    );
  });
});
