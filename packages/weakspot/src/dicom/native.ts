import type { PixelModule } from './pixel-module.js';
import { interleave, swapBytes } from './samples.js';

/** Whether pairs of pixels share their colour samples: two Y, one Cb, one Cr (PS3.3 C.7.6.3.1.2). */
function isSubsampled({ photometricInterpretation, samplesPerPixel, bitsAllocated }: PixelModule): boolean {
  return photometricInterpretation === 'YBR_FULL_422' && samplesPerPixel === 3 && bitsAllocated === 8;
}

/** Bits of a frame of native pixel data. */
export function nativeFrameBits(module: PixelModule): number {
  const samples = isSubsampled(module) ? 2 : module.samplesPerPixel;
  return module.rows * module.columns * samples * module.bitsAllocated;
}

/**
 * A frame of native pixel data as little-endian samples pixel by pixel; packed bits become bytes of 0 and 1, shared
 * colour samples are given to both pixels.
 *
 * @param data All frames; must be long enough.
 * @param index Of the frame, from 0.
 */
export function nativeFrame(data: Uint8Array, index: number, module: PixelModule, littleEndian: boolean): Uint8Array {
  const bits = nativeFrameBits(module);
  // Frames of single bits follow each other without filling up the byte (PS3.5 section 8.1.1).
  if (module.bitsAllocated === 1) return unpack(data, index * bits, bits);
  const size = bits / 8;
  const frame = data.slice(index * size, (index + 1) * size);
  const bytesPerSample = module.bitsAllocated / 8;
  if (!littleEndian) swapBytes(frame, bytesPerSample);
  if (isSubsampled(module)) return upsample(frame);
  return module.planar ? interleave(frame, module.samplesPerPixel, bytesPerSample) : frame;
}

function unpack(data: Uint8Array, from: number, count: number): Uint8Array {
  const bits = new Uint8Array(count);
  for (let i = 0; i < count; i++) bits[i] = ((data[(from + i) >> 3] as number) >> ((from + i) & 7)) & 1;
  return bits;
}

function upsample(pairs: Uint8Array): Uint8Array {
  const result = new Uint8Array((pairs.length / 4) * 6);
  for (let from = 0, to = 0; from + 3 < pairs.length; from += 4, to += 6) {
    result[to] = pairs[from] as number;
    result[to + 3] = pairs[from + 1] as number;
    result[to + 1] = result[to + 4] = pairs[from + 2] as number;
    result[to + 2] = result[to + 5] = pairs[from + 3] as number;
  }
  return result;
}
