import { messageOf } from '@weakspot/core';
import type { CompressedFrame } from './codec.js';
import { decodeFrame } from './codec.js';
import type { Codestream } from './codestream.js';
import { TRUNCATED } from './codestream.js';
import { decodeJpeg } from './jpeg.js';
import type { Jpeg2000Stream } from './jpeg2000-stream.js';
import { readJpeg2000Stream } from './jpeg2000-stream.js';
import { decodeJpegLs } from './jpeg-ls.js';
import { readJpegStream } from './jpeg-stream.js';
import type { PixelModule } from './pixel-module.js';
import { decodeRle } from './rle.js';
import { interleave, interleaveRows } from './samples.js';
import type { CodedBits } from './stored-bits.js';
import type { PixelEncoding } from './transfer-syntax.js';

export type Compression = Exclude<PixelEncoding, 'native' | 'unsupported'>;

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
  /** What the stream says of its bits; RLE says nothing. */
  readonly coded: CodedBits | undefined;
}

/** What a compressed frame says of itself; undefined for RLE, and where its header is missing or damaged. */
export function readCodestream(bytes: Uint8Array, encoding: Compression): Codestream | undefined {
  if (encoding === 'rle') return undefined;
  return encoding === 'jpeg' || encoding === 'jpeg-ls' ? readJpegStream(bytes) : readJpeg2000Stream(bytes);
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
    return { bytes: decodeRle(bytes, pixels, samplesPerPixel, Math.ceil(bitsAllocated / 8)), coded: undefined };
  }
  const decoded = await decoders[encoding](bytes, module);
  return { bytes: resize(decoded.bytes, samples, bitsAllocated), coded: decoded.coded };
}

const decoders = { jpeg, 'jpeg-ls': jpegLs, 'jpeg-2000': jpeg2000, htj2k };

async function jpeg(bytes: Uint8Array, module: PixelModule): Promise<Decompressed> {
  const stream = checked(readJpegStream(bytes), module);
  return { bytes: await decodeJpeg(stream, frameOf(stream, bytes)), coded: stream };
}

async function jpegLs(bytes: Uint8Array, module: PixelModule): Promise<Decompressed> {
  const stream = checked(readJpegStream(bytes), module);
  const frame = frameOf(stream, bytes);
  const decoded = await decodeJpegLs(stream, frame);
  const width = frame.bitsAllocated / 8;
  return { bytes: stream.planar ? interleave(decoded, stream.components, width) : decoded, coded: stream };
}

async function jpeg2000(bytes: Uint8Array, module: PixelModule): Promise<Decompressed> {
  const stream = checked2000(readJpeg2000Stream(bytes), module);
  // The codec returns no others.
  if (stream.components === 4 || (stream.components === 3 && stream.precision > 8))
    throw new Error(`JPEG 2000 of ${stream.components} components of ${stream.precision} bits is not supported`);
  const frame = frameOf(stream, completed(bytes, stream));
  const { samples } = await decodeFrame('decodeJpeg2000', frame).catch((error: unknown) => {
    const isShort = /too long|too short|inconsistent with stream length/i.test(messageOf(error));
    throw isShort ? new Error('it is truncated or damaged', { cause: error }) : error;
  });
  return { bytes: samples, coded: stream };
}

async function htj2k(bytes: Uint8Array, module: PixelModule): Promise<Decompressed> {
  const stream = checked2000(readJpeg2000Stream(bytes), module);
  if (stream.open && !stream.ended) throw new Error(TRUNCATED);
  const frame = frameOf(stream, bytes);
  // The codec cuts samples of 8 bits off at 0 and 255.
  const bitsAllocated = stream.signed ? 16 : frame.bitsAllocated;
  const { samples } = await decodeFrame('decodeHtJpeg2000', { ...frame, bitsAllocated });
  // Without a transform of components it pulls the rows of one after those of the other, and takes them for rows of all.
  const isByComponent = stream.components > 1 && !stream.transformed;
  const width = bitsAllocated / 8;
  return {
    bytes: isByComponent ? interleaveRows(samples, stream.components, stream.width, width) : samples,
    coded: stream,
  };
}

/** Of the bits and size that the stream says. */
function frameOf({ width, height, components, precision, signed }: Codestream, bytes: Uint8Array): CompressedFrame {
  const bitsAllocated = precision > 8 ? 16 : 8;
  return { bytes, width, height, samplesPerPixel: components, bitsAllocated, bitsStored: precision, signed };
}

/** With an end marker, which OpenJPEG insists on. */
function completed(bytes: Uint8Array, { ended, end }: Jpeg2000Stream): Uint8Array {
  if (ended) return bytes;
  const result = new Uint8Array(end + 2);
  result.set(bytes.subarray(0, end));
  result.set([0xff, 0xd9], end);
  return result;
}

function checked2000(stream: Jpeg2000Stream | undefined, module: PixelModule): Jpeg2000Stream {
  const known = checked(stream, module);
  if (known.uneven) throw new Error('its components differ in size or precision, which is not supported');
  if (known.cut) throw new Error(TRUNCATED);
  return known;
}

function checked<T extends Codestream>(stream: T | undefined, module: PixelModule): T {
  if (stream === undefined) throw new Error('its header is missing or damaged');
  const { width, height, components, precision } = stream;
  const { rows, columns, samplesPerPixel, bitsAllocated } = module;
  if (width !== columns || height !== rows)
    throw new Error(`it has ${width} x ${height} pixels, the data set says ${columns} x ${rows}`);
  if (components !== samplesPerPixel)
    throw new Error(`its pixels have ${components} samples, the data set says ${samplesPerPixel}`);
  if (precision > bitsAllocated || precision > 16)
    throw new Error(`its samples have ${precision} bits; at most ${Math.min(bitsAllocated, 16)} are supported`);
  return stream;
}

/** Brings decoded samples to the bytes that the data set allocates; higher bytes are zero or left out. */
function resize(decoded: Uint8Array, samples: number, bitsAllocated: number): Uint8Array {
  const size = decoded.length / samples;
  const wanted = Math.ceil(bitsAllocated / 8);
  if (size !== 1 && size !== 2)
    throw new Error(`the codec returned ${decoded.length} bytes for ${samples} samples of ${bitsAllocated} bits`);
  if (size === wanted) return decoded;
  const result = new Uint8Array(samples * wanted);
  for (let i = 0; i < samples; i++) {
    for (let byte = 0; byte < Math.min(size, wanted); byte++)
      result[i * wanted + byte] = decoded[i * size + byte] as number;
  }
  return result;
}
