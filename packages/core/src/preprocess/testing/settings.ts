import type { Preprocessing } from '../settings.js';

/** Settings that do no more than stretch. */
export function settings(
  width: number,
  height: number,
  range: Preprocessing['intensity']['range'] = 'full-scale',
): Preprocessing {
  return {
    width,
    height,
    intensity: { range },
    crop: 'none',
    fit: 'stretch',
    clahe: null,
    normalization: { kind: 'image' },
    antialias: true,
  };
}
