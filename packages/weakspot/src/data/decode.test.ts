import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { Random } from '@weakspot/core';
import type { Sharp } from 'sharp';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { dicomFile, imageValues, words } from '../dicom/testing/file.js';
import { decodeImage, imageSize } from './decode.js';
import { failureOf, flatPgm, greyPng, temporaryFolder, writeTree } from './testing/files.js';
import { tinyTiff } from './testing/tiff.js';

const shared = join(import.meta.dirname, '../../../../../shared/data');
const { folder, remove } = temporaryFolder();
afterAll(remove);

const every8 = Uint8Array.from({ length: 256 }, (_, i) => i);
const every16 = Uint16Array.from({ length: 65536 }, (_, i) => i);

function rgb(pixels: readonly (readonly [number, number, number])[]): Sharp {
  return sharp(Uint8Array.from(pixels.flat()), { raw: { width: pixels.length, height: 1, channels: 3 } });
}

/** Puts a chunk behind the PNG's header chunk. */
function withChunk(png: Uint8Array, type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([png.subarray(0, 33), length, body, check, png.subarray(33)]);
}

describe('decodeImage', () => {
  it('keeps every 8-bit grey value of PNG and TIFF', async () => {
    const source = sharp(every8, { raw: { width: 32, height: 8, channels: 1 } }).toColourspace('b-w');
    for (const bytes of [
      await source.clone().png().toBuffer(),
      await source.clone().tiff({ compression: 'lzw' }).toBuffer(),
    ]) {
      const image = await decodeImage(bytes, 'x');
      expect([image.width, image.height, image.highest]).toEqual([32, 8, 255]);
      expect(image.pixels).toEqual(every8);
    }
  });

  it('keeps every 16-bit grey value of PNG and TIFF', async () => {
    const source = sharp(every16, { raw: { width: 256, height: 256, channels: 1 } }).toColourspace('grey16');
    for (const bytes of [
      await source.clone().png().toBuffer(),
      await source.clone().tiff({ compression: 'lzw' }).toBuffer(),
    ]) {
      const image = await decodeImage(bytes, 'x');
      expect(image.highest).toBe(65535);
      expect(image.pixels).toEqual(every16);
    }
  });

  it('applies no gamma tag and no colour profile', async () => {
    const gamma = new Uint8Array([0, 0, 0x27, 0x10]); // 0.1
    const tagged = withChunk(await greyPng(every8, 16, 16), 'gAMA', gamma);
    expect((await decodeImage(tagged, 'x')).pixels).toEqual(every8);
    const greys = [...every8].map((value) => [value, value, value] as const);
    const plain = await rgb(greys).png().toBuffer();
    const profiled = await sharp(plain).withIccProfile('p3').png().toBuffer();
    expect((await sharp(profiled).metadata()).hasProfile).toBe(true);
    const stored = await sharp(profiled, { ignoreIcc: true }).raw().toBuffer();
    const expected = Uint8Array.from({ length: 256 }, (_, i) => stored[3 * i] as number);
    expect((await decodeImage(profiled, 'x')).pixels).toEqual(expected);
  });

  it('turns colour into BT.601 luma and leaves R = G = B as it is', async () => {
    const colours = [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [10, 20, 30],
      [255, 255, 255],
    ] as const;
    const image = await decodeImage(await rgb(colours).png().toBuffer(), 'x');
    // 76.245, 149.685, 29.07, 18.15
    expect([...image.pixels]).toEqual([76, 150, 29, 18, 255]);
    const greys = [...every8].map((value) => [value, value, value] as const);
    expect((await decodeImage(await rgb(greys).png().toBuffer(), 'x')).pixels).toEqual(every8);
  });

  it('keeps 16-bit colour exact', async () => {
    const values = Uint16Array.from([0, 1, 2, 65535, 65535, 65535, 1000, 1000, 1000]);
    const source = sharp(values, { raw: { width: 3, height: 1, channels: 3 } }).toColourspace('rgb16');
    const image = await decodeImage(await source.png().toBuffer(), 'x');
    expect(image.highest).toBe(65535);
    expect([...image.pixels]).toEqual([1, 65535, 1000]); // 0.815 rounds to 1
  });

  it('drops alpha and reads palettes and one-bit images', async () => {
    const withAlpha = Uint16Array.from([500, 0, 40000, 32768, 65535, 65535]);
    const alpha = sharp(withAlpha, { raw: { width: 3, height: 1, channels: 2 } }).toColourspace('grey16');
    expect([...(await decodeImage(await alpha.png().toBuffer(), 'x')).pixels]).toEqual([500, 40000, 65535]);
    const two = Uint8Array.from([0, 255, 255, 0]);
    const source = sharp(two, { raw: { width: 4, height: 1, channels: 1 } });
    const palette = await source.clone().png({ palette: true, colours: 2 }).toBuffer();
    expect((await sharp(palette).metadata()).isPalette).toBe(true);
    expect([...(await decodeImage(palette, 'x')).pixels]).toEqual([...two]);
    const bits = await source.clone().tiff({ bitdepth: 1, compression: 'none' }).toBuffer();
    expect([...(await decodeImage(bits, 'x')).pixels]).toEqual([...two]);
  });

  it('reads JPEG near its source, turned by its EXIF orientation', async () => {
    const ramp = Uint8Array.from({ length: 64 * 32 }, (_, i) => 2 * (i % 64) + 40);
    const source = sharp(ramp, { raw: { width: 64, height: 32, channels: 1 } }).toColourspace('b-w');
    const bytes = await source.withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer();
    expect((await sharp(bytes).metadata()).orientation).toBe(6);
    const image = await decodeImage(bytes, 'x');
    expect([image.width, image.height]).toEqual([32, 64]);
    // 6: the left side is shown on top, the bottom row left.
    const shown = (i: number): number => image.pixels[(i % 64) * 32 + 31 - Math.floor(i / 64)] as number;
    const worst = ramp.reduce((most, value, i) => Math.max(most, Math.abs(value - shown(i))), 0);
    expect(worst).toBeLessThanOrEqual(3);
    writeTree(folder, { 'turned.png': bytes });
    expect(await imageSize(join(folder, 'turned.png'))).toEqual({ width: 32, height: 64 });
  });

  it('reads the first page of several', async () => {
    const page = async (value: number): Promise<Buffer> => greyPng(new Uint8Array(12).fill(value), 4, 3);
    const pages = sharp([await page(10), await page(200)], { join: { animated: true } });
    const bytes = await pages.toColourspace('b-w').tiff({ compression: 'lzw' }).toBuffer();
    expect((await sharp(bytes).metadata()).pages).toBe(2);
    const image = await decodeImage(bytes, 'x');
    expect([image.width, image.height, ...new Set(image.pixels)]).toEqual([4, 3, 10]);
  });

  it('reads a TIFF whose zero is white as its picture shows', async () => {
    const tiny = { width: 3, height: 1, photometric: 0, sampleFormat: 1 } as const;
    const bytes = tinyTiff({ ...tiny, bitsPerSample: 8, data: Uint8Array.from([0, 100, 255]) });
    expect([...(await decodeImage(bytes, 'x')).pixels]).toEqual([255, 155, 0]);
    const wide = tinyTiff({
      ...tiny,
      bitsPerSample: 16,
      data: new Uint8Array(Uint16Array.from([0, 1000, 65535]).buffer),
    });
    expect([...(await decodeImage(wide, 'x')).pixels]).toEqual([65535, 64535, 0]);
  });

  it('refuses signed and floating-point samples instead of clipping them', async () => {
    const tiny = { width: 2, height: 1, photometric: 1 } as const;
    const signed = tinyTiff({ ...tiny, bitsPerSample: 16, sampleFormat: 2, data: new Uint8Array(4) });
    const float = tinyTiff({ ...tiny, bitsPerSample: 32, sampleFormat: 3, data: new Uint8Array(8) });
    for (const bytes of [signed, float]) {
      const error = await failureOf(() => decodeImage(bytes, 'ct.tif'));
      expect(error.code).toBe('data');
      expect(error.message).toMatch(/^ct\.tif: its samples are of type (short|float)/);
    }
  });

  it('refuses truncated files of every format, naming the file', async () => {
    const random = new Random(1, 'noise');
    const noise = Uint8Array.from({ length: 64 * 64 }, () => random.integer(256));
    const source = sharp(noise, { raw: { width: 64, height: 64, channels: 1 } }).toColourspace('b-w');
    const files = [
      await source.clone().png().toBuffer(),
      await source.clone().jpeg().toBuffer(),
      await source.clone().tiff({ compression: 'none' }).toBuffer(),
      await source.clone().webp().toBuffer(),
      flatPgm(64, 64),
    ];
    for (const bytes of files) {
      await decodeImage(bytes, 'whole');
      for (const part of [0.01, 0.3, 0.6, 0.95]) {
        const error = await failureOf(() => decodeImage(bytes.subarray(0, Math.ceil(bytes.length * part)), 'cut.img'));
        expect([error.code, error.message]).toEqual(['data', expect.stringMatching(/^cut\.img: ./)]);
        expect(error.issues[0]?.file).toBe('cut.img');
      }
    }
  });

  it('refuses a grey JPEG that lacks some of its last rows', async () => {
    const random = new Random(3, 'noise');
    const noise = Uint8Array.from({ length: 72 * 64 }, () => random.integer(256));
    const bytes = await sharp(noise, { raw: { width: 72, height: 64, channels: 1 } })
      .jpeg()
      .toBuffer();
    await decodeImage(bytes, 'x');
    // Of 8 rows of 9 blocks the last lie within the last eighth.
    for (let cut = Math.ceil(bytes.length * 0.85); cut < bytes.length - 3; cut += 7) {
      const damaged = Buffer.concat([bytes.subarray(0, cut), Buffer.from([0xff, 0xd9])]);
      const error = await failureOf(() => decodeImage(damaged, 'cut.jpg'));
      expect(error.message, `${cut} of ${bytes.length}`).toMatch(/^cut\.jpg: it is (truncated|damaged)/);
    }
  });

  it('refuses a JPEG that lacks data though it has an end marker, and reads one that lacks the marker only', async () => {
    const random = new Random(2, 'noise');
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, () => random.integer(256));
    const colour = sharp(noise, { raw: { width: 64, height: 64, channels: 3 } });
    const grey = colour.clone().greyscale();
    const files = [
      await grey.clone().jpeg().toBuffer(),
      await colour.clone().jpeg().toBuffer(),
      await grey.clone().jpeg({ progressive: true }).toBuffer(),
      await colour.clone().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer(),
    ];
    const end = Buffer.from([0xff, 0xd9]);
    for (const bytes of files) {
      const whole = await decodeImage(bytes, 'x');
      expect(bytes.subarray(-2)).toEqual(end);
      expect(await decodeImage(bytes.subarray(0, -2), 'x')).toEqual(whole);
      expect(await decodeImage(bytes.subarray(0, -1), 'x')).toEqual(whole);
      // Bytes behind the data or behind the image are odd, and harmless.
      expect(await decodeImage(Buffer.concat([bytes.subarray(0, -2), Buffer.alloc(9), end]), 'x')).toEqual(whole);
      expect(await decodeImage(Buffer.concat([bytes, Buffer.alloc(99)]), 'x')).toEqual(whole);
      for (const part of [0.5, 0.8, 0.95, 0.99]) {
        const cut = bytes.subarray(0, Math.ceil(bytes.length * part));
        for (const damaged of [cut, Buffer.concat([cut, end]), Buffer.concat([cut, Buffer.alloc(bytes.length)])]) {
          const error = await failureOf(() => decodeImage(damaged, 'cut.jpg'));
          expect(error.message).toMatch(/^cut\.jpg: (it is (truncated|damaged)|Invalid)/);
        }
      }
    }
  });

  it('refuses what is no image, saying what it is where that is known', async () => {
    const text = (content: string): Uint8Array => new TextEncoder().encode(content);
    const dicom = new Uint8Array(200);
    dicom.set(text('DICM'), 128);
    const cases: readonly (readonly [Uint8Array, RegExp])[] = [
      [new Uint8Array(0), /empty/],
      [text('file,label\na.png,tb\n'), /not an image/],
      [dicom, /its data set is truncated/],
      [text('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'), /SVG is not read/],
    ];
    for (const [bytes, message] of cases) {
      const error = await failureOf(() => decodeImage(bytes, 'a.png'));
      expect([error.code, error.message]).toEqual(['data', expect.stringMatching(message)]);
    }
  });

  it('refuses a header of enormous size before it takes memory', async () => {
    const png = await greyPng(new Uint8Array(4), 2, 2);
    const header = Buffer.alloc(17);
    header.write('IHDR', 'latin1');
    header.writeUInt32BE(60000, 4);
    header.writeUInt32BE(60000, 8);
    header[12] = 8;
    const check = Buffer.alloc(4);
    check.writeUInt32BE(crc32(header));
    const huge = Buffer.concat([png.subarray(0, 12), header, check, png.subarray(33)]);
    const pgm = new TextEncoder().encode('P5 60000 60000 65535\n');
    for (const bytes of [huge, pgm]) {
      const error = await failureOf(() => decodeImage(bytes, 'bomb'));
      expect([error.code, error.message]).toEqual(['data', expect.stringMatching(/^bomb: .*(60000|pixel limit)/)]);
    }
  });
});

describe('decodeImage of DICOM', () => {
  const frames = dicomFile(
    imageValues(2, 1, { NumberOfFrames: [2], RescaleIntercept: '-1', PixelData: words([0, 1, 2, 3]) }),
  );

  it('is told by content, and gives the frame that is asked for', async () => {
    const first = await decodeImage(frames, 'film.png');
    expect([...first.pixels]).toEqual([-1, 0]);
    expect([first.lowest, first.highest]).toEqual([-1, 65534]);
    expect([...(await decodeImage(frames, 'film.png', { frame: 2 })).pixels]).toEqual([1, 2]);
    const bare = dicomFile(imageValues(1, 1, { Modality: 'DX', PixelData: words([5]) }), { without: 'header' });
    expect([...(await decodeImage(bare, 'film')).pixels]).toEqual([5]);
  });

  it('refuses a frame that is not there, of other formats any but the first', async () => {
    expect((await failureOf(() => decodeImage(frames, 'x', { frame: 3 }))).message).toMatch(/it has no frame 3/);
    expect((await failureOf(() => decodeImage(flatPgm(2, 2), 'x', { frame: 2 }))).message).toMatch(/it has no frame 2/);
  });

  it('tells the size from the first part of the file, or from all of it', async () => {
    const values = imageValues(300, 200, { PixelData: new Uint8Array(120_000) });
    const late = { ...values, PatientID: 'x'.repeat(60_000), ContentSequence: [{ TextValue: 'y'.repeat(90_000) }] };
    writeTree(folder, {
      'early.dcm': dicomFile(values),
      'late.dcm': dicomFile(late),
      'none.dcm': dicomFile({ Modality: 'SR' }),
    });
    expect(await imageSize(join(folder, 'early.dcm'))).toEqual({ width: 300, height: 200 });
    expect(await imageSize(join(folder, 'late.dcm'))).toEqual({ width: 300, height: 200 });
    expect((await failureOf(() => imageSize(join(folder, 'none.dcm')))).message).toMatch(
      /the number of rows and columns/,
    );
  });
});

describe('imageSize', () => {
  it('agrees with the decoded image for every format, whatever the ending', async () => {
    const source = sharp(new Uint8Array(15 * 9).fill(90), { raw: { width: 15, height: 9, channels: 1 } });
    const files = {
      'png.jpg': await source.clone().png().toBuffer(),
      'jpeg.png': await source.clone().jpeg().toBuffer(),
      'tiff.png': await source.clone().tiff().toBuffer(),
      'webp.png': await source.clone().webp().toBuffer(),
      'pgm.png': flatPgm(15, 9),
    };
    writeTree(folder, files);
    for (const [name, bytes] of Object.entries(files)) {
      const { width, height } = await decodeImage(bytes, name);
      expect([width, height]).toEqual([15, 9]);
      expect(await imageSize(join(folder, name))).toEqual({ width, height });
    }
  });

  it('names the file and reason of a missing, empty or foreign file', async () => {
    writeTree(folder, { 'empty.png': '', 'text.png': 'hello' });
    for (const [name, reason] of [
      ['none.png', /ENOENT/],
      ['empty.png', /empty/],
      ['text.png', /not an image/],
    ] as const) {
      const error = await failureOf(() => imageSize(join(folder, name)));
      expect([error.code, error.message]).toEqual(['data', expect.stringMatching(reason)]);
      expect(error.message).toContain(name);
    }
  });

  it.skipIf(!existsSync(shared))('reads real mammograms and a DDSM film (needs shared/data)', async () => {
    const mias = join(shared, 'mias/images-1024/mdb059.pgm');
    expect(await imageSize(mias)).toEqual({ width: 1024, height: 1024 });
    const image = await decodeImage(readFileSync(mias), mias);
    // The raster is the file's tail, one byte a pixel.
    expect(Buffer.from(image.pixels).equals(readFileSync(mias).subarray(-1024 * 1024))).toBe(true);
    // Its header ends with an empty line; read from one byte too early, neighbours would differ wildly.
    const ddsm = join(shared, 'samples/DDSM/case1459/TAPE_A_1378_1.COMB.16_PGM');
    const film = await decodeImage(readFileSync(ddsm), ddsm);
    expect([film.width, film.height, ...film.pixels.subarray(0, 5)]).toEqual([355, 727, 3817, 3817, 3811, 3806, 3815]);
  });
});
