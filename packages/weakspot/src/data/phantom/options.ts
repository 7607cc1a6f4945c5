import { WeakspotError } from '@weakspot/core';

/** What one phantom film depends on besides its seed and index. */
export interface PhantomFilmOptions {
  /** Side of the square film in pixels, 64 to 2048; 256 unless set. */
  readonly size?: number;
  /** Share of films with a lesion, 0 to 1; 0.5 unless set. */
  readonly positiveFraction?: number;
  /** Lesions add density, so that they are brighter than what is around them; unless set they add none. */
  readonly bright?: boolean;
}

/** A whole set of phantom films. */
export interface PhantomOptions extends PhantomFilmOptions {
  /** Number of films, at least 1. */
  readonly count: number;
  /** The seed that everything random comes from, an integer. */
  readonly seed: number;
}

const SMALLEST_SIDE = 64;
const LARGEST_SIDE = 2048;

/**
 * The film options with their defaults filled in.
 * @throws WeakspotError `usage` where a value is out of range.
 */
export function resolveFilmOptions(options: PhantomFilmOptions): Required<PhantomFilmOptions> {
  const size = options.size ?? 256;
  const positiveFraction = options.positiveFraction ?? 0.5;
  if (!Number.isInteger(size) || size < SMALLEST_SIDE || size > LARGEST_SIDE) {
    throw new WeakspotError('usage', `phantom size ${size} is not a whole number from 64 to 2048`, {
      hint: 'Give the side of the image in pixels, such as 256.',
    });
  }
  if (!(positiveFraction >= 0 && positiveFraction <= 1)) {
    throw new WeakspotError('usage', `positive fraction ${positiveFraction} is not between 0 and 1`, {
      hint: 'Give the share of images with a lesion, such as 0.5.',
    });
  }
  return { size, positiveFraction, bright: options.bright ?? false };
}

/** @throws WeakspotError `usage` where `value` is not an integer of at least `least`. */
export function requireInteger(what: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new WeakspotError('usage', `phantom ${what} ${value} is not a whole number of at least ${least}`, {
    hint: `Give a whole number as the ${what}.`,
  });
}
