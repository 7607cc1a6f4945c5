import type { PixelModule } from './pixel-module.js';
import type { Samples } from './samples.js';

type BitModule = Pick<PixelModule, 'bitsStored' | 'highBit' | 'signed'>;

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

/** Integer samples brought into the range of the stored bits. In place. */
export function clampBits(samples: Samples, module: BitModule): Samples {
  const [lowest, highest] = storedRange(module);
  for (let i = 0; i < samples.length; i++) samples[i] = Math.min(Math.max(samples[i] as number, lowest), highest);
  return samples;
}
