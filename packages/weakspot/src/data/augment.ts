import type { Random } from '@weakspot/core';
import { z } from 'zod';

/** Random changes of a training image; each is drawn uniformly within its bounds. All zero changes nothing. */
export interface Augmentation {
  /** Input pixels, each way along both axes; whole pixels where neither rotation nor scale is set. */
  readonly shift: number;
  /** Degrees, each way, about the image's centre. */
  readonly rotation: number;
  /** Fraction, each way: 0.1 draws factors from 0.9 to 1.1. */
  readonly scale: number;
  /** Mirrors left and right in half of the draws. */
  readonly flip: boolean;
  /** Each way, in units of the normalised intensity. */
  readonly brightness: number;
  /** Fraction, each way: normalised intensities are multiplied by 1 - contrast to 1 + contrast. */
  readonly contrast: number;
}

const size = z.number().min(0);

/** Checks an augmentation from outside; unknown keys are errors. */
export const augmentationSchema: z.ZodType<Augmentation> = z.strictObject({
  shift: size.max(4096),
  rotation: size.max(180),
  scale: size.lt(1),
  flip: z.boolean(),
  brightness: size.max(100),
  contrast: size.lt(1),
});

export const noAugmentation: Augmentation = {
  shift: 0,
  rotation: 0,
  scale: 0,
  flip: false,
  brightness: 0,
  contrast: 0,
};

/** One drawn change. An image point p (pixels from the centre) goes to `factor * R(radians) * flip(p) + (dx, dy)`. */
interface Draw {
  readonly dx: number;
  readonly dy: number;
  readonly radians: number;
  readonly factor: number;
  readonly flip: boolean;
  readonly gain: number;
  readonly bias: number;
}

/**
 * Writes a randomly changed copy of one image, `width * height` normalised intensities, row-major, from
 * `source[sourceOffset]` to `out[outOffset]`; the two must not overlap.
 *
 * Flip, rotation, scale and shift make one affine map about the image's centre, sampled bilinearly at half-pixel
 * centres; beyond the border its pixels repeat. Where no pixel moves by a fraction none is interpolated, and the
 * identity is an exact copy. Every call takes seven numbers from `random`, whatever the settings, so that changing one
 * of them leaves the other draws as they were.
 */
export function augment(
  source: Float32Array,
  sourceOffset: number,
  width: number,
  height: number,
  augmentation: Augmentation,
  random: Random,
  out: Float32Array,
  outOffset: number,
): void {
  const count = width * height;
  const image = source.subarray(sourceOffset, sourceOffset + count);
  const target = out.subarray(outOffset, outOffset + count);
  const draw = drawFrom(augmentation, random);
  const moved = draw.dx !== 0 || draw.dy !== 0 || draw.flip;
  if (draw.radians !== 0 || draw.factor !== 1 || !Number.isInteger(draw.dx) || !Number.isInteger(draw.dy)) {
    interpolate(image, width, height, draw, target);
  } else if (moved) moveWhole(image, width, height, draw, target);
  else target.set(image);
  if (draw.gain !== 1 || draw.bias !== 0) {
    for (let i = 0; i < count; i++) target[i] = (target[i] as number) * draw.gain + draw.bias;
  }
}

function drawFrom(augmentation: Augmentation, random: Random): Draw {
  const { shift, rotation, scale, flip, brightness, contrast } = augmentation;
  const whole = rotation === 0 && scale === 0;
  const each = (bound: number): number => bound * (2 * random.uniform() - 1);
  // Not `integer`, which may take more than one number.
  const steps = Math.floor(shift);
  const shiftBy = (): number => (whole ? Math.floor(random.uniform() * (2 * steps + 1)) - steps : each(shift));
  return {
    dx: shiftBy(),
    dy: shiftBy(),
    radians: (each(rotation) * Math.PI) / 180,
    factor: 1 + each(scale),
    flip: random.uniform() < 0.5 && flip,
    bias: each(brightness),
    gain: 1 + each(contrast),
  };
}

/** Flip and whole-pixel shift: each target pixel is one source pixel. */
function moveWhole(image: Float32Array, width: number, height: number, draw: Draw, target: Float32Array): void {
  const { dx, dy, flip } = draw;
  // Columns of the target whose pixel lies within the image; the others repeat its border.
  const from = Math.min(Math.max(dx, 0), width);
  const to = Math.max(Math.min(width + dx, width), from);
  for (let y = 0; y < height; y++) {
    const row = Math.min(Math.max(y - dy, 0), height - 1) * width;
    const start = y * width;
    if (flip) {
      for (let x = 0; x < width; x++) {
        target[start + x] = image[row + width - 1 - Math.min(Math.max(x - dx, 0), width - 1)] as number;
      }
      continue;
    }
    target.set(image.subarray(row + from - dx, row + to - dx), start + from);
    target.fill(image[row] as number, start, start + from);
    target.fill(image[row + width - 1] as number, start + to, start + width);
  }
}

/** The general map, inverted: where in the source each target pixel's centre comes from. */
function interpolate(image: Float32Array, width: number, height: number, draw: Draw, target: Float32Array): void {
  const mirror = draw.flip ? -1 : 1;
  const cos = Math.cos(draw.radians) / draw.factor;
  const sin = Math.sin(draw.radians) / draw.factor;
  const centreX = width / 2;
  const centreY = height / 2;
  // One step to the right in the target is this step in the source (y points down, angles turn clockwise).
  const stepX = cos * mirror;
  const stepY = -sin;
  for (let y = 0; y < height; y++) {
    const px = 0.5 - centreX - draw.dx;
    const py = y + 0.5 - centreY - draw.dy;
    // Indices of pixel centres: the half pixel is taken off again.
    const startX = (cos * px + sin * py) * mirror + centreX - 0.5;
    const startY = -sin * px + cos * py + centreY - 0.5;
    for (let x = 0; x < width; x++) {
      // Clamping the place repeats the border's pixels.
      const sx = Math.min(Math.max(startX + x * stepX, 0), width - 1);
      const sy = Math.min(Math.max(startY + x * stepY, 0), height - 1);
      const x0 = Math.floor(sx);
      const y0 = Math.floor(sy);
      const right = x0 + 1 < width ? 1 : 0;
      const at = y0 * width + x0;
      const below = y0 + 1 < height ? at + width : at;
      const fx = sx - x0;
      const top = (image[at] as number) * (1 - fx) + (image[at + right] as number) * fx;
      const bottom = (image[below] as number) * (1 - fx) + (image[below + right] as number) * fx;
      target[y * width + x] = top + (bottom - top) * (sy - y0);
    }
  }
}
