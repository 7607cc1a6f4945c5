import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainImage } from './image.js';
import { decodePgm, isNetpbm, readPgmHeader } from './netpbm.js';
import { failureOf } from './testing/files.js';

function file(header: string, raster: readonly number[] = []): Uint8Array {
  return Uint8Array.from([...new TextEncoder().encode(header), ...raster]);
}

describe('decodePgm', () => {
  it('reads raw 8-bit samples, even where they look like white space', () => {
    const image = decodePgm(file('P5\n3 2\n255\n', [10, 32, 9, 255, 0, 35]), 'x');
    expect(image).toEqual(plainImage(Uint8Array.from([10, 32, 9, 255, 0, 35]), { width: 3, height: 2 }, 255));
  });

  it('reads raw 16-bit samples big-endian, white being the maxval', () => {
    const image = decodePgm(file('P5 2 1 4095 ', [0x01, 0x02, 0x0f, 0xff]), 'x');
    expect(image).toEqual(plainImage(Uint16Array.from([258, 4095]), { width: 2, height: 1 }, 4095));
  });

  it('reads plain samples, with comments anywhere', () => {
    const image = decodePgm(file('P2 # plain\n# size\n3#w\n1 # h\n1000\n0 # black\n500\t1000'), 'x');
    expect(image).toEqual(plainImage(Uint16Array.from([0, 500, 1000]), { width: 3, height: 1 }, 1000));
  });

  it('skips a second byte of line end before the raster, and nothing else', () => {
    const raster = [0x0e, 0xe9, 0x0e, 0xe3];
    const expected = Uint16Array.from([3817, 3811]);
    expect(decodePgm(file('P5\n2 1\n65535\n\n', raster), 'x').pixels).toEqual(expected);
    expect(decodePgm(file('P5\n2 1\n65535\n', [...raster, 0x0a]), 'x').pixels).toEqual(expected);
    expect(decodePgm(file('P5\r\n2 1\r\n65535\r\n', raster), 'x').pixels).toEqual(expected);
    expect([...decodePgm(file('P5\n2 1\n255\n', [10, 11]), 'x').pixels]).toEqual([10, 11]);
    expect([...decodePgm(file('P5\n2 1\n255\n', [10, 11, 10]), 'x').pixels]).toEqual([10, 11]);
  });

  it('gives back any image written plain or raw', () => {
    const images = fc.integer({ min: 1, max: 65535 }).chain((maxval) =>
      fc.record({
        maxval: fc.constant(maxval),
        width: fc.integer({ min: 1, max: 5 }),
        rows: fc.array(fc.array(fc.integer({ min: 0, max: maxval }), { minLength: 5, maxLength: 5 }), {
          minLength: 1,
          maxLength: 4,
        }),
      }),
    );
    fc.assert(
      fc.property(images, ({ maxval, width, rows }) => {
        const pixels = rows.flatMap((row) => row.slice(0, width));
        const header = `${width} ${rows.length}\n${maxval}\n`;
        const raster = pixels.flatMap((value) => (maxval < 256 ? [value] : [value >> 8, value & 255]));
        expect([...decodePgm(file(`P5\n${header}`, raster), 'x').pixels]).toEqual(pixels);
        expect([...decodePgm(file(`P2\n${header}${pixels.join(' ')}`), 'x').pixels]).toEqual(pixels);
      }),
    );
  });

  it.each([
    ['a short raster', file('P5 2 2 255\n', [1, 2, 3]), /truncated/],
    ['a short plain raster', file('P2 2 2 255\n100 200 250'), /truncated/],
    ['a letter among plain samples', file('P2 2 1 255\n1 x '), /damaged at pixel 1/],
    ['a sample above maxval', file('P5 2 1 100\n', [100, 101]), /101 exceeds .* 100/],
    ['maxval 0', file('P5 2 1 0\n', [0, 0]), /maxval 0/],
    ['no height', file('P5 2'), /header is damaged/],
    ['no pixels', file('P5 0 4 255\n'), /0 x 4/],
    ['colour', file('P6 1 1 255\n', [1, 2, 3]), /P6/],
  ])('refuses %s', async (_, bytes, message) => {
    const error = await failureOf(() => decodePgm(bytes, 'film.pgm'));
    expect([error.code, error.message]).toEqual(['data', expect.stringMatching(message)]);
    expect(error.message).toMatch(/^film\.pgm: /);
  });
});

describe('readPgmHeader', () => {
  it('reads the header alone', () => {
    const header = readPgmHeader(file('P5\n# by hand\n640 480\n255\n'), 'x');
    expect(header).toEqual({ width: 640, height: 480, maxval: 255, plain: false, offset: 25 });
  });
});

describe('isNetpbm', () => {
  it('tells Netpbm from text that starts with a P', () => {
    expect(['P5\n1', 'P2 1', 'P6\t', 'P2#c'].map((text) => isNetpbm(file(text)))).toEqual([true, true, true, true]);
    expect(['PK\u0003\u0004', 'P9 1', 'P5', 'P5x', ''].some((text) => isNetpbm(file(text)))).toBe(false);
  });
});
