import { describe, expect, it } from 'vitest';
import { decodeLosslessJpeg } from './jpeg.js';
import { openDicom } from './open.js';
import type { Picture } from './testing/codestreams.js';
import { encode } from './testing/codestreams.js';
import { failureOf } from './testing/failure.js';
import { dicomFile, imageValues, words } from './testing/file.js';
import type { FlatJpeg } from './testing/jpeg.js';
import { flatJpeg } from './testing/jpeg.js';

const [WIDTH, HEIGHT] = [64, 48];
const EOI = Uint8Array.of(0xff, 0xd9);

/** A stream and what it is in DICOM. */
interface Sample {
  readonly name: string;
  readonly transferSyntax: string;
  readonly bits: number;
  readonly samples: number;
  /** Where the compressed data begin: a cut before may also be called a damaged header. */
  readonly stream: Uint8Array;
}

const joined = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

function picture(bits: 8 | 16, samples = 1): Picture {
  const pixels = Array.from({ length: WIDTH * HEIGHT * samples }, (_, i) => (i * 2654435761) % 2 ** bits);
  const bytes = bits === 16 ? words(pixels) : Uint8Array.from(pixels);
  return { width: WIDTH, height: HEIGHT, samplesPerPixel: samples, bitsAllocated: bits, bitsStored: bits, bytes };
}

function flat(process: 0 | 1 | 2, precision: 8 | 12, more: Partial<FlatJpeg> = {}): ReturnType<typeof flatJpeg> {
  const level = (column: number, row: number): number => ((column * 37 + row * 91) % 200) - 100;
  return flatJpeg({
    width: WIDTH,
    height: HEIGHT,
    precision,
    process,
    components: [{ id: 1, h: 1, v: 1, level }],
    ...more,
  });
}

const level = (column: number, row: number): number => ((column * 53 + row * 29) % 120) - 60;
const THREE: FlatJpeg['components'] = [1, 2, 3].map((id) => ({ id, h: id === 1 ? 2 : 1, v: 1, level }));

/** A stream of every coding; of JPEG with one scan, several, and restarts. */
async function samplesOfAll(): Promise<Sample[]> {
  const jpeg = (name: string, transferSyntax: string, bits: number, stream: Uint8Array, samples = 1): Sample => ({
    name,
    transferSyntax: `1.2.840.10008.1.2.4.${transferSyntax}`,
    bits,
    samples,
    stream: new Uint8Array(stream),
  });
  return [
    jpeg('baseline', '50', 8, flat(0, 8).whole),
    jpeg('baseline with restarts', '50', 8, flat(0, 8, { restart: 8 }).whole),
    jpeg('baseline of subsampled colours', '50', 8, flat(0, 8, { components: THREE }).whole, 3),
    jpeg('baseline of a scan for each colour', '50', 8, flat(0, 8, { components: THREE, apart: true }).whole, 3),
    jpeg('extended', '51', 12, flat(1, 12).whole),
    jpeg('progressive', '55', 8, flat(2, 8).whole),
    jpeg('progressive of colours', '55', 8, flat(2, 8, { components: THREE }).whole, 3),
    jpeg('lossless', '70', 8, await encode('encodeJpeg', picture(8))),
    jpeg('lossless of 16 bits', '57', 16, await encode('encodeJpeg', picture(16), { lossy: false, predictor: 6 })),
    jpeg('lossless of colours', '70', 8, await encode('encodeJpeg', picture(8, 3)), 3),
    jpeg('JPEG-LS', '80', 8, await encode('encodeJpegLs', picture(8))),
    jpeg(
      'JPEG-LS of 16 bits',
      '81',
      16,
      await encode('encodeJpegLs', picture(16), { lossy: true, allowedLossyError: 2 }),
    ),
    jpeg('JPEG 2000', '90', 8, await encode('encodeJpeg2000', picture(8))),
    jpeg('JPEG 2000 of 16 bits', '91', 16, await encode('encodeJpeg2000', picture(16), { lossy: true, rate: 5 })),
    jpeg(
      'JPEG 2000 whose tile part has no length',
      '90',
      16,
      withoutLengths(await encode('encodeJpeg2000', picture(16))),
    ),
    jpeg('High-Throughput', '201', 8, await encode('encodeHtJpeg2000', picture(8))),
    jpeg('High-Throughput of 16 bits', '203', 16, await encode('encodeHtJpeg2000', picture(16), { lossy: true })),
  ];
}

/** The length of the only tile part of JPEG 2000 set to 0: up to the end marker. */
function withoutLengths(stream: Uint8Array): Uint8Array {
  const at = Buffer.from(stream).indexOf(Buffer.from([0xff, 0x90]));
  return stream.slice().fill(0, at + 6, at + 10);
}

function fileOf({ transferSyntax, bits, samples }: Sample, ...frames: Uint8Array[]): Uint8Array {
  const values = imageValues(WIDTH, HEIGHT, {
    SamplesPerPixel: [samples],
    PhotometricInterpretation: samples === 1 ? 'MONOCHROME2' : 'YBR_FULL',
    BitsAllocated: [bits > 8 ? 16 : 8],
    BitsStored: [bits],
    HighBit: [bits - 1],
    NumberOfFrames: [frames.length],
  });
  return dicomFile(values, { transferSyntax, fragments: frames });
}

const frameOf = async (file: Uint8Array, frame = 1): Promise<number[]> => [
  ...(await openDicom(file, 'film.dcm').frame(frame)),
];

const REFUSED = /^film\.dcm: its frame 1 does not decode \(.*\): (it is truncated|it is damaged|its header is missing)/;

describe('a truncated frame', async () => {
  const all = await samplesOfAll();

  it.each(all)('of $name is refused wherever it is cut, with an end marker put back too', async (sample) => {
    const { stream } = sample;
    const whole = await frameOf(fileOf(sample, stream));
    const cuts = [0.02, 0.3, 0.9].map((part) => Math.floor(part * stream.length));
    for (const cut of [...cuts, stream.length - 6]) {
      const [open, closed] = [stream.slice(0, cut), joined(stream.slice(0, cut), EOI)];
      const failure = await failureOf(() => frameOf(fileOf(sample, open)));
      expect(failure.message, `${cut} of ${stream.length}`).toMatch(REFUSED);
      // A codec may come upon the end marker within a header, and name that.
      expect((await failureOf(() => frameOf(fileOf(sample, closed)))).message).toMatch(/its frame 1 does not decode/);
    }
    expect(await frameOf(fileOf(sample, stream)), 'after failures').toEqual(whole);
  });

  it.each(all.filter(({ name }) => !/no length/.test(name)))(
    'of $name that lacks only its end marker, or half of it, is whole',
    async (sample) => {
      const { stream } = sample;
      expect(stream.slice(-2)).toEqual(EOI);
      const whole = await frameOf(fileOf(sample, stream));
      expect(await frameOf(fileOf(sample, stream.slice(0, -2)))).toEqual(whole);
      expect(await frameOf(fileOf(sample, stream.slice(0, -1)))).toEqual(whole);
    },
  );

  it.each(all)('of $name is refused in an item that runs past the end of the file', async (sample) => {
    const file = fileOf(sample, sample.stream);
    const failure = await failureOf(() => frameOf(file.slice(0, file.length - sample.stream.length / 2)));
    expect(failure.message).toMatch(REFUSED);
    // The delimiter's 8 bytes, what fills up the item, and the end marker.
    const lacking = 8 + (sample.stream.length % 2) + 2;
    if (!/no length/.test(sample.name)) expect(await frameOf(file.slice(0, -lacking))).toEqual(await frameOf(file));
  });

  it('does not keep the others from being read', async () => {
    const [sample] = all as [Sample];
    const file = fileOf(sample, sample.stream, sample.stream.slice(0, -30), sample.stream);
    const whole = await frameOf(fileOf(sample, sample.stream));
    expect(await frameOf(file, 1)).toEqual(whole);
    expect(await frameOf(file, 3)).toEqual(whole);
    expect((await failureOf(() => frameOf(file, 2))).message).toMatch(/its frame 2 does not decode .* it is truncated/);
  });

  it('of JPEG is told by scans that are missing', async () => {
    const open = async (sample: Sample, stream: Uint8Array): Promise<number[]> => frameOf(fileOf(sample, stream));
    const apart = all.find(({ name }) => name.includes('for each colour')) as Sample;
    const { head, scans } = flat(0, 8, { components: THREE, apart: true });
    expect(await open(apart, joined(head, ...scans))).toEqual(await open(apart, apart.stream));
    for (const bytes of [joined(head, ...scans.slice(0, 2)), joined(head, ...scans.slice(0, 2), EOI)])
      expect((await failureOf(() => open(apart, bytes))).message).toMatch(/it is truncated$/);
    const progressive = all.find(({ name }) => name === 'progressive of colours') as Sample;
    const refined = flat(2, 8, { components: THREE });
    expect(refined.scans).toHaveLength(4);
    for (const count of [1, 2, 3]) {
      const short = joined(refined.head, ...refined.scans.slice(0, count));
      for (const bytes of [short, joined(short, EOI)])
        expect((await failureOf(() => open(progressive, bytes))).message).toMatch(/it is truncated$/);
    }
  });

  it('of JPEG is told where zeros fill up the file, or a restart interval is lost', async () => {
    const [sample] = all as [Sample];
    const zeros = joined(sample.stream.slice(0, -30), new Uint8Array(4000));
    expect((await failureOf(() => frameOf(fileOf(sample, zeros)))).message).toMatch(/it is truncated$/);
    const stream = flat(0, 8, { restart: 8 }).whole;
    const restarts = [...stream.keys()].filter(
      (i) => stream[i] === 0xff && ((stream[i + 1] as number) & 0xf8) === 0xd0,
    );
    expect(restarts).toHaveLength(5);
    const lost = joined(stream.slice(0, restarts[1]), stream.slice(restarts[2]));
    expect((await failureOf(() => frameOf(fileOf(sample, lost)))).message).toMatch(/it is (damaged|truncated)$/);
  });

  it('of JPEG 2000 is told where zeros fill up the tile part', async () => {
    const sample = all.find(({ name }) => name === 'JPEG 2000') as Sample;
    for (const part of [0.5, 0.9]) {
      const filled = sample.stream.slice().fill(0, Math.min(part * sample.stream.length, sample.stream.length - 20));
      expect((await failureOf(() => frameOf(fileOf(sample, filled)))).message).toMatch(/it is truncated$/);
    }
  });

  it('of JPEG 2000 is told by tiles that are missing, and an end marker within a tile part', async () => {
    const sample = all.find(({ name }) => name === 'JPEG 2000') as Sample;
    const short = joined(sample.stream.slice(0, -3), EOI);
    expect((await failureOf(() => frameOf(fileOf(sample, short)))).message).toMatch(/it is truncated$/);
    const stream = sample.stream.slice();
    // Tiles of half the width (T.800 A.5.1: XTsiz), of which the stream holds one.
    new DataView(stream.buffer).setUint32(24, WIDTH / 2);
    expect((await failureOf(() => frameOf(fileOf(sample, stream)))).message).toMatch(/it is truncated$/);
  });

  it('of RLE is refused', async () => {
    const sample: Sample = {
      name: 'RLE',
      transferSyntax: '1.2.840.10008.1.2.5',
      bits: 8,
      samples: 1,
      stream: new Uint8Array(),
    };
    const header = new Uint8Array(new Uint32Array([1, 64, ...Array.from({ length: 14 }, () => 0)]).buffer);
    const rows = Array.from({ length: HEIGHT }, (_, row) =>
      joined(Uint8Array.of(WIDTH - 1), new Uint8Array(WIDTH).fill(row)),
    );
    const stream = joined(header, ...rows);
    expect((await frameOf(fileOf(sample, stream))).slice(-1)).toEqual([HEIGHT - 1]);
    for (const cut of [2, WIDTH, WIDTH * 20])
      expect((await failureOf(() => frameOf(fileOf(sample, stream.slice(0, -cut))))).message).toMatch(
        /its frame 1 does not decode \(RLE Lossless\): it is truncated/,
      );
  });

  it('is refused as a bare lossless JPEG', async () => {
    const { stream } = all.find(({ name }) => name === 'lossless of 16 bits') as Sample;
    const whole = await decodeLosslessJpeg(stream);
    expect(await decodeLosslessJpeg(stream.slice(0, -2))).toEqual(whole);
    for (const part of [0.3, 0.6, 0.99]) {
      const cut = stream.slice(0, part * stream.length);
      await expect(decodeLosslessJpeg(cut)).rejects.toThrow('it is truncated');
      await expect(decodeLosslessJpeg(joined(cut, EOI))).rejects.toThrow('it is truncated');
    }
  });
});
