import { describe, expect, it } from 'vitest';
import type { DecodedImage } from '../data/image.js';
import { plainImage } from '../data/image.js';
import { failureOf } from '../data/testing/files.js';
import { measureImage, thumbnailOf } from './measure.js';

const tiny = plainImage(Uint8Array.from([0, 255, 51, 0, 102, 153]), { width: 3, height: 2 }, 255);

describe('measureImage', () => {
  it('gives shares of the range of the format', () => {
    const measures = measureImage(tiny, 60, 'a.png');
    const shares = [0, 1, 0.2, 0, 0.4, 0.6];
    const mean = shares.reduce((sum, share) => sum + share, 0) / 6;
    const std = Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / 6);
    expect(measures).toMatchObject({ width: 3, height: 2, depth: 8, min: 0, max: 255, low: 0, high: 1 });
    expect(measures.mean).toBeCloseTo(mean, 12);
    expect(measures.std).toBeCloseTo(std, 12);
    // Across 1, .8, .4, .2; down 0, .6, .4.
    expect(measures.sharpness).toBeCloseTo(3.4 / 7 / std, 12);
    expect(measures.background).toBeCloseTo(2 / 6, 12);
    expect(measures.bytesPerPixel).toBe(10);
    expect(measures.borderMean).toBeCloseTo(mean, 12);
  });

  it('turns an image whose highest value is black, and tells depth from the range', () => {
    const inverted: DecodedImage = { ...tiny, inverted: true };
    const [plain, turned] = [measureImage(tiny, 1, 'a'), measureImage(inverted, 1, 'a')];
    expect(turned.mean).toBeCloseTo(1 - plain.mean, 12);
    expect([turned.low, turned.high]).toEqual([0, 1]);
    expect(turned.borderStd).toBe(plain.borderStd);
    // Of the inverted image, 255 is black: one pixel.
    expect(turned.background).toBeCloseTo(1 / 6, 12);
    expect(measureImage({ ...tiny, highest: 4095 }, 1, 'a').depth).toBe(12);
    expect(measureImage({ ...tiny, lowest: -1024, highest: 3071 }, 1, 'a').depth).toBe(12);
  });

  it('leaves pixels of padding out', async () => {
    const { NaN: none } = Number;
    const pixels = Float32Array.from([none, none, none, none, 10, 20, none, 30, 40]);
    const image: DecodedImage = { ...tiny, width: 3, height: 3, pixels, highest: 100 };
    expect(measureImage(image, 1, 'a')).toMatchObject({ min: 10, max: 40, mean: 0.25, padding: 5 / 9 });
    const failure = await failureOf(() => measureImage({ ...image, pixels: pixels.map(() => none) }, 1, 'a.dcm'));
    expect([failure.code, failure.message]).toEqual(['data', 'a.dcm: all of its pixels are padding']);
  });

  it('hashes the pixels and the shape, not the file', () => {
    const hash = (image: DecodedImage): string => measureImage(image, 1, 'a').sha256;
    expect(hash({ ...tiny, pixels: tiny.pixels.slice() })).toBe(hash(tiny));
    expect(hash({ ...tiny, width: 2, height: 3 })).not.toBe(hash(tiny));
    expect(hash({ ...tiny, pixels: Uint16Array.from(tiny.pixels) })).not.toBe(hash(tiny));
  });

  it('finds the frame and the padding of an image', () => {
    const [width, height] = [64, 48];
    // A frame of 3, 4, 5 and 6 flat pixels at the left, right, top and bottom, around noise.
    const pixels = Uint8Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      return x < 3 || x >= width - 4 || y < 5 || y >= height - 6 ? 20 : 100 + ((i * 7919) % 100);
    });
    const measures = measureImage(plainImage(pixels, { width, height }, 255), 1, 'a');
    expect(measures.padding).toBeCloseTo(1 - (57 * 37) / (64 * 48), 12);
    // The frame of a 32nd of the shorter side is 2 pixels wide.
    expect([measures.borderMean, measures.borderStd]).toEqual([20 / 255, 0]);
    const flat = plainImage(new Uint8Array(12).fill(9), { width: 4, height: 3 }, 255);
    expect(measureImage(flat, 1, 'a')).toMatchObject({ padding: 0, std: 0, sharpness: 0 });
  });
});

describe('thumbnailOf', () => {
  it('is 32 x 32, turned where the highest value is black, and finite where there is padding', () => {
    const image = { ...tiny, pixels: Float32Array.from([0, Number.NaN, 51, 0, 102, 153]) };
    const small = thumbnailOf(image);
    expect(small).toHaveLength(1024);
    expect(small.every(Number.isFinite)).toBe(true);
    expect(thumbnailOf({ ...image, inverted: true })).toEqual(small.map((value) => -value));
  });
});
