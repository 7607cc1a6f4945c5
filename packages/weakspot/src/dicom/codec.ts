import type { CodestreamHeader } from './codestream.js';
import { readJpegHeader } from './codestream.js';

/** A compressed frame and what its data set says of it. */
export interface CompressedFrame {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly samplesPerPixel: number;
  /** 8 or 16. */
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly signed: boolean;
}

/** A decoder of the codec library. */
export type CodecName = 'decodeJpeg' | 'decodeJpegLs' | 'decodeJpeg2000' | 'decodeHtJpeg2000';

/**
 * Decodes one compressed frame. The codecs are WebAssembly from the package's own file, loaded when first needed; their
 * own messages are switched off. A failure may leave them in disorder, so they are loaded anew after one.
 *
 * @returns Little-endian samples of 8 or 16 bits, pixel by pixel. YCbCr of JPEG stays YCbCr; the colour transforms of
 * JPEG 2000, which are part of its codestream, are undone.
 * @throws Error with the codec's reason.
 */
export async function decodeFrame(codec: CodecName, frame: CompressedFrame): Promise<Uint8Array> {
  const { NativeCodecs, Context, log } = (await import('dcmjs-codecs')).default;
  log.setLevel('silent', false);
  // A loop: between loading and use, the failure of another frame may have unloaded them.
  while (!NativeCodecs.isInitialized()) await NativeCodecs.initializeAsync();
  try {
    const context = new Context({
      width: frame.width,
      height: frame.height,
      bitsAllocated: frame.bitsAllocated,
      bitsStored: frame.bitsStored,
      samplesPerPixel: frame.samplesPerPixel,
      pixelRepresentation: frame.signed ? 1 : 0,
      planarConfiguration: 0,
      photometricInterpretation: frame.samplesPerPixel === 1 ? 'MONOCHROME2' : 'RGB',
      encodedBuffer: frame.bytes,
    });
    const decoded = NativeCodecs[codec](context).getDecodedBuffer();
    if (decoded === undefined) throw new Error('the codec returned no samples');
    return decoded;
  } catch (error) {
    NativeCodecs.release();
    throw error;
  }
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
  return header?.process === 3 ? { width: header.width, height: header.height } : undefined;
}

/**
 * Decodes a bare stream of lossless JPEG (ITU-T T.81 process 14, any predictor) of one component and 2 to 16 bits.
 *
 * @throws Error with the reason, where it is something else, truncated or damaged.
 */
export async function decodeLosslessJpeg(bytes: Uint8Array): Promise<LosslessJpeg> {
  const header = readJpegHeader(bytes);
  if (header === undefined) throw new Error('not a JPEG stream, or its header is damaged');
  checkLossless(header, bytes.length);
  const { width, height, precision } = header;
  const bitsAllocated = precision > 8 ? 16 : 8;
  const shape = { width, height, samplesPerPixel: 1, bitsAllocated, bitsStored: precision, signed: false };
  const data = await decodeFrame('decodeJpeg', { bytes, ...shape });
  if (data.length !== (width * height * bitsAllocated) / 8)
    throw new Error(`${data.length} bytes for ${width} x ${height} samples of ${bitsAllocated} bits`);
  // The codec writes little endian, as every machine is that Node runs on.
  const pixels = bitsAllocated === 16 ? new Uint16Array(data.buffer, data.byteOffset, width * height) : data;
  return { width, height, bitsPerSample: precision, pixels };
}

function checkLossless(header: CodestreamHeader, bytes: number): void {
  const { process, components, width, height, precision } = header;
  if (process !== 3) throw new Error('this JPEG stream is not lossless');
  if (components !== 1) throw new Error(`it has ${components} components, not one`);
  if (precision < 2 || precision > 16) throw new Error(`its header says ${precision} bits a sample`);
  if (width * height === 0 || width * height > MAX_PIXELS)
    throw new Error(`its header says ${width} x ${height} pixels`);
  // A sample takes a bit at least.
  if (width * height > 8 * bytes) throw new Error('it is truncated');
}
