import type { Random } from '@weakspot/core';

/** Value noise: a lattice of uniform numbers in [-1, 1], joined smoothly. */
export class Lattice {
  readonly #cells: number;
  readonly #values: Float32Array;

  /** @param cells lattice cells along each side of the unit square. */
  constructor(random: Random, cells: number) {
    this.#cells = cells;
    this.#values = Float32Array.from({ length: (cells + 1) ** 2 }, () => random.between(-1, 1));
  }

  /** The noise at (u, v) in the unit square, in [-1, 1]; places outside of it take the value of its border. */
  at(u: number, v: number): number {
    const cells = this.#cells;
    const x = Math.min(0.999999, Math.max(0, u)) * cells;
    const y = Math.min(0.999999, Math.max(0, v)) * cells;
    const column = Math.floor(x);
    const row = Math.floor(y);
    const fx = x - column;
    const fy = y - row;
    const sx = fx * fx * (3 - 2 * fx);
    const sy = fy * fy * (3 - 2 * fy);
    const values = this.#values;
    const base = row * (cells + 1) + column;
    const upper = values[base]! + sx * (values[base + 1]! - values[base]!);
    const lower = values[base + cells + 1]! + sx * (values[base + cells + 2]! - values[base + cells + 1]!);
    return upper + sy * (lower - upper);
  }
}

/**
 * Unit-variance, nearly normal noise of a film, `[row][column]`, a little correlated between neighbours, as a film's
 * grain and a detector's blur make it.
 */
export function filmGrain(random: Random, size: number): Float32Array {
  const white = new Float32Array(size * size);
  for (let i = 0; i < white.length; i++) {
    // The sum of four random bytes: one draw a pixel, normal to within 1 % out to two deviations.
    const bits = random.bits();
    const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
    white[i] = (sum - 510) / 147.8;
  }
  const grain = new Float32Array(size * size);
  // Weights 1 for the pixel and 0.35 for its right and lower neighbours, over the root of their sum of squares.
  const norm = 1 / Math.sqrt(1 + 2 * 0.35 ** 2);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const at = row * size + column;
      const right = column + 1 < size ? at + 1 : at - column;
      const below = row + 1 < size ? at + size : column;
      grain[at] = norm * (white[at]! + 0.35 * (white[right]! + white[below]!));
    }
  }
  return grain;
}
