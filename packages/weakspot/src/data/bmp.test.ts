import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeImage, imageSize } from './decode.js';
import { describeStored } from './describe.js';
import { bmpFile, type BmpParts, packRows } from './testing/bmp.js';
import { failureOf, temporaryFolder } from './testing/files.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const WIDTH = 5;
/** Top row first. */
const ROWS = [
  [0, 1, 2, 3, 4],
  [9, 8, 7, 6, 5],
  [15, 0, 15, 0, 15],
];
const bottomUp = ROWS.toReversed();
const GREYS = Array.from({ length: 16 }, (_, i) => [17 * i, 17 * i, 17 * i] as const);
const grey = Uint8Array.from(ROWS.flat(), (value) => 17 * value);

async function decoded(parts: BmpParts): Promise<{ width: number; height: number; pixels: number[] }> {
  const { width, height, pixels, highest, inverted } = await decodeImage(bmpFile(parts), 'a.bmp');
  expect([highest, inverted]).toEqual([255, false]);
  return { width, height, pixels: [...pixels] };
}

function words(values: readonly number[], bytes: 2 | 3 | 4): Uint8Array {
  const rows = [values.slice(0, 2), values.slice(2)].map((row) => {
    const own = row.flatMap((value) => Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256));
    return [...own, ...Array.from({ length: (4 - (own.length % 4)) % 4 }, () => 0)];
  });
  return Uint8Array.from(rows.flat());
}

describe('BMP', () => {
  it.each([4, 8] as const)(
    'of %d bits a pixel is read through its palette, whichever row comes first',
    async (bits) => {
      const common = { width: WIDTH, bits, palette: GREYS };
      const right = { width: 5, height: 3, pixels: [...grey] };
      const pixels = packRows(bottomUp, bits);
      expect(await decoded({ ...common, height: 3, pixels })).toEqual(right);
      expect(await decoded({ ...common, height: 3, pixels, gap: 6 })).toEqual(right);
      const full = Array.from({ length: 2 ** bits }, (_, i) => GREYS[i] ?? ([i, i, i] as const));
      expect(await decoded({ ...common, palette: full, height: 3, pixels, core: true })).toEqual(right);
      expect(await decoded({ ...common, height: -3, pixels: packRows(ROWS, bits) })).toEqual(right);
    },
  );

  it('of 1 bit is read with either colour first, and of OS/2', async () => {
    const rows = [
      [1, 0, 0],
      [1, 1, 0],
    ];
    const common = { width: 3, height: 2, bits: 1, pixels: packRows(rows.toReversed(), 1) };
    const [black, white] = [[0, 0, 0] as const, [255, 255, 255] as const];
    expect((await decoded({ ...common, palette: [black, white] })).pixels).toEqual([255, 0, 0, 255, 255, 0]);
    expect((await decoded({ ...common, palette: [white, black] })).pixels).toEqual([0, 255, 255, 0, 0, 255]);
    expect((await decoded({ ...common, palette: [black, white], core: true })).pixels).toEqual([
      255, 0, 0, 255, 255, 0,
    ]);
  });

  it('becomes luma of its colours, in a palette, in 24 and in 32 bits, whatever the fourth byte', async () => {
    // 0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2
    const colour = [200, 100, 50] as const;
    const value = (200 << 16) + (100 << 8) + 50;
    const two = { width: 2, height: 2 };
    const right = [124, 124, 124, 124];
    const palette = {
      ...two,
      bits: 8,
      palette: [colour],
      pixels: packRows(
        [
          [0, 0],
          [0, 0],
        ],
        8,
      ),
    };
    expect((await decoded(palette)).pixels).toEqual(right);
    const values = [value, value, value, value];
    expect((await decoded({ ...two, bits: 24, pixels: words(values, 3) })).pixels).toEqual(right);
    for (const alpha of [0, 128, 255]) {
      const pixels = words(
        values.map((rgb) => alpha * 2 ** 24 + rgb),
        4,
      );
      expect((await decoded({ ...two, bits: 32, pixels })).pixels).toEqual(right);
    }
    const masks = [0xff, 0xff00, 0xff0000];
    const swapped = 200 + (100 << 8) + (50 << 16);
    const pixels = words([swapped, swapped, swapped, swapped], 4);
    expect((await decoded({ ...two, bits: 32, compression: 3, masks, pixels })).pixels).toEqual(right);
  });

  it('of 16 bits has its samples spread over 0 to 255: of 5 bits 31 is white', async () => {
    const of555 = [0x7fff, 0, (16 << 10) + (16 << 5) + 16, (1 << 10) + (1 << 5) + 1];
    const two = { width: 2, height: -2, bits: 16 };
    // 16 * 255 / 31 = 131.6 and 255 / 31 = 8.2
    expect((await decoded({ ...two, pixels: words(of555, 2) })).pixels).toEqual([255, 0, 132, 8]);
    const of565 = [0xffff, 0, 32 << 5, 0xf800];
    const masks = [0xf800, 0x7e0, 0x1f];
    // 32 * 255 / 63 = 129.5, and 0.587 of 130 is 76; 0.299 of 255 is 76
    const pixels = words(of565, 2);
    expect((await decoded({ ...two, compression: 3, masks, pixels })).pixels).toEqual([255, 0, 76, 76]);
  });

  it('is read run-length encoded, in 8 and in 4 bits', async () => {
    const palette = GREYS;
    // Rows from the bottom: a run, a literal of five padded to an even number of bytes, two runs.
    const of8 = [5, 3, 0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0, 2, 7, 3, 15, 0, 1];
    const right = [7, 7, 15, 15, 15, 1, 2, 3, 4, 5, 3, 3, 3, 3, 3].map((value) => 17 * value);
    const common = { width: 5, height: 3, palette };
    const pixels = Uint8Array.from(of8);
    expect((await decoded({ ...common, bits: 8, compression: 1, pixels })).pixels).toEqual(right);
    // Some writers leave out the end, others end the last row, too.
    for (const end of [[], [0, 0], [0, 0, 0, 1]]) {
      const ended = Uint8Array.from([...of8.slice(0, -2), ...end]);
      expect((await decoded({ ...common, bits: 8, compression: 1, pixels: ended })).pixels).toEqual(right);
    }
    // A run alternates between the two halves of its byte; the literal's three bytes are padded to four.
    const of4 = [5, 0x3a, 0, 0, 0, 5, 0x12, 0x34, 0x50, 0, 0, 0, 2, 0x77, 3, 0xff, 0, 1];
    const alternating = [7, 7, 15, 15, 15, 1, 2, 3, 4, 5, 3, 10, 3, 10, 3].map((value) => 17 * value);
    const packed = Uint8Array.from(of4);
    expect((await decoded({ ...common, bits: 4, compression: 2, pixels: packed })).pixels).toEqual(alternating);
  });

  it('is described with its size: grey where all its colours are, else of three samples', async () => {
    const parts = { width: WIDTH, height: 3, bits: 8, palette: GREYS, pixels: packRows(bottomUp, 8) };
    const path = join(folder, 'a.png');
    writeFileSync(path, bmpFile(parts));
    expect(await imageSize(path)).toEqual({ width: 5, height: 3 });
    const stored = await describeStored(bmpFile(parts), 'a.bmp');
    expect(stored).toMatchObject({ format: 'bmp', shape: [3, 5], dtype: 'uint8', bitsStored: 8, min: 0, max: 255 });
    // sha256 of the 15 bytes, by Python's hashlib
    expect(stored.sha256).toBe('22a124f45a6a008637e02be6b4d23bdaf253221041d3b3429aaed41f6aeb781e');
    const coloured = bmpFile({ ...parts, palette: [[1, 2, 3], ...GREYS.slice(1)] });
    expect(await describeStored(coloured, 'a.bmp')).toMatchObject({ shape: [3, 5, 3] });
  });

  it('is refused where pixels are missing, or what it says is not supported', async () => {
    const whole = bmpFile({ width: WIDTH, height: 3, bits: 8, palette: GREYS, pixels: packRows(bottomUp, 8) });
    const runs = (...bytes: number[]): Uint8Array =>
      bmpFile({ width: 5, height: 2, bits: 8, compression: 1, palette: GREYS, pixels: Uint8Array.from(bytes) });
    const other = (at: number, ...bytes: number[]): Uint8Array => {
      const copy = Uint8Array.from(whole);
      copy.set(bytes, at);
      return copy;
    };
    const cases: readonly (readonly [Uint8Array, RegExp])[] = [
      // The last three bytes only fill the row up.
      [whole.subarray(0, whole.length - 4), /truncated: 20 bytes of pixels, 21 are needed/],
      [whole.subarray(0, 40), /header is truncated/],
      [runs(5, 3, 0, 0, 4, 3, 0, 1), /truncated: its run-length/],
      [runs(5, 3, 0, 0), /truncated: its run-length/],
      [runs(5, 3, 0, 1), /truncated: its run-length/],
      [runs(9, 3, 0, 0, 5, 3, 0, 1), /a row is longer/],
      [runs(3, 3, 0, 2, 2, 0, 0, 0, 5, 3, 0, 1), /skips pixels is not supported/],
      [other(30, 5), /compression PNG is not supported/],
      [other(30, 9), /compression 9 is not supported/],
      [other(28, 2), /2 bits a pixel is not supported/],
      [other(18, 0, 0, 1, 0), /65536 x 3 pixels/],
      [other(30, 2), /damaged: rle4 with 8 bits/],
      // Where the pixels begin.
      [other(10, 0, 0), /its pixels begin at byte 0, within the header/],
      [other(10, 53, 0), /its pixels begin at byte 53, within the header/],
    ];
    for (const [bytes, message] of cases) {
      const error = await failureOf(() => decodeImage(bytes, 'a.bmp'));
      expect([error.code, error.message]).toEqual(['data', expect.stringMatching(message)]);
    }
    expect((await decodeImage(whole.subarray(0, whole.length - 3), 'a.bmp')).pixels).toEqual(grey);
  });
});
