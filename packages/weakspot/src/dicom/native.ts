import { unreadableDicom } from './failure.js';
import type { PixelModule } from './pixel-module.js';
import { interleave, swapBytes } from './samples.js';

/**
 * Whether pairs of pixels share their colour samples: two Y, one Cb, one Cr (PS3.3 C.7.6.3.1.2). Some files say so and
 * hold three samples a pixel all the same; the length tells.
 *
 * @param length Bytes of all frames.
 * @throws WeakspotError `data` where the length is that of neither, or a row can't be of pairs.
 */
export function isSubsampled(module: PixelModule, length: number, file: string): boolean {
  const { photometricInterpretation, samplesPerPixel, bitsAllocated, rows, columns, frames, planar } = module;
  if (!/^YBR_(FULL|PARTIAL)_422$/.test(photometricInterpretation) || samplesPerPixel !== 3 || bitsAllocated < 8)
    return false;
  const plane = rows * columns * frames * (bitsAllocated / 8);
  if (length >= 3 * plane) return false;
  if (length !== 2 * plane)
    throw unreadableDicom(
      file,
      `its pixel data have ${length} bytes, not ${2 * plane} as colours that two pixels share, nor ${3 * plane} as a colour for each: it is truncated, or its header is wrong`,
    );
  if (columns % 2 !== 0) throw unreadableDicom(file, `two pixels share a colour, but a row has ${columns} pixels`);
  if (planar)
    throw unreadableDicom(
      file,
      'two pixels share a colour, but its header says that samples are stored plane by plane',
    );
  return true;
}

/** Bits of a frame of native pixel data. */
export function nativeFrameBits(module: PixelModule, subsampled: boolean): number {
  const samples = subsampled ? 2 : module.samplesPerPixel;
  return module.rows * module.columns * samples * module.bitsAllocated;
}

/** How native samples stand, beside what the data set says. */
export interface NativeLayout {
  readonly littleEndian: boolean;
  readonly subsampled: boolean;
}

/**
 * A frame of native pixel data as little-endian samples pixel by pixel; packed bits become bytes of 0 and 1, shared
 * colour samples are given to both pixels.
 *
 * @param data All frames; must be long enough.
 * @param index Of the frame, from 0.
 */
export function nativeFrame(
  data: Uint8Array,
  index: number,
  module: PixelModule,
  { littleEndian, subsampled }: NativeLayout,
): Uint8Array {
  const bits = nativeFrameBits(module, subsampled);
  // Frames of single bits follow each other without filling up the byte (PS3.5 section 8.1.1).
  if (module.bitsAllocated === 1) return unpack(data, index * bits, bits);
  const size = bits / 8;
  const frame = data.slice(index * size, (index + 1) * size);
  const bytesPerSample = module.bitsAllocated / 8;
  if (!littleEndian) swapBytes(frame, bytesPerSample);
  if (subsampled) return upsample(frame, bytesPerSample);
  return module.planar ? interleave(frame, module.samplesPerPixel, bytesPerSample) : frame;
}

function unpack(data: Uint8Array, from: number, count: number): Uint8Array {
  const bits = new Uint8Array(count);
  for (let i = 0; i < count; i++) bits[i] = ((data[(from + i) >> 3] as number) >> ((from + i) & 7)) & 1;
  return bits;
}

/** Two Y, Cb, Cr to two pixels each. */
function upsample(pairs: Uint8Array, bytesPerSample: number): Uint8Array {
  const result = new Uint8Array((pairs.length / 4) * 6);
  const order = [0, 2, 3, 1, 2, 3];
  for (let from = 0, to = 0; from < pairs.length; from += 4 * bytesPerSample) {
    for (const sample of order) {
      for (let byte = 0; byte < bytesPerSample; byte++)
        result[to++] = pairs[from + sample * bytesPerSample + byte] as number;
    }
  }
  return result;
}
