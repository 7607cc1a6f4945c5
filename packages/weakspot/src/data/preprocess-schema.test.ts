import { expect, it } from 'vitest';
import type { Preprocessing } from './preprocess.js';
import { preprocessingSchema } from './preprocess.js';

const good: Preprocessing = {
  width: 500,
  height: 500,
  intensity: { range: 'percentile', percentiles: [1, 99] },
  crop: 'content',
  fit: 'pad',
  clahe: { tiles: 8, clipLimit: 2 },
  normalization: { kind: 'image' },
  antialias: true,
};

it('accepts what it describes and nothing else', () => {
  expect(preprocessingSchema.parse(good)).toEqual(good);
  const accepts = (change: object): boolean => preprocessingSchema.safeParse({ ...good, ...change }).success;
  expect(accepts({})).toBe(true);
  for (const wrong of [
    { width: 0 },
    { height: 2.5 },
    { size: 4 },
    { intensity: { range: 'percentile', percentiles: [99, 1] } },
    { intensity: { range: 'window' } },
    { intensity: { range: 'window', window: [400, -1000] } },
    { intensity: { range: 'voi' } },
    { crop: 'margin' },
    { fit: 'cover' },
    { clahe: { tiles: 8 } },
    { clahe: { tiles: 8, clipLimit: 0.5 } },
    { clahe: { tiles: 0, clipLimit: 2 } },
    { normalization: { kind: 'fixed', mean: 0, std: 0 } },
    { normalization: { kind: 'fixed', mean: 0 } },
    { normalization: { kind: 'set', mean: 0.5 } },
    { normalization: { kind: 'set', std: 0.5 } },
    { normalization: { kind: 'set', mean: 0.5, std: 0 } },
    { normalization: { kind: 'image', mean: 0.5, std: 0.5 } },
  ])
    expect(accepts(wrong), JSON.stringify(wrong)).toBe(false);
  for (const right of [
    { normalization: { kind: 'fixed', mean: 0.5, std: 0.2 } },
    { normalization: { kind: 'set' } },
    { normalization: { kind: 'set', mean: 0.5, std: 0.2 } },
    { intensity: { range: 'window', window: [-1000, 400] } },
    { intensity: { range: 'display' } },
    { clahe: null },
  ])
    expect(accepts(right), JSON.stringify(right)).toBe(true);
});

it('gives a model of a version without a step none', () => {
  const { width, height, intensity, normalization, antialias } = good;
  expect(preprocessingSchema.parse({ width, height, intensity, normalization, antialias })).toEqual({
    ...good,
    crop: 'none',
    fit: 'stretch',
    clahe: null,
  });
});
