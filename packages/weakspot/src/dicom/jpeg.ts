import type { CompressedFrame } from './codec.js';
import { decodeFrame } from './codec.js';
import { TRUNCATED } from './codestream.js';
import type { JpegStream } from './jpeg-stream.js';
import { LOSSLESS, readJpegHeader, readJpegStream } from './jpeg-stream.js';

/**
 * Decodes a JPEG stream of any process but JPEG-LS and arithmetic coding. One that lacks only its end marker is whole.
 *
 * @returns As `decodeFrame`.
 * @throws Error with the reason, where it is truncated or damaged.
 */
export async function decodeJpeg(stream: JpegStream, frame: CompressedFrame): Promise<Uint8Array> {
  if (stream.cut) throw new Error(TRUNCATED);
  const { samples, messages } = await decodeFrame('decodeJpeg', frame);
  for (const message of messages) {
    const defect = defectOf(message, stream.ended);
    if (defect !== undefined) throw new Error(defect);
  }
  return samples;
}

/** Bytes that may stand between the data and a missing end marker: half of it, and what fills up the fragment. */
const MAX_FILLING = 2;

/**
 * What a warning of libjpeg stands for, which goes on with grey where data are missing. Bytes left over behind the data
 * are harmless, unless the file was cut and filled with zeros, which decode to something.
 */
function defectOf(message: string, ended: boolean): string | undefined {
  if (/premature end of/i.test(message)) return TRUNCATED;
  if (/bad Huffman code|instead of RST|Inconsistent progression/.test(message)) return 'it is damaged';
  const leftOver = /Corrupt JPEG data: (\d+) extraneous bytes before marker 0xd9/.exec(message);
  return !ended && leftOver !== null && Number(leftOver[1]) > MAX_FILLING ? TRUNCATED : undefined;
}

/**
 * Checks that a bare JPEG file is whole: all of its scans, and data for all of their blocks.
 *
 * @returns Whether it could be looked into: one that is coded arithmetically, or not of 8 bits, can't.
 * @throws Error with the reason, where it is truncated or damaged.
 */
export async function checkJpeg(bytes: Uint8Array): Promise<boolean> {
  const stream = readJpegStream(bytes);
  if (stream === undefined) throw new Error('its header is missing or damaged');
  if (stream.cut) throw new Error(TRUNCATED);
  if (stream.process > LOSSLESS || stream.precision !== 8) return false;
  const { width, height, components: samplesPerPixel } = stream;
  const shape = { width, height, samplesPerPixel, bitsAllocated: 8, bitsStored: 8, signed: false };
  await decodeJpeg(stream, { bytes, ...shape });
  return true;
}

/** An image of a bare lossless JPEG stream. */
export interface LosslessJpeg {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  /** Row-major, one sample a pixel; 8-bit where `bitsPerSample` is at most 8. */
  readonly pixels: Uint8Array | Uint16Array;
}

/** More pixels than any film has; beyond lie damaged headers. */
const MAX_PIXELS = 2 ** 28;

/** Width and height of a bare stream of lossless JPEG, as its header says; undefined where it is something else. */
export function losslessJpegSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  const header = readJpegHeader(bytes);
  return header?.process === LOSSLESS ? { width: header.width, height: header.height } : undefined;
}

/**
 * Decodes a bare stream of lossless JPEG (ITU-T T.81 process 14, any predictor) of one component and 2 to 16 bits.
 *
 * @throws Error with the reason, where it is something else, truncated or damaged.
 */
export async function decodeLosslessJpeg(bytes: Uint8Array): Promise<LosslessJpeg> {
  const stream = readJpegStream(bytes);
  if (stream === undefined) throw new Error('not a JPEG stream, or its header is damaged');
  checkLossless(stream, bytes.length);
  const { width, height, precision } = stream;
  const bitsAllocated = precision > 8 ? 16 : 8;
  const shape = { width, height, samplesPerPixel: 1, bitsAllocated, bitsStored: precision, signed: false };
  const data = await decodeJpeg(stream, { bytes, ...shape });
  if (data.length !== (width * height * bitsAllocated) / 8)
    throw new Error(`${data.length} bytes for ${width} x ${height} samples of ${bitsAllocated} bits`);
  // The codec writes little endian, as every machine is that Node runs on.
  const pixels = bitsAllocated === 16 ? new Uint16Array(data.buffer, data.byteOffset, width * height) : data;
  return { width, height, bitsPerSample: precision, pixels };
}

function checkLossless(stream: JpegStream, bytes: number): void {
  const { process, components, width, height, precision } = stream;
  if (process !== LOSSLESS) throw new Error('this JPEG stream is not lossless');
  if (components !== 1) throw new Error(`it has ${components} components, not one`);
  if (precision < 2 || precision > 16) throw new Error(`its header says ${precision} bits a sample`);
  if (width * height === 0 || width * height > MAX_PIXELS)
    throw new Error(`its header says ${width} x ${height} pixels`);
  // A sample takes a bit at least.
  if (width * height > 8 * bytes) throw new Error(TRUNCATED);
}
