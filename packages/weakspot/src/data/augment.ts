import { type Random, WeakspotError } from '@weakspot/core';
import { z } from 'zod';

/** Random changes of a training image; each is drawn uniformly within its bounds. Zeros and false change nothing. */
export interface Augmentation {
  /** Input pixels, each way along both axes; whole pixels where neither rotation nor scale is set. */
  readonly shift: number;
  /** Degrees, each way, about the image's centre. */
  readonly rotation: number;
  /** Fraction, each way: 0.1 draws factors from 0.9 to 1.1. */
  readonly scale: number;
  /** Mirrors left and right in half of the draws. */
  readonly flip: boolean;
  /** Mirrors top and bottom in half of the draws. */
  readonly flipVertical: boolean;
  /** Turns by 0, 90, 180 or 270 degrees, beside any rotation; for square images only. */
  readonly quarterTurns: boolean;
  /** What lies beyond the border: `edge` repeats its pixels, `darkest` is the image's lowest intensity. */
  readonly fill: 'edge' | 'darkest';
  /** Each way, in units of the normalised intensity. */
  readonly brightness: number;
  /** Fraction, each way: normalised intensities are multiplied by 1 - contrast to 1 + contrast. */
  readonly contrast: number;
}

const size = z.number().min(0);

/** Checks an augmentation from outside; unknown keys are errors. Runs of versions without a change have none of it. */
export const augmentationSchema: z.ZodType<Augmentation> = z.strictObject({
  shift: size.max(4096),
  rotation: size.max(180),
  scale: size.lt(1),
  flip: z.boolean(),
  flipVertical: z.boolean().default(false),
  quarterTurns: z.boolean().default(false),
  fill: z.enum(['edge', 'darkest']).default('edge'),
  brightness: size.max(100),
  contrast: size.lt(1),
});

export const noAugmentation: Augmentation = {
  shift: 0,
  rotation: 0,
  scale: 0,
  flip: false,
  flipVertical: false,
  quarterTurns: false,
  fill: 'edge',
  brightness: 0,
  contrast: 0,
};

/**
 * Flips and quarter turns, undone: the image point from which the turned image's point (x, y), both from the centre,
 * comes is `(m[0] x + m[1] y, m[2] x + m[3] y)`. Each number is 0, 1 or -1.
 */
type Turn = readonly [number, number, number, number];

/** One drawn change. An image point p (pixels from the centre) goes to `factor * R(radians) * turned(p) + (dx, dy)`. */
interface Draw {
  readonly dx: number;
  readonly dy: number;
  readonly radians: number;
  readonly factor: number;
  readonly turn: Turn;
  readonly gain: number;
  readonly bias: number;
}

/**
 * Writes a randomly changed copy of one image, `width * height` normalised intensities, row-major, from
 * `source[sourceOffset]` to `out[outOffset]`; the two must not overlap.
 *
 * Flips, quarter turns, rotation, scale and shift, in this order, make one affine map about the image's centre, sampled
 * bilinearly at half-pixel centres; `fill` says what lies beyond the border. Where no pixel moves by a fraction none is
 * interpolated, and the identity is an exact copy. Every call takes nine numbers from `random`, whatever the settings, so
 * that changing one of them leaves the other draws as they were.
 *
 * @throws WeakspotError `usage` for quarter turns of an image that is not square.
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
  if (augmentation.quarterTurns && width !== height) {
    throw new WeakspotError('usage', `augment: quarter turns of an image of ${width} x ${height}, which is not square`);
  }
  const count = width * height;
  const image = source.subarray(sourceOffset, sourceOffset + count);
  const target = out.subarray(outOffset, outOffset + count);
  const draw = drawFrom(augmentation, random);
  const isTurned = draw.turn.some((value, index) => value !== UPRIGHT[index]);
  const isWhole = draw.radians === 0 && draw.factor === 1 && Number.isInteger(draw.dx) && Number.isInteger(draw.dy);
  if (isWhole && !isTurned && draw.dx === 0 && draw.dy === 0) target.set(image);
  else {
    const beyond = augmentation.fill === 'darkest' ? lowest(image) : undefined;
    if (!isWhole) interpolate(image, width, height, draw, beyond, target);
    else if (isTurned) turnWhole(image, width, height, draw, beyond, target);
    else shiftWhole(image, width, height, draw, beyond, target);
  }
  if (draw.gain !== 1 || draw.bias !== 0) {
    for (let i = 0; i < count; i++) target[i] = (target[i] as number) * draw.gain + draw.bias;
  }
}

const UPRIGHT: Turn = [1, 0, 0, 1];

function drawFrom(augmentation: Augmentation, random: Random): Draw {
  const { shift, rotation, scale, flip, flipVertical, quarterTurns, brightness, contrast } = augmentation;
  const whole = rotation === 0 && scale === 0;
  const each = (bound: number): number => bound * (2 * random.uniform() - 1);
  // Not `integer`, which may take more than one number.
  const steps = Math.floor(shift);
  const shiftBy = (): number => (whole ? Math.floor(random.uniform() * (2 * steps + 1)) - steps : each(shift));
  const [dx, dy] = [shiftBy(), shiftBy()];
  const radians = (each(rotation) * Math.PI) / 180;
  const factor = 1 + each(scale);
  const across = random.uniform() < 0.5 && flip;
  const bias = each(brightness);
  const gain = 1 + each(contrast);
  // Drawn last: earlier versions drew the seven before, and a run of theirs goes on as it began.
  const down = random.uniform() < 0.5 && flipVertical;
  const quarters = Math.floor(4 * random.uniform());
  return { dx, dy, radians, factor, gain, bias, turn: turnOf(across, down, quarterTurns ? quarters : 0) };
}

/** Flips, then so many quarter turns clockwise: (x, y) goes to (-y, x), as y points down. */
function turnOf(across: boolean, down: boolean, quarters: number): Turn {
  const [x, y] = [across ? -1 : 1, down ? -1 : 1];
  if (quarters === 1) return [0, x, -y, 0];
  if (quarters === 2) return [-x, 0, 0, -y];
  if (quarters === 3) return [0, -x, y, 0];
  return [x, 0, 0, y];
}

function lowest(image: Float32Array): number {
  let least = Infinity;
  for (const value of image) if (value < least) least = value;
  return least;
}

/** Shift by whole pixels, row by row. */
function shiftWhole(
  image: Float32Array,
  width: number,
  height: number,
  { dx, dy }: Draw,
  beyond: number | undefined,
  target: Float32Array,
): void {
  // Columns of the target whose pixel lies within the image.
  const from = Math.min(Math.max(dx, 0), width);
  const to = Math.max(Math.min(width + dx, width), from);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    if (beyond !== undefined && (y < dy || y >= height + dy)) {
      target.fill(beyond, start, start + width);
      continue;
    }
    const row = Math.min(Math.max(y - dy, 0), height - 1) * width;
    target.set(image.subarray(row + from - dx, row + to - dx), start + from);
    target.fill(beyond ?? (image[row] as number), start, start + from);
    target.fill(beyond ?? (image[row + width - 1] as number), start + to, start + width);
  }
}

/** Flips and quarter turns with a shift by whole pixels: each target pixel is one source pixel, or lies beyond the border. */
function turnWhole(
  image: Float32Array,
  width: number,
  height: number,
  { dx, dy, turn: [xx, xy, yx, yy] }: Draw,
  beyond: number | undefined,
  target: Float32Array,
): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // Twice the places from the centre, which are whole.
      const [px, py] = [2 * (x - dx) - width + 1, 2 * (y - dy) - height + 1];
      const sx = (xx * px + xy * py + width - 1) / 2;
      const sy = (yx * px + yy * py + height - 1) / 2;
      const [column, row] = [Math.min(Math.max(sx, 0), width - 1), Math.min(Math.max(sy, 0), height - 1)];
      const isWithin = column === sx && row === sy;
      target[y * width + x] = beyond === undefined || isWithin ? (image[row * width + column] as number) : beyond;
    }
  }
}

/** The general map, inverted: where in the source each target pixel's centre comes from. */
function interpolate(
  image: Float32Array,
  width: number,
  height: number,
  draw: Draw,
  beyond: number | undefined,
  target: Float32Array,
): void {
  const [xx, xy, yx, yy] = draw.turn;
  const cos = Math.cos(draw.radians) / draw.factor;
  const sin = Math.sin(draw.radians) / draw.factor;
  const centreX = width / 2;
  const centreY = height / 2;
  // One step to the right in the target is this step in the source (y points down, angles turn clockwise).
  const stepX = xx * cos - xy * sin;
  const stepY = yx * cos - yy * sin;
  for (let y = 0; y < height; y++) {
    const px = 0.5 - centreX - draw.dx;
    const py = y + 0.5 - centreY - draw.dy;
    const [turnedX, turnedY] = [cos * px + sin * py, -sin * px + cos * py];
    // Indices of pixel centres: the half pixel is taken off again.
    const startX = xx * turnedX + xy * turnedY + centreX - 0.5;
    const startY = yx * turnedX + yy * turnedY + centreY - 0.5;
    for (let x = 0; x < width; x++) {
      const [atX, atY] = [startX + x * stepX, startY + x * stepY];
      if (beyond !== undefined && (atX < 0 || atX > width - 1 || atY < 0 || atY > height - 1)) {
        target[y * width + x] = mixWith(image, width, height, beyond, atX, atY);
        continue;
      }
      // Clamping the place repeats the border's pixels.
      const sx = Math.min(Math.max(atX, 0), width - 1);
      const sy = Math.min(Math.max(atY, 0), height - 1);
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

/** Bilinear value at a place, pixels outside of the image being `beyond`. */
function mixWith(image: Float32Array, width: number, height: number, beyond: number, atX: number, atY: number): number {
  const [x0, y0] = [Math.floor(atX), Math.floor(atY)];
  const [fx, fy] = [atX - x0, atY - y0];
  const pixel = (x: number, y: number): number =>
    x < 0 || x >= width || y < 0 || y >= height ? beyond : (image[y * width + x] as number);
  const top = pixel(x0, y0) * (1 - fx) + pixel(x0 + 1, y0) * fx;
  const bottom = pixel(x0, y0 + 1) * (1 - fx) + pixel(x0 + 1, y0 + 1) * fx;
  return top + (bottom - top) * fy;
}
