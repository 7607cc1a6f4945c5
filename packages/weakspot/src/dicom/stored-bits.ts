import type { PixelModule } from './pixel-module.js';
import type { Samples } from './samples.js';

export type BitModule = Pick<PixelModule, 'bitsStored' | 'highBit' | 'signed'>;

/** The lowest and highest value that the stored bits can hold. */
export function storedRange({ bitsStored, signed }: Pick<PixelModule, 'bitsStored' | 'signed'>): [number, number] {
  return signed ? [-(2 ** (bitsStored - 1)), 2 ** (bitsStored - 1) - 1] : [0, 2 ** bitsStored - 1];
}

/**
 * Integer samples with only the stored bits (PS3.5 section 8.1.1), moved to the lowest and extended by their sign: what
 * else stands in the allocated bits, as an overlay of old files, is gone. In place.
 */
export function cleanBits(samples: Samples, { bitsStored, highBit, signed }: BitModule): Samples {
  const up = 31 - highBit;
  const down = 32 - bitsStored;
  for (let i = 0; i < samples.length; i++) {
    const moved = (samples[i] as number) << up;
    samples[i] = signed ? moved >> down : moved >>> down;
  }
  return samples;
}

/** What a codestream says of the bits of its samples. */
export interface CodedBits {
  readonly precision: number;
  readonly signed: boolean;
  readonly lossless: boolean;
}

/**
 * Decoded samples as the data set's bits. A stream of no more bits than are stored holds values of its own precision: their
 * sign, where the data set has one, is the highest bit of that. Of more bits, a lossy one may hold values beyond those
 * stored, which come back into their range; a lossless one whose values need its bits contradicts the data set, and holds. In
 * place.
 */
export function conformBits(samples: Samples, module: BitModule, coded: CodedBits): Samples {
  const { precision, lossless } = coded;
  if (precision > module.bitsStored && lossless && fitsStoredBits(samples, module)) return cleanBits(samples, module);
  extendFrom(samples, module, coded);
  if (precision <= module.bitsStored || lossless) return samples;
  const [lowest, highest] = storedRange(module);
  for (let i = 0; i < samples.length; i++) samples[i] = Math.min(Math.max(samples[i] as number, lowest), highest);
  return samples;
}

/** Samples with the sign that the data set says, from the highest bit of the stream's precision. In place. */
export function extendFrom(samples: Samples, { signed }: Pick<BitModule, 'signed'>, coded: CodedBits): Samples {
  const { precision } = coded;
  if (!signed && !coded.signed) return samples;
  return cleanBits(samples, { bitsStored: precision, highBit: precision - 1, signed });
}

/** Whether all bits above those stored are zero, or all equal to the sign. */
function fitsStoredBits(samples: Samples, { bitsStored, highBit }: BitModule): boolean {
  if (highBit !== bitsStored - 1) return true;
  const [zero, half] = [2 ** bitsStored, 2 ** (bitsStored - 1)];
  const mask = 8 * samples.BYTES_PER_ELEMENT;
  return samples.every((value) => {
    const signed = (value << (32 - mask)) >> (32 - mask);
    return (value >= 0 && value < zero) || (signed >= -half && signed < half);
  });
}
