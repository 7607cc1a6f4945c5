import { WeakspotError } from '../errors.js';

/** Throws `usage` unless `values` holds a row-major image of `width` x `height`. */
export function checkRaster(where: string, values: ArrayLike<number>, width: number, height: number): void {
  checkSize(where, width, height);
  if (values.length !== width * height) {
    throw new WeakspotError('usage', `${where}: ${values.length} values do not make an image of ${width} x ${height}`, {
      hint: 'Pass one value per pixel, row by row.',
    });
  }
}

/** Throws `usage` unless both are positive integers. */
export function checkSize(where: string, width: number, height: number): void {
  if (Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0) return;
  throw new WeakspotError('usage', `${where}: ${width} x ${height} is no image size`, {
    hint: 'Width and height are whole numbers of pixels, at least 1.',
  });
}

/** Throws `engine` where a map holds a value that is not finite: it has no maximum and no range. */
export function checkActivations(where: string, map: ArrayLike<number>): void {
  for (let i = 0; i < map.length; i++) {
    if (Number.isFinite(map[i])) continue;
    throw new WeakspotError('engine', `${where}: the activation map holds ${map[i]} at index ${i}`, {
      hint: 'The model has diverged or is damaged; use another checkpoint.',
    });
  }
}
