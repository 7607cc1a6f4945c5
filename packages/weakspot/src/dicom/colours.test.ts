import { describe, expect, it } from 'vitest';
import { greyFrame } from './grey.js';
import { openDicom } from './open.js';
import type { Picture } from './testing/codestreams.js';
import { encode } from './testing/codestreams.js';
import { dicomFile, imageValues } from './testing/file.js';
import type { FlatJpeg } from './testing/jpeg.js';
import { adobe, flatJpeg, JFIF } from './testing/jpeg.js';

const SIZE = 16;
/** Three samples of every pixel; what they are to the eye if luma, and if red, green and blue. */
const COLOUR = [200, 40, 90] as const;
const Y = COLOUR[0];
const LUMA_OF_RGB = Math.round(0.299 * COLOUR[0] + 0.587 * COLOUR[1] + 0.114 * COLOUR[2]);
const LABELS = ['RGB', 'YBR_FULL', 'YBR_FULL_422', 'YBR_RCT', 'YBR_ICT', 'YBR_PARTIAL_420', 'MONOCHROME2'];

async function greyOf(stream: Uint8Array, syntax: string, label: string): Promise<number> {
  const values = imageValues(SIZE, SIZE, {
    SamplesPerPixel: [3],
    PhotometricInterpretation: label,
    BitsAllocated: [8],
    BitsStored: [8],
    HighBit: [7],
  });
  const file = dicomFile(values, { transferSyntax: `1.2.840.10008.1.2.4.${syntax}`, fragments: [stream] });
  const { pixels } = await greyFrame(openDicom(file, 'x'), 1, 'x');
  expect(new Set(pixels).size).toBe(1);
  return pixels[0] as number;
}

function jpeg(applications: FlatJpeg['applications'], ids: readonly number[] = [1, 2, 3], h = 1): Uint8Array {
  const components = COLOUR.map((value, i) => ({
    id: ids[i] as number,
    h: i === 0 ? h : 1,
    v: 1,
    level: () => value - 128,
  }));
  const shape = { width: SIZE, height: SIZE, precision: 8, process: 0 } as const;
  return new Uint8Array(flatJpeg({ ...shape, components, ...(applications && { applications }) }).whole);
}

/** A stream of one colour from the codec library. */
async function encoded(encoder: Parameters<typeof encode>[0], colour: readonly number[]): Promise<Uint8Array> {
  const bytes = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => colour[i % 3] as number);
  const picture: Picture = {
    width: SIZE,
    height: SIZE,
    samplesPerPixel: 3,
    bitsAllocated: 8,
    bitsStored: 8,
    bytes,
  };
  return encode(encoder, picture);
}

/** With a segment behind SOI. */
function withSegment(stream: Uint8Array, marker: number, content: readonly number[]): Uint8Array {
  const head = [0xff, 0xd8, 0xff, marker, 0, content.length + 2, ...content];
  return new Uint8Array(Buffer.concat([Buffer.from(head), stream.subarray(2)]));
}

describe('the colours that a stream itself states', () => {
  it.each([
    ['JFIF', jpeg([JFIF]), Y],
    ['JFIF, whatever its components are named', jpeg([JFIF], [82, 71, 66]), Y],
    ["Adobe's transform", jpeg([adobe(1)]), Y],
    ["Adobe's lack of one", jpeg([adobe(0)]), LUMA_OF_RGB],
    ['components named R, G, B', jpeg([], [82, 71, 66]), LUMA_OF_RGB],
    ['colour differences sampled more coarsely', jpeg([], [1, 2, 3], 2), Y],
  ])('in JPEG by %s hold against every label', async (_, stream, expected) => {
    for (const label of LABELS) expect(await greyOf(stream, '50', label), label).toBe(expected);
  });

  it('in JPEG by none of these leave it to the label', async () => {
    const short = [0xee, Uint8Array.of(0x41, 0x64, 0x6f, 0x62, 0x65, 0)] as const;
    for (const stream of [jpeg([]), jpeg([], [0, 1, 2]), jpeg([short])]) {
      expect(await greyOf(stream, '50', 'RGB')).toBe(LUMA_OF_RGB);
      expect(await greyOf(stream, '50', 'YBR_FULL')).toBe(Y);
      expect(await greyOf(stream, '50', 'YBR_FULL_422')).toBe(Y);
    }
  });

  it('in lossless JPEG and JPEG-LS hold too', async () => {
    const lossless = await encoded('encodeJpeg', COLOUR);
    const named = withSegment(lossless, JFIF[0], [...JFIF[1]]);
    expect(await greyOf(named, '70', 'RGB')).toBe(Y);
    const ls = await encoded('encodeJpegLs', COLOUR);
    for (const [label, expected] of [
      ['RGB', LUMA_OF_RGB],
      ['YBR_FULL', Y],
    ] as const)
      expect(await greyOf(ls, '80', label)).toBe(expected);
    // SPIFF (T.84 F.2.1): identifier, version, profile, components, height, width, colour space, bits, ...
    const spiff = (colour: number): number[] =>
      Array.from(Buffer.from('SPIFF\0')).concat(
        1,
        2,
        0,
        3,
        0,
        0,
        0,
        SIZE,
        0,
        0,
        0,
        SIZE,
        colour,
        8,
        6,
        0,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        1,
      );
    const spiffEnd = [0, 0, 0, 1];
    const withSpiff = (colour: number): Uint8Array => withSegment(withSegment(ls, 0xe8, spiffEnd), 0xe8, spiff(colour));
    expect(await greyOf(withSpiff(10), '80', 'YBR_FULL')).toBe(LUMA_OF_RGB);
    expect(await greyOf(withSpiff(3), '80', 'RGB')).toBe(Y);
  });

  it('in JPEG 2000 by its transform of components hold against every label', async () => {
    for (const [encoder, syntax] of [
      ['encodeJpeg2000', '90'],
      ['encodeHtJpeg2000', '201'],
    ] as const) {
      const stream = await encoded(encoder, COLOUR);
      for (const label of LABELS) expect(await greyOf(stream, syntax, label), label).toBe(LUMA_OF_RGB);
    }
  });

  it('in JPEG 2000 without one leave it to the label, and a JP2 file names them', async () => {
    const bare = withoutTransform(await encoded('encodeJpeg2000', [90, 90, 90]));
    // Of a grey, the reversible transform (T.800 G.2) makes the grey and twice nothing, which is the middle.
    expect(await greyOf(bare, '90', 'YBR_FULL')).toBe(90);
    const rgb = Math.round(0.299 * 90 + (0.587 + 0.114) * 128);
    for (const label of ['RGB', 'YBR_RCT', 'YBR_ICT']) expect(await greyOf(bare, '90', label), label).toBe(rgb);
    for (const label of LABELS) {
      expect(await greyOf(jp2(bare, 18), '90', label), label).toBe(90);
      expect(await greyOf(jp2(bare, 16), '90', label), label).toBe(rgb);
    }
  });

  it('of High-Throughput JPEG 2000 without a transform are not taken row by row', async () => {
    const bytes = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => Math.floor(i / 3) % 251);
    const shape = { width: SIZE, height: SIZE, samplesPerPixel: 3, bitsAllocated: 8, bitsStored: 8 } as const;
    const stream = withoutTransform(await encode('encodeHtJpeg2000', { ...shape, bytes }));
    const values = imageValues(SIZE, SIZE, {
      SamplesPerPixel: [3],
      PhotometricInterpretation: 'YBR_FULL',
      BitsAllocated: [8],
      BitsStored: [8],
      HighBit: [7],
    });
    const file = dicomFile(values, { transferSyntax: '1.2.840.10008.1.2.4.201', fragments: [stream] });
    const expected = Array.from({ length: SIZE * SIZE }, (_, i) => [i % 251, 128, 128]).flat();
    expect([...(await openDicom(file, 'x').frame(1))]).toEqual(expected);
  });
});

/** The multiple component transform of a stream (T.800 A.6.1) switched off. */
function withoutTransform(stream: Uint8Array): Uint8Array {
  const at = Buffer.from(stream).indexOf(Buffer.from([0xff, 0x52]));
  expect(stream[at + 8]).toBe(1);
  return stream.slice().fill(0, at + 8, at + 9);
}

/** In a JP2 file (T.800 annex I) that names its colours: 16 sRGB, 18 sYCC. */
function jp2(stream: Uint8Array, colours: number): Uint8Array {
  const box = (type: string, ...content: Uint8Array[]): Buffer => {
    const body = Buffer.concat(content);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(body.length + 8);
    return Buffer.concat([head, Buffer.from(type), body]);
  };
  const size = Uint8Array.of(0, 0, 0, SIZE, 0, 0, 0, SIZE, 0, 3, 7, 7, 0, 0);
  return new Uint8Array(
    Buffer.concat([
      box('jP  ', Uint8Array.of(0x0d, 0x0a, 0x87, 0x0a)),
      box('ftyp', Buffer.from('jp2 \0\0\0\0jp2 ')),
      box('jp2h', box('ihdr', size), box('colr', Uint8Array.of(1, 0, 0, 0, 0, 0, colours))),
      box('jp2c', stream),
    ]),
  );
}
