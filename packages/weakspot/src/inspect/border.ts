import type { DecodedImage } from '../data/image.js';

/** What the edges of an image look like, in values as decoded. */
export interface Border {
  /** Of a frame of a 32nd of the shorter side, one pixel at least; padding pixels are left out. */
  readonly mean: number;
  readonly std: number;
  /**
   * Share of the image outside of the rectangle that is left when rows and columns of one value are taken off its four edges,
   * and of pixels within it that are NaN.
   */
  readonly padding: number;
}

/** A row or column counts as one value where it differs by at most this share of the format's range. */
const FLAT = 1 / 255;
const FRAME = 1 / 32;

export function measureBorder(image: DecodedImage): Border {
  const { width, height, pixels, lowest } = image;
  const frame = Math.max(1, Math.round(Math.min(width, height) * FRAME));
  let [count, sum, squares] = [0, 0, 0];
  const add = (value: number): void => {
    if (Number.isNaN(value)) return;
    count++;
    sum += value;
    squares += value * value;
  };
  for (let y = 0; y < height; y++) {
    const whole = y < frame || y >= height - frame;
    for (let x = 0; x < width; x++) {
      // From the left part of the frame straight to the right one.
      if (!whole && x === frame) x = Math.max(x, width - frame);
      add(pixels[y * width + x] as number);
    }
  }
  const mean = count === 0 ? lowest : sum / count;
  const std = count === 0 ? 0 : Math.sqrt(Math.max(0, squares / count - mean * mean));
  return { mean, std, padding: paddingOf(image) };
}

function paddingOf({ width, height, pixels, lowest, highest }: DecodedImage): number {
  const tolerance = (highest - lowest) * FLAT;
  const flat = (start: number, step: number, length: number): boolean => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = 0, at = start; i < length; i++, at += step) {
      const value = pixels[at] as number;
      if (value < low) low = value;
      if (value > high) high = value;
      if (high - low > tolerance) return false;
    }
    return true;
  };
  let [top, bottom, left, right] = [0, height, 0, width];
  while (top < bottom && flat(top * width, 1, width)) top++;
  while (bottom > top && flat((bottom - 1) * width, 1, width)) bottom--;
  while (left < right && flat(top * width + left, width, bottom - top)) left++;
  while (right > left && flat(top * width + right - 1, width, bottom - top)) right--;
  // An image of one value has no content that anything could be padding of.
  if (top === bottom) return 0;
  let missing = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) if (Number.isNaN(pixels[y * width + x])) missing++;
  }
  return 1 - ((bottom - top) * (right - left) - missing) / (width * height);
}
