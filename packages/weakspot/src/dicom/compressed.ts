import type { CodecName } from './codec.js';
import { decodeFrame } from './codec.js';
import type { CodestreamHeader } from './codestream.js';
import { readJpeg2000Header, readJpegHeader } from './codestream.js';
import type { PixelModule } from './pixel-module.js';
import { decodeRle } from './rle.js';
import type { PixelEncoding } from './transfer-syntax.js';

type Compression = Exclude<PixelEncoding, 'native' | 'unsupported'>;

const CODECS: Readonly<Record<Exclude<Compression, 'rle'>, CodecName>> = {
  jpeg: 'decodeJpeg',
  'jpeg-ls': 'decodeJpegLs',
  'jpeg-2000': 'decodeJpeg2000',
  htj2k: 'decodeHtJpeg2000',
};

/**
 * Samples that a byte can stand for: of RLE two bytes are 128 samples; of JPEG a block of 64 takes two bits, of which a
 * progressive one needs a half. JPEG-LS and JPEG 2000 have no limit, so this is one that only empty images pass.
 */
const SAMPLES_PER_BYTE: Readonly<Record<Compression, number>> = {
  rle: 64,
  jpeg: 512,
  'jpeg-ls': 4096,
  'jpeg-2000': 4096,
  htj2k: 4096,
};
/** Fewer samples are decoded however few the bytes are. */
const SMALL = 2 ** 22;

export interface Decompressed {
  /** Little-endian samples of the bits that are allocated, pixel by pixel; of JPEG and JPEG-LS in the stream's colours. */
  readonly bytes: Uint8Array;
  /** Whether a cosine transform coded them: values may then lie beyond the bits that are stored. */
  readonly isDct: boolean;
}

/**
 * Decodes a compressed frame.
 *
 * @throws Error with the reason where it is damaged, truncated, or not of the size that the data set says.
 */
export async function decompress(bytes: Uint8Array, encoding: Compression, module: PixelModule): Promise<Decompressed> {
  const { rows, columns, samplesPerPixel, bitsAllocated } = module;
  const pixels = rows * columns;
  const samples = pixels * samplesPerPixel;
  if (samples > Math.max(SMALL, bytes.length * SAMPLES_PER_BYTE[encoding]))
    throw new Error(`${bytes.length} bytes are too few for ${columns} x ${rows} pixels`);
  if (encoding === 'rle') {
    return { bytes: decodeRle(bytes, pixels, samplesPerPixel, Math.ceil(bitsAllocated / 8)), isDct: false };
  }
  const isWavelet = encoding === 'jpeg-2000' || encoding === 'htj2k';
  const header = isWavelet ? readJpeg2000Header(bytes) : readJpegHeader(bytes);
  if (header === undefined) throw new Error('its header is missing or damaged');
  checkHeader(header, module);
  const decoded = await decodeFrame(CODECS[encoding], {
    bytes: encoding === 'jpeg-ls' ? ended(bytes) : bytes,
    width: columns,
    height: rows,
    samplesPerPixel,
    bitsAllocated: header.precision > 8 ? 16 : 8,
    bitsStored: header.precision,
    signed: module.signed,
  });
  return { bytes: widen(decoded, samples, bitsAllocated), isDct: encoding === 'jpeg' && header.process !== 3 };
}

/** With an end marker: without one the decoder of JPEG-LS looks for it in all of its memory, which takes half a minute. */
function ended(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length + 2);
  result.set(bytes);
  result.set([0xff, 0xd9], bytes.length);
  return result;
}

function checkHeader({ width, height, components, precision }: CodestreamHeader, module: PixelModule): void {
  const { rows, columns, samplesPerPixel, bitsAllocated } = module;
  if (width !== columns || height !== rows)
    throw new Error(`it is of ${width} x ${height} pixels, the data set says ${columns} x ${rows}`);
  if (components !== samplesPerPixel)
    throw new Error(`its pixels have ${components} samples, the data set says ${samplesPerPixel}`);
  if (precision > bitsAllocated || precision > 16)
    throw new Error(`its samples have ${precision} bits; at most ${Math.min(bitsAllocated, 16)} are read`);
}

/** Brings decoded samples to the bytes that the data set allocates. */
function widen(decoded: Uint8Array, samples: number, bitsAllocated: number): Uint8Array {
  const size = decoded.length / samples;
  const wanted = Math.ceil(bitsAllocated / 8);
  if ((size !== 1 && size !== 2) || size > wanted)
    throw new Error(`the codec returned ${decoded.length} bytes for ${samples} samples of ${bitsAllocated} bits`);
  if (size === wanted) return decoded;
  const result = new Uint8Array(samples * wanted);
  for (let i = 0; i < decoded.length; i++) result[Math.floor(i / size) * wanted + (i % size)] = decoded[i] as number;
  return result;
}
