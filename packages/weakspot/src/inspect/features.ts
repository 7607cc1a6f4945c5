import { posix } from 'node:path';
import type { Sample } from '../data/dataset.js';
import type { ImageMeasures } from './measure.js';

/** One image of the shortcut check. */
export interface CheckedImage {
  readonly sample: Sample;
  readonly measures: ImageMeasures;
}

/** A property of an image that says nothing of what it shows. */
export interface Feature {
  readonly name: string;
  readonly of: (measures: ImageMeasures) => number;
}

/**
 * The numbers of the shortcut check. Those that are ratios or grow with the size are logarithms: it makes them less lopsided
 * for the regression and changes no ranking.
 */
export const features: readonly Feature[] = [
  { name: 'width', of: ({ width }) => Math.log(width) },
  { name: 'height', of: ({ height }) => Math.log(height) },
  { name: 'aspect', of: ({ width, height }) => Math.log(width / height) },
  { name: 'bit depth', of: ({ depth }) => depth },
  { name: 'mean', of: ({ mean }) => mean },
  { name: 'contrast', of: ({ std }) => std },
  { name: 'darkest', of: ({ low }) => low },
  { name: 'lightest', of: ({ high }) => high },
  { name: 'background', of: ({ background }) => background },
  { name: 'sharpness', of: ({ sharpness }) => Math.log(sharpness + 1e-6) },
  { name: 'border mean', of: ({ borderMean }) => borderMean },
  { name: 'border contrast', of: ({ borderStd }) => borderStd },
  { name: 'padding', of: ({ padding }) => padding },
  { name: 'bytes per pixel', of: ({ bytesPerPixel }) => Math.log(bytesPerPixel) },
];

/** A property with values that have no order. */
export interface Category {
  readonly name: string;
  readonly of: (sample: Sample) => string;
}

/** @param classes Their names: where folders are named after classes, they tell nothing of the source. */
export function categories(classes: readonly string[]): readonly Category[] {
  const known = new Set(classes.map((name) => name.toLowerCase()));
  const folder = ({ name }: Sample): string =>
    posix
      .dirname(name)
      .split('/')
      .filter((part) => !known.has(part.toLowerCase()))
      .join('/');
  return [
    { name: 'source folder', of: folder },
    { name: 'file type', of: ({ name }) => posix.extname(name).toLowerCase() },
    { name: 'view', of: ({ view = '' }) => view },
  ];
}
