import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { WeakspotError } from './errors.js';

/**
 * Random numbers of one named stream of a run's seed.
 *
 * A stream is addressed by its seed and a path of labels and counters, such as `(seed, 'shuffle', epoch)`. Equal
 * addresses give equal numbers and different ones independent numbers, so nothing has to be saved for a resumed run
 * to draw what the run never stopped would have drawn.
 */
export class Random {
  readonly #generator: RandomGenerator;
  #spare: number | undefined;

  constructor(seed: number, ...path: readonly (string | number)[]) {
    this.#generator = xoroshiro128plusFromState(hashState(seed, path));
  }

  /** Uniform 32-bit integer, signed. */
  bits(): number {
    return this.#generator.next();
  }

  /** Uniform in [0, 1), with 24 random bits. */
  uniform(): number {
    return (this.#generator.next() >>> 8) / 0x1000000;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /**
   * Uniform integer in [0, bound).
   * @throws WeakspotError `usage` unless the bound is an integer from 1.
   */
  integer(bound: number): number {
    if (!Number.isSafeInteger(bound) || bound < 1) {
      throw new WeakspotError('usage', `There is no random integer in [0, ${bound}).`);
    }
    return uniformInt(this.#generator, 0, bound - 1);
  }

  /** Normal with mean 0 and standard deviation 1 (Box-Muller, both values used). */
  normal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare;
      this.#spare = undefined;
      return value;
    }
    // 1 - u lies in (0, 1], so the logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = items[i] as T;
      items[i] = items[j] as T;
      items[j] = held;
    }
    return items;
  }
}

/** 128 bits of state from the stream's address: four multiplicative hashes of its text, each finished by mixing. */
function hashState(seed: number, path: readonly (string | number)[]): [number, number, number, number] {
  let [a, b, c, d] = [0x811c9dc5, 0x9e3779b9, 0x7f4a7c15, 0x94d049bb];
  const text = JSON.stringify([seed, ...path]);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
    c = Math.imul(c ^ code, 0xc2b2ae35);
    d = Math.imul(d ^ code, 0x27d4eb2f);
  }
  const state: [number, number, number, number] = [
    mix(a ^ (d >>> 7)),
    mix(b ^ (a >>> 9)),
    mix(c ^ (b >>> 5)),
    mix(d ^ (c >>> 11)),
  ];
  // The all-zero state is the generator's fixed point.
  return state.every((x) => x === 0) ? [1, 2, 3, 4] : state;
}

/** A 32-bit finalizer: every input bit changes about half of the output bits. */
function mix(value: number): number {
  let x = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}
