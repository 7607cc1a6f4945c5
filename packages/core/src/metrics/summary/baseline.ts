import { type HeatMap, imageInMap, wholeInput } from '../../imaging/index.js';
import { Random } from '../../random.js';
import type { MappedImage } from './types.js';

/** A map made here. */
interface DrawnMap extends HeatMap {
  readonly values: Float32Array;
}

/**
 * A map of noise: independent uniform values on as many cells as `like` has, at the same places, so that resized it is as coarse
 * as the model's.
 */
export function randomMap(like: HeatMap, seed: number, name: string): DrawnMap {
  const { width, height, extent } = like;
  const random = new Random(seed, 'random map', name);
  return { values: Float32Array.from({ length: width * height }, () => random.uniform()), width, height, extent };
}

/**
 * A Gaussian around the image's centre, with a standard deviation of a quarter of the image's width and height: the
 * centre baseline of Choe et al. (CVPR 2020). Its cells tile the input, as many as the image's map has or one more
 * along an axis, so that there is one in the middle.
 */
export function centredMap(image: Pick<MappedImage, 'map' | 'width' | 'height' | 'placement'>): DrawnMap {
  const [width, height] = [image.map.width | 1, image.map.height | 1];
  const cells = { width, height, extent: wholeInput };
  const { x0, y0, x1, y1 } = imageInMap(cells, image);
  const values = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const down = (row + 0.5 - (y0 + y1) / 2) / ((y1 - y0) / 4);
    for (let column = 0; column < width; column++) {
      const across = (column + 0.5 - (x0 + x1) / 2) / ((x1 - x0) / 4);
      values[row * width + column] = Math.exp(-(across * across + down * down) / 2);
    }
  }
  return { values, ...cells };
}
