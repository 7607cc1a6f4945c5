import type { Random } from '@weakspot/core';
import type { Canvas } from './canvas.js';
import { filmGrain } from './texture.js';

/**
 * Develops attenuation into a film, 16-bit, bright = dense: quantum noise, a sigmoid film curve, gamma and vignetting,
 * all pixel by pixel with settings drawn from `random`, so that nothing depends on what else the film shows.
 */
export function develop({ size, depth }: Canvas, random: Random): Uint16Array {
  const level = random.between(1.05, 1.45);
  const contrast = random.between(1.5, 2.3);
  const gamma = random.between(0.8, 1.25);
  const black = random.between(0, 0.06);
  const white = random.between(0.88, 1);
  const vignette = random.between(0, 0.35);
  // Counts fall as exp(-depth), so their relative deviation grows as exp(depth / 2).
  const quantum = random.between(0.008, 0.024);
  const respond = tabulate((x) => black + (white - black) * (1 / (1 + Math.exp(-contrast * (x - level)))) ** gamma);
  const deviate = tabulate((x) => quantum * Math.exp(Math.min(x, 3) / 2));
  const grain = filmGrain(random, size);
  const pixels = new Uint16Array(size * size);
  for (let row = 0; row < size; row++) {
    const down = (row + 0.5) / size - 0.5;
    for (let column = 0; column < size; column++) {
      const at = row * size + column;
      const across = (column + 0.5) / size - 0.5;
      const measured = depth[at]! + deviate(depth[at]!) * grain[at]!;
      const shading = 1 - vignette * (across * across + down * down);
      pixels[at] = Math.round(65535 * respond(measured) * shading);
    }
  }
  return pixels;
}

/** `curve` over the depths -1 to 7 by linear interpolation, held constant beyond: exp and pow once a step, not a pixel. */
function tabulate(curve: (depth: number) => number): (depth: number) => number {
  const steps = 2048;
  const table = Float64Array.from({ length: steps + 2 }, (_, i) => curve((8 * i) / steps - 1));
  return (depth) => {
    const position = Math.min(steps, Math.max(0, ((depth + 1) * steps) / 8));
    const step = Math.floor(position);
    return table[step]! + (position - step) * (table[step + 1]! - table[step]!);
  };
}
