import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Region } from '@weakspot/core';
import { boxRegion, rasterizeRegion } from '@weakspot/core';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { openImageCache } from './cache.js';
import { decodeImage, imageGeometry } from './decode.js';
import { describeStored } from './describe.js';
import { frameOf, turnRegion } from './orientation.js';
import type { Orientation } from './orientation.js';
import { preprocessingSchema } from './preprocess.js';
import { readDataset } from './read-dataset.js';
import { failureOf, greyPng, temporaryFolder } from './testing/files.js';
import { issueTexts, sampleOf, setWriter } from './testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const stored = { width: 3, height: 2 };
/** How `1 2 3` above `4 5 6` is shown, row by row: EXIF 2.32, figure of tag 0x0112. */
const shown: Readonly<Record<Orientation, readonly string[]>> = {
  1: ['123', '456'],
  2: ['321', '654'],
  3: ['654', '321'],
  4: ['456', '123'],
  5: ['14', '25', '36'],
  6: ['41', '52', '63'],
  7: ['63', '52', '41'],
  8: ['36', '25', '14'],
};
const orientations = Object.keys(shown).map((key) => Number(key) as Orientation);

type Encoder = 'png' | 'webp' | 'tiff' | 'jpeg';

/** The image of `values`, a tenth of their grey, with the tag of an orientation. */
async function tagged(
  format: Encoder,
  orientation: Orientation,
  pixels: Uint8Array | Uint16Array = Uint8Array.of(10, 20, 30, 40, 50, 60),
  size = stored,
): Promise<Buffer> {
  const image = sharp(pixels, { raw: { ...size, channels: 1 } }).withMetadata({ orientation });
  const grey = image.toColourspace(pixels instanceof Uint16Array ? 'grey16' : 'b-w');
  if (format === 'webp') return grey.webp({ lossless: true }).toBuffer();
  if (format === 'tiff') return grey.tiff({ compression: 'none' }).toBuffer();
  return format === 'png' ? grey.png().toBuffer() : grey.jpeg({ quality: 100 }).toBuffer();
}

function rows(pixels: ArrayLike<number>, width: number, unit: number): string[] {
  const digits = Array.from(pixels, (value) => String(Math.round(value / unit)));
  return Array.from({ length: digits.length / width }, (_, i) => digits.slice(i * width, (i + 1) * width).join(''));
}

describe('decodeImage', () => {
  it.each(['png', 'webp', 'tiff', 'jpeg'] as const)(
    'shows a %s as its orientation says, and imageGeometry agrees',
    async (format) => {
      for (const orientation of orientations) {
        const bytes = await tagged(format, orientation);
        const { pixels, width, height } = await decodeImage(bytes, 'x');
        expect([orientation, rows(pixels, width, 10)]).toEqual([orientation, shown[orientation]]);
        const path = join(folder, `${orientation}.${format}`);
        writeFileSync(path, bytes);
        expect(await imageGeometry(path)).toEqual({ width, height, orientation, stored });
        // What is stored stays what is described.
        const described = await describeStored(bytes, 'x');
        expect([described.orientation ?? 1, ...described.shape.slice(0, 2)]).toEqual([orientation, 2, 3]);
      }
    },
  );

  it('turns 16 bits and colour alike', async () => {
    const wide = await decodeImage(await tagged('png', 6, Uint16Array.of(1000, 2000, 3000, 4000, 5000, 6000)), 'x');
    expect([wide.highest, rows(wide.pixels, wide.width, 1000)]).toEqual([65535, shown[6]]);
    const colour = Uint8Array.from([10, 20, 30, 40, 50, 60].flatMap((value) => [value, value, value]));
    const bytes = await sharp(colour, { raw: { ...stored, channels: 3 } })
      .withMetadata({ orientation: 7 })
      .png()
      .toBuffer();
    const { pixels, width } = await decodeImage(bytes, 'x');
    expect(rows(pixels, width, 10)).toEqual(shown[7]);
  });

  it('prepares the image as it is shown', async () => {
    const path = join(folder, 'cached.png');
    writeFileSync(path, await tagged('png', 6, Uint8Array.of(0, 0, 0, 255, 255, 255)));
    const preprocessing = preprocessingSchema.parse({
      width: 2,
      height: 3,
      intensity: { range: 'full-scale' },
      normalization: { kind: 'image' },
      antialias: false,
    });
    const cache = openImageCache({ directory: join(folder, 'cache'), preprocessing, threads: 0 });
    for (let i = 0; i < 2; i++) {
      const { pixels, originalWidth, originalHeight } = await cache.prepare(path);
      expect([originalWidth, originalHeight, ...pixels]).toEqual([2, 3, 65535, 0, 65535, 0, 65535, 0]);
    }
    expect(cache.statistics).toEqual({ decoded: 1, hits: 1 });
    await cache.close();
  });
});

describe('turnRegion', () => {
  it('brings each pixel to where the image shows it, as any kind of region', () => {
    for (const orientation of orientations) {
      for (let i = 0; i < 6; i++) {
        const [x, y] = [i % 3, Math.floor(i / 3)];
        const corners = [
          { x, y },
          { x: x + 1, y },
          { x: x + 1, y: y + 1 },
          { x, y: y + 1 },
        ];
        const pixels = new Uint8Array(6);
        pixels[i] = 1;
        const regions: Region[] = [
          boxRegion(x, y, x + 1, y + 1),
          { kind: 'circle', x: x + 0.5, y: y + 0.5, radius: 0.4 },
          { kind: 'polygon', points: corners },
          { kind: 'mask', x0: 0, y0: 0, ...stored, pixels },
          { kind: 'mask', x0: x, y0: y, width: 1, height: 1, pixels: Uint8Array.of(1) },
        ];
        const text = shown[orientation];
        const [width, height] = [text[0]?.length ?? 0, text.length];
        for (const region of regions) {
          const at = rasterizeRegion(turnRegion(region, orientation, stored), width, height);
          const found = [...at].flatMap((value, k) => (value === 0 ? [] : (text.join('')[k] ?? '')));
          expect([orientation, region.kind, found]).toEqual([orientation, region.kind, [String(i + 1)]]);
        }
      }
    }
  });
});

describe('frameOf', () => {
  const image = { width: 200, height: 600, orientation: 6, stored: { width: 600, height: 200 } } as const;

  it('tells by the sides, of a copy in another size too', () => {
    expect(frameOf({ width: 200, height: 600 }, image)).toBe('shown');
    expect(frameOf({ width: 600, height: 200 }, image)).toBe('stored');
    expect(frameOf({ width: 100, height: 300 }, image)).toBe('shown');
    expect(frameOf({ width: 512, height: 171 }, image)).toBe('stored');
  });

  it('does not guess', () => {
    expect(frameOf(undefined, image)).toBeUndefined();
    expect(frameOf({ width: 1, height: 1 }, image)).toBeUndefined();
    expect(frameOf({ width: 300, height: 300 }, image)).toBeUndefined();
    const square = { width: 200, height: 200, orientation: 6, stored: { width: 200, height: 200 } } as const;
    expect(frameOf(square, square)).toBeUndefined();
    expect(frameOf({ width: 200, height: 600 }, { ...image, orientation: 3, stored: image })).toBeUndefined();
    expect(frameOf(undefined, { ...square, orientation: 1 })).toBe('shown');
  });
});

describe('a set of images with an orientation', () => {
  /** 60 x 20 as stored, shown as 20 x 60; white at (6, 12) to (8, 15) as stored: at (5, 6) to (8, 8) as shown. */
  const size = { width: 60, height: 20 };
  const picture = async (orientation: Orientation, format: Encoder = 'png'): Promise<Buffer> => {
    const pixels = new Uint8Array(1200);
    for (let y = 12; y < 15; y++) pixels.fill(250, 60 * y + 6, 60 * y + 8);
    return tagged(format, orientation, pixels, size);
  };
  const coco = (width: number | undefined, height: number | undefined, bbox: readonly number[]): string =>
    JSON.stringify({
      images: ['a.png', 'b.png'].map((name, i) => ({ id: i, file_name: name, width, height })),
      annotations: [{ image_id: 0, category_id: 1, bbox }],
      categories: [{ id: 1, name: 'disc' }],
    });

  it.each([
    ['of the image as shown', 20, 60, [5, 6, 3, 2]],
    ['of the image as stored', 60, 20, [6, 12, 2, 3]],
    ['of half the image as shown', 10, 30, [2.5, 3, 1.5, 1]],
  ] as const)('has boxes on what they mark where the annotation has the size %s', async (_, width, height, box) => {
    const root = write({ 'c.json': coco(width, height, box), 'a.png': await picture(6), 'b.png': await picture(1) });
    expect(sampleOf(await readDataset(root), 'a.png').regions).toEqual([boxRegion(5, 6, 8, 8)]);
    const { pixels, width: shownWidth } = await decodeImage(await picture(6), 'x');
    expect([shownWidth, pixels[20 * 6 + 5], pixels[20 * 7 + 7], pixels[20 * 7 + 8]]).toEqual([20, 250, 250, 0]);
  });

  it('is refused by name, once an image, where the size does not tell', async () => {
    const message = async (files: Parameters<typeof write>[0]): Promise<string[]> => {
      const root = write(files);
      return issueTexts(await failureOf(() => readDataset(root)), root);
    };
    const told = (orientation: number, how: string, side: string, from = ''): string =>
      `"a.png" has the EXIF orientation ${orientation}: it is shown ${how}, as ${side} pixels. It cannot be inferred${from} whether the box was drawn on it as shown or as stored: save the images again with the turn applied (mogrify -auto-orient) or removed (exiftool -Orientation=), whichever fits`;
    const pictures = { 'a.png': await picture(6), 'b.png': await picture(1) };
    const turned = 'turned by 90 degrees clockwise';
    expect(await message({ ...pictures, 'c.json': coco(undefined, undefined, [5, 6, 3, 2]) })).toEqual([
      `c.json: ${told(6, turned, '20 x 60')} (column "annotations[0]")`,
    ]);
    expect(await message({ ...pictures, 'c.json': coco(20, 20, [5, 6, 3, 2]) })).toEqual([
      `c.json: ${told(6, turned, '20 x 60', ' from its size, 20 x 20')} (column "annotations[0]")`,
    ]);
    const flipped = { ...pictures, 'a.png': await picture(3) };
    expect(await message({ ...flipped, 'c.json': coco(60, 20, [5, 6, 3, 2]) })).toEqual([
      `c.json: ${told(3, 'turned by 180 degrees', '60 x 20', ' from its size, 60 x 20')} (column "annotations[0]")`,
    ]);
    expect(await message({ ...pictures, 'a.txt': '0 0.5 0.5 0.1 0.1\n0 0.2 0.2 0.1 0.1\n', 'b.txt': '' })).toEqual([
      `a.txt:1: ${told(6, turned, '20 x 60')}`,
    ]);
    const table = {
      'labels.csv': 'file,label\na.png,disc\nb.png,none\n',
      'boxes.csv': 'file,xmin,ymin,xmax,ymax\na.png,5,6,8,8\n',
    };
    expect(await message({ ...pictures, ...table })).toEqual([`boxes.csv:2: ${told(6, turned, '20 x 60')}`]);
    // Without boxes there is nothing to refuse.
    expect(
      (await readDataset(write({ 'disc/a.png': await picture(6), 'none/b.png': await picture(3) }))).samples,
    ).toHaveLength(2);
  });

  it('has masks on what they mark, whether they are as stored, as shown, or turned themselves', async () => {
    const white = (width: number, height: number, x0: number, y0: number, x1: number, y1: number): Uint8Array => {
      const pixels = new Uint8Array(width * height);
      for (let y = y0; y < y1; y++) pixels.fill(255, width * y + x0, width * y + x1);
      return pixels;
    };
    const asStored = white(60, 20, 6, 12, 8, 15);
    const masks = [
      await greyPng(asStored, 60, 20),
      await greyPng(white(20, 60, 5, 6, 8, 8), 20, 60),
      await tagged('png', 6, asStored, size),
    ];
    for (const mask of masks) {
      const root = write({
        'images/a.png': await picture(6),
        'images/b.png': await picture(1),
        'masks/a.png': mask,
        'masks/b.png': await greyPng(new Uint8Array(1200), 60, 20),
      });
      const [region] = sampleOf(await readDataset(root), 'images/a.png').regions;
      const expected = white(20, 60, 5, 6, 8, 8).map((value) => value / 255);
      expect(rasterizeRegion(region!, 20, 60)).toEqual(expected);
    }
  });
});
