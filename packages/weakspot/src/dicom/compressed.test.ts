import { describe, expect, it } from 'vitest';
import { decodeLosslessJpeg } from './jpeg.js';
import { openDicom } from './open.js';
import type { EncoderName, Picture } from './testing/codestreams.js';
import { encode } from './testing/codestreams.js';
import { failureOf } from './testing/failure.js';
import type { Values } from './testing/file.js';
import { dicomFile, imageValues, words } from './testing/file.js';

interface Syntax {
  readonly transferSyntax: string;
  readonly encoder: EncoderName;
  readonly parameters?: Record<string, unknown>;
}

const SYNTAXES: readonly Syntax[] = [
  { transferSyntax: '1.2.840.10008.1.2.4.57', encoder: 'encodeJpeg', parameters: { lossy: false, predictor: 6 } },
  { transferSyntax: '1.2.840.10008.1.2.4.70', encoder: 'encodeJpeg' },
  { transferSyntax: '1.2.840.10008.1.2.4.80', encoder: 'encodeJpegLs' },
  { transferSyntax: '1.2.840.10008.1.2.4.90', encoder: 'encodeJpeg2000' },
  { transferSyntax: '1.2.840.10008.1.2.4.201', encoder: 'encodeHtJpeg2000' },
  { transferSyntax: '1.2.840.10008.1.2.4.202', encoder: 'encodeHtJpeg2000' },
  { transferSyntax: '1.2.840.10008.1.2.4.203', encoder: 'encodeHtJpeg2000' },
];
const [WIDTH, HEIGHT] = [20, 12];

/** Values of all bits, with edges. */
function values(bits: number, samples = 1): number[] {
  return Array.from({ length: WIDTH * HEIGHT * samples }, (_, i) => (i * 2654435761) % 2 ** bits);
}

function attributes(original: Picture, more: Values = {}): Values {
  return imageValues(original.width, original.height, {
    SamplesPerPixel: [original.samplesPerPixel],
    PhotometricInterpretation: original.samplesPerPixel === 1 ? 'MONOCHROME2' : 'RGB',
    BitsAllocated: [original.bitsAllocated],
    BitsStored: [original.bitsStored],
    HighBit: [original.bitsStored - 1],
    PixelRepresentation: [original.signed === true ? 1 : 0],
    ...more,
  });
}

function picture(bits: number, samplesPerPixel = 1): Picture {
  const bitsAllocated = bits > 8 ? 16 : 8;
  const pixels = values(bits, samplesPerPixel);
  const bytes = bitsAllocated === 16 ? words(pixels) : Uint8Array.from(pixels);
  return { width: WIDTH, height: HEIGHT, samplesPerPixel, bitsAllocated, bitsStored: bits, bytes };
}

/** Content of the scan header. */
function scanHeader(stream: Uint8Array): Uint8Array {
  const at = Buffer.from(stream).indexOf(Buffer.from([0xff, 0xda]));
  return stream.slice(at + 4, at + 2 + (stream[at + 3] as number));
}

/** JPEG-LS with a scan for each component (T.87 C.2.3: interleave mode 0), from streams of one component. */
async function planes(original: Picture): Promise<Uint8Array> {
  const { samplesPerPixel, bytes } = original;
  const size = original.bitsAllocated / 8;
  const parts = await Promise.all(
    Array.from({ length: samplesPerPixel }, async (_, component) => {
      const plane = bytes.filter((_byte, i) => Math.floor(i / size) % samplesPerPixel === component);
      const stream = Buffer.from(await encode('encodeJpegLs', { ...original, samplesPerPixel: 1, bytes: plane }));
      const scan = stream.subarray(stream.indexOf(Buffer.from([0xff, 0xda])), -2);
      scan[5] = component + 1;
      return scan;
    }),
  );
  const { width, height, bitsAllocated } = original;
  const frame = [0xff, 0xf7, 0, 17, bitsAllocated, 0, height, 0, width, 3, 1, 17, 0, 2, 17, 0, 3, 17, 0];
  return new Uint8Array(Buffer.concat([Buffer.from([0xff, 0xd8, ...frame]), ...parts, Buffer.from([0xff, 0xd9])]));
}

describe('compressed frames', () => {
  it.each(SYNTAXES)(
    'of $transferSyntax keep 8, 12 and 16 bits, and colours',
    async ({ transferSyntax, encoder, parameters }) => {
      for (const [bits, samples] of [
        [8, 1],
        [12, 1],
        [16, 1],
        [8, 3],
      ] as const) {
        const original = picture(bits, samples);
        const file = dicomFile(attributes(original), {
          transferSyntax,
          fragments: [await encode(encoder, original, parameters)],
        });
        expect([...(await openDicom(file, 'x').frame(1))], `${bits} bits`).toEqual(values(bits, samples));
      }
    },
  );

  it.each(SYNTAXES)(
    'of $transferSyntax extend the sign of the stored bits',
    async ({ transferSyntax, encoder, parameters }) => {
      // JPEG and JPEG-LS know no sign; of JPEG 2000 some writers leave it out.
      const original = picture(12);
      const file = dicomFile(attributes(original, { PixelRepresentation: [1] }), {
        transferSyntax,
        fragments: [await encode(encoder, original, parameters)],
      });
      const signed = values(12).map((value) => (value > 2047 ? value - 4096 : value));
      expect([...(await openDicom(file, 'x').frame(1))]).toEqual(signed);
    },
  );

  it('of JPEG-LS are the same whether components interleave by sample, by line or not at all', async () => {
    for (const bits of [8, 16] as const) {
      const original = picture(bits, 3);
      const bySample = await encode('encodeJpegLs', original);
      const byPlane = await planes(original);
      const [none, sample] = [scanHeader(byPlane).at(-2), scanHeader(bySample).at(-2)];
      expect([none, sample], 'interleave mode').toEqual([0, 2]);
      for (const stream of [bySample, byPlane]) {
        for (const PlanarConfiguration of [[0], [1]]) {
          const file = dicomFile(attributes(original, { PlanarConfiguration }), {
            transferSyntax: '1.2.840.10008.1.2.4.80',
            fragments: [stream],
          });
          expect([...(await openDicom(file, 'x').frame(1))], `${bits} bits`).toEqual(values(bits, 3));
        }
      }
    }
  });

  it('of JPEG 2000 hold at the precision and sign of the stream', async () => {
    for (const encoder of ['encodeJpeg2000', 'encodeHtJpeg2000'] as const) {
      const transferSyntax = encoder === 'encodeJpeg2000' ? '1.2.840.10008.1.2.4.90' : '1.2.840.10008.1.2.4.201';
      for (const [precision, streamSigned] of [
        [13, false],
        [13, true],
        [16, false],
        [16, true],
      ] as const) {
        // The High-Throughput encoder writes the bits that are allocated.
        if (encoder === 'encodeHtJpeg2000' && precision !== 16) continue;
        const range = 2 ** precision;
        const unsigned = values(precision);
        const signed = unsigned.map((value) => (value >= range / 2 ? value - range : value));
        const stream = await encode(encoder, {
          ...picture(16),
          bytes: words(streamSigned ? signed : unsigned),
          bitsStored: precision,
          signed: streamSigned,
        });
        for (const bitsStored of [precision, 16]) {
          for (const PixelRepresentation of [0, 1]) {
            const more = {
              PixelRepresentation: [PixelRepresentation],
              BitsStored: [bitsStored],
              HighBit: [bitsStored - 1],
            };
            const file = dicomFile(attributes(picture(16), more), { transferSyntax, fragments: [stream] });
            for (const reading of ['standard', 'pydicom'] as const)
              expect(
                [...(await openDicom(file, 'x').frame(1, reading))],
                `${encoder} ${precision} ${streamSigned} in ${bitsStored} ${PixelRepresentation}`,
              ).toEqual(PixelRepresentation === 1 ? signed : unsigned);
          }
        }
      }
    }
  });

  it('of JPEG of fewer bits than are stored are positive, as pydicom and GDCM have them', async () => {
    const original = { ...picture(12), bitsStored: 16 };
    const jpeg = dicomFile(attributes(original, { PixelRepresentation: [1] }), {
      transferSyntax: '1.2.840.10008.1.2.4.70',
      fragments: [await encode('encodeJpeg', picture(12))],
    });
    expect([...(await openDicom(jpeg, 'x').frame(1))]).toEqual(values(12));
    expect([...(await openDicom(jpeg, 'x').frame(1, 'pydicom'))]).toEqual(values(12));
  });

  it('of High-Throughput JPEG 2000 keep signed samples of 8 bits', async () => {
    const stream = await encode('encodeHtJpeg2000', picture(8));
    // The sign bit of Ssiz (T.800 A.5.1): without the shift of levels every value is 128 less.
    stream[42] = (stream[42] as number) | 0x80;
    const file = dicomFile(attributes(picture(8), { PixelRepresentation: [1] }), {
      transferSyntax: '1.2.840.10008.1.2.4.201',
      fragments: [stream],
    });
    expect([...(await openDicom(file, 'x').frame(1))]).toEqual(values(8).map((value) => value - 128));
  });

  it('of more bits than are stored keep them where they need them, lossy ones in range', async () => {
    const ls = '1.2.840.10008.1.2.4.80';
    const open = async (pixels: readonly number[], transferSyntax: string, more: Values): Promise<number[]> => {
      const original = { ...picture(16), bytes: words(pixels) };
      const encoder = transferSyntax === ls ? 'encodeJpegLs' : 'encodeJpeg';
      const file = dicomFile(attributes(original, { BitsStored: [12], HighBit: [11], ...more }), {
        transferSyntax,
        fragments: [await encode(encoder, original)],
      });
      return [...(await openDicom(file, 'x').frame(1))];
    };
    const twelve = values(12);
    const signed = twelve.map((value) => (value > 2047 ? value - 4096 : value));
    // With and without the sign in the bits above.
    expect(await open(twelve, ls, { PixelRepresentation: [1] })).toEqual(signed);
    expect(await open(signed, ls, { PixelRepresentation: [1] })).toEqual(signed);
    expect(await open(values(16), ls, {})).toEqual(values(16));
    // An overlay in lossless JPEG, as old files have it.
    const overlay = twelve.map((value, i) => value + (i % 2) * 0x8000);
    expect(await open(overlay, '1.2.840.10008.1.2.4.70', {})).toEqual(twelve);
    const near = await encode(
      'encodeJpegLs',
      { ...picture(16), bytes: words(twelve) },
      { lossy: true, allowedLossyError: 9 },
    );
    const lossy = dicomFile(attributes(picture(16), { BitsStored: [12], HighBit: [11] }), {
      transferSyntax: '1.2.840.10008.1.2.4.81',
      fragments: [near],
    });
    const samples = [...(await openDicom(lossy, 'x').frame(1))];
    for (const [i, value] of samples.entries()) expect(Math.abs(value - (twelve[i] as number))).toBeLessThanOrEqual(9);
    expect(Math.max(...samples)).toBeLessThanOrEqual(4095);
  });

  it('of JPEG 2000 that the codec does not return whole are refused', async () => {
    const colour = await encode('encodeJpeg2000', picture(8, 3));
    const open = (stream: Uint8Array, more: Values): Promise<unknown> =>
      openDicom(
        dicomFile(attributes(picture(8, 3), more), { transferSyntax: '1.2.840.10008.1.2.4.90', fragments: [stream] }),
        'x',
      ).frame(1);
    const deep = colour.slice();
    for (const component of [0, 1, 2]) deep[42 + 3 * component] = 15;
    const wide = { BitsAllocated: [16], BitsStored: [16], HighBit: [15] };
    expect((await failureOf(() => open(deep, wide))).message).toMatch(/3 components of 16 bits is not supported/);
    const halved = colour.slice();
    halved[43 + 3] = 2;
    expect((await failureOf(() => open(halved, {}))).message).toMatch(/components differ in size or precision/);
  });

  it('are found with an offset table, one fragment each, or by where codestreams begin', async () => {
    const frames = await Promise.all(
      [8, 7, 6].map(async (bits) => encode('encodeJpeg', { ...picture(bits), bitsStored: 8 })),
    );
    const [first, second, third] = frames as [Uint8Array, Uint8Array, Uint8Array];
    const halves = [first.slice(0, 100), first.slice(100), second, third];
    const even = (bytes: Uint8Array): number => bytes.length + (bytes.length % 2);
    const starts = [0, 8 + 100 + 8 + even(first.slice(100))];
    const offsets = [...starts, (starts[1] as number) + 8 + even(second)];
    const transferSyntax = '1.2.840.10008.1.2.4.70';
    const layouts = [
      { fragments: frames },
      { fragments: halves, offsets },
      { fragments: halves },
      { fragments: halves, offsets: [0, 1, 2] },
    ];
    for (const layout of layouts) {
      const file = dicomFile(attributes(picture(8), { NumberOfFrames: [3] }), { transferSyntax, ...layout });
      const image = openDicom(file, 'x');
      expect([...(await image.frame(3))]).toEqual(values(6));
      expect([...(await image.frame(1))]).toEqual(values(8));
    }
    const apart = dicomFile(attributes(picture(8), { NumberOfFrames: [5] }), { transferSyntax, fragments: halves });
    expect((await failureOf(() => openDicom(apart, 'x'))).message).toMatch(/cannot be divided into 5 frames/);
  });

  it('are found behind an extended offset table', async () => {
    const file = Buffer.from(
      dicomFile(attributes(picture(8)), {
        transferSyntax: '1.2.840.10008.1.2.4.70',
        fragments: [await encode('encodeJpeg', picture(8))],
      }),
    );
    const at = file.indexOf(Buffer.from([0xe0, 0x7f, 0x10, 0x00]));
    const tables = [1, 2].map((element) =>
      Buffer.from([0xe0, 0x7f, element, 0, 0x4f, 0x56, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    );
    const extended = Buffer.concat([file.subarray(0, at), ...tables, file.subarray(at)]);
    expect([...(await openDicom(extended, 'x').frame(1))]).toEqual(values(8));
  });

  it('are not decoded one by one where all together are out of proportion', async () => {
    const file = dicomFile(imageValues(2048, 2048, { NumberOfFrames: [500] }), {
      transferSyntax: '1.2.840.10008.1.2.4.90',
      fragments: Array.from({ length: 500 }, () => new Uint8Array(10)),
    });
    expect((await failureOf(() => openDicom(file, 'x'))).message).toMatch(/too few for 500 frames/);
  });

  it('of another size or kind than the data set says are refused, and so are damaged ones', async () => {
    const stream = await encode('encodeJpeg', picture(8));
    const open = (more: Values, bytes = stream, transferSyntax = '1.2.840.10008.1.2.4.70'): Promise<unknown> =>
      openDicom(dicomFile(attributes(picture(8), more), { transferSyntax, fragments: [bytes] }), 'x').frame(1);
    expect((await failureOf(() => open({ Rows: [HEIGHT + 1] }))).message).toMatch(
      /it has 20 x 12 pixels, the data set says 20 x 13/,
    );
    expect((await failureOf(() => open({ SamplesPerPixel: [3] }))).message).toMatch(
      /pixels have 1 samples, the data set says 3/,
    );
    expect((await failureOf(() => open({}, stream.slice(0, 10)))).message).toMatch(/frame 1 does not decode/);
    expect((await failureOf(() => open({}, new Uint8Array(64)))).message).toMatch(/header is missing/);
    expect((await failureOf(() => open({}, stream, '1.2.840.10008.1.2.4.90'))).message).toMatch(/header is missing/);
    // After failures the codecs still work.
    expect([...((await open({})) as Uint8Array)]).toEqual(values(8));
  });
});

describe('decodeLosslessJpeg', () => {
  it('decodes bare streams of 8 to 16 bits', async () => {
    for (const bits of [8, 12, 16]) {
      const decoded = await decodeLosslessJpeg(await encode('encodeJpeg', picture(bits)));
      expect({ ...decoded, pixels: [...decoded.pixels] }).toEqual({
        width: WIDTH,
        height: HEIGHT,
        bitsPerSample: bits,
        pixels: values(bits),
      });
    }
  });

  it('refuses other streams', async () => {
    await expect(decodeLosslessJpeg(new Uint8Array(10))).rejects.toThrow('not a JPEG stream');
    const lossy = await encode('encodeJpeg', picture(8), { lossy: true });
    await expect(decodeLosslessJpeg(lossy)).rejects.toThrow('not lossless');
    const colour = await encode('encodeJpeg', picture(8, 3));
    await expect(decodeLosslessJpeg(colour)).rejects.toThrow('3 components');
  });
});
