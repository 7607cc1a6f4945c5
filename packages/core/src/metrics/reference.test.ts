import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HeatMap, MaskRegion, Region } from '../imaging/index.js';
import { responsePoint, wholeInput } from '../imaging/index.js';
import { metricDescriptions } from './families/index.js';
import { computeAllMetrics, nameMetrics, prepareMetrics } from './measure.js';
import { type MappedImage, type SummaryOptions, summarizeImage } from './summary/index.js';

/** A mask's pixels are a list in JSON. */
type StoredRegion = Exclude<Region, MaskRegion> | (Omit<MaskRegion, 'pixels'> & { readonly pixels: readonly number[] });
type StoredImage = Omit<MappedImage, 'regions' | 'map'> & {
  readonly regions: readonly StoredRegion[];
  readonly map: Omit<HeatMap, 'extent'>;
};
type Numbers = Readonly<Record<string, number>>;

/** Made by scripts/reference/metrics.py; read from src/ by the test that runs in dist/. */
const stored = JSON.parse(readFileSync(new URL('../../src/metrics/testing/metrics.json', import.meta.url), 'utf8')) as {
  readonly options: SummaryOptions;
  readonly images: readonly StoredImage[];
  readonly metrics: Numbers;
  readonly weights: readonly number[];
  readonly resampled: Numbers;
};

const images = stored.images.map((image): MappedImage => {
  const regions = image.regions.map((region) =>
    region.kind === 'mask' ? { ...region, pixels: Uint8Array.from(region.pixels) } : region,
  );
  return { ...image, regions, map: { ...image.map, extent: wholeInput } };
});
const summaries = images.map((image) => summarizeImage(image, stored.options));
const keys = metricDescriptions.map(({ key }) => key);

describe('the metrics of images with maps, against numpy, scipy and scikit-learn', () => {
  it('are on the same responses', () => {
    for (const { map, width, height, response } of images) {
      const { x, y } = responsePoint(map, { width, height });
      expect({ x, y }).toEqual(response);
    }
  });

  it('are all there', () => {
    expect(Object.keys(stored.metrics).toSorted()).toEqual(keys.toSorted());
  });

  it.each(keys)('%s', (key) => {
    expect(computeAllMetrics(summaries)[key]).toBeCloseTo(stored.metrics[key]!, 6);
  });

  it.each(keys)('%s of patients drawn anew, by their number in place of repeated images', (key) => {
    const values = nameMetrics(prepareMetrics(summaries).measure(stored.weights));
    expect(values[key]).toBeCloseTo(stored.resampled[key]!, 6);
  });
});
