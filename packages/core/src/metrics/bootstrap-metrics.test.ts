import { describe, expect, it } from 'vitest';
import { Random } from '../random.js';
import { thrownBy } from '../testing/thrown.js';
import { percentileInterval, resampleWeights } from './bootstrap.js';
import { type BootstrapMetricsOptions, type MetricIntervals, bootstrapMetrics } from './bootstrap-metrics.js';
import { metricDescriptions } from './families/index.js';
import { nameMetrics, prepareMetrics } from './measure.js';
import { type ImageSummary, summarizeImage } from './summary/index.js';
import { boxesMap, image, options, topLeft } from './testing/images.js';

const located = summarizeImage(image(0.75, boxesMap([2, 2, 6, 6]), [topLeft]), options);
const negative = summarizeImage(image(0.25, boxesMap([4, 4, 9, 9])), options);

/** Images of which about seven in ten are right, in pairs of one patient that are alike. */
const images: ImageSummary[] = Array.from({ length: 200 }, (_, i) => {
  const right = new Random(1, 'right', i >> 1).uniform() < 0.7;
  const score = new Random(1, 'score', i).uniform();
  return {
    ...(i % 3 === 0 ? located : negative),
    score,
    hit: right && i % 3 === 0,
    correct: right,
    patient: `${i >> 1}`,
  };
});

function intervalsOf(list: readonly ImageSummary[], changes: Partial<BootstrapMetricsOptions> = {}): MetricIntervals {
  for (const event of bootstrapMetrics(list, { seed: 1, resamples: 300, ...changes })) {
    if (event.type === 'done') return event.intervals;
  }
  throw new Error('no intervals');
}

describe('bootstrapMetrics', () => {
  it('gives the percentiles of what each resample has, as computed one by one', () => {
    const prepared = prepareMetrics(images);
    const rows = [...resampleWeights(prepared.patients, { seed: 4, resamples: 40 })].map(() => undefined);
    expect(rows).toHaveLength(40);
    const values = [];
    for (const weights of resampleWeights(prepared.patients, { seed: 4, resamples: 40 })) {
      values.push(nameMetrics(prepared.measure(weights)));
    }
    const intervals = intervalsOf(images, { seed: 4, resamples: 40, level: 0.8 });
    for (const { key } of metricDescriptions) {
      const defined = values.flatMap((one) => one[key] ?? []);
      expect(intervals[key], key).toEqual(percentileInterval(defined, 0.8));
    }
  });

  it('is wider where the images of a patient are drawn together', () => {
    const width = (list: readonly ImageSummary[]): number => {
      const { low, high } = intervalsOf(list).acc!;
      return high - low;
    };
    // Both images of a patient are right or wrong together: half as many draws, sqrt(2) times the width.
    const ratio = width(images) / width(images.map((one) => ({ ...one, patient: undefined })));
    expect(ratio).toBeGreaterThan(1.2);
    expect(ratio).toBeLessThan(1.65);
  });

  it('leaves out resamples that lack a class, and has no interval where all do', () => {
    const intervals = intervalsOf([negative, negative, { ...located, score: 0.9 }]);
    expect(intervals.auc).toEqual({ low: 1, high: 1 });
    expect(intervalsOf([negative]).auc).toBeUndefined();
  });

  it('tells how far it is, and stops when asked to', () => {
    const events = [...bootstrapMetrics(images, { seed: 1, resamples: 50 })];
    expect(events.map((event) => (event.type === 'progress' ? event.done : event.type))).toEqual([20, 40, 50, 'done']);
    const signal = { aborted: false };
    const seen: number[] = [];
    const error = thrownBy(() => {
      for (const event of bootstrapMetrics(images, { seed: 1, resamples: 50, signal })) {
        if (event.type === 'progress') seen.push(event.done);
        signal.aborted = true;
      }
    });
    expect([error.code, seen]).toEqual(['aborted', [20]]);
  });

  it('refuses no resamples, and no images', () => {
    expect(thrownBy(() => intervalsOf(images, { resamples: 0 })).code).toBe('usage');
    expect(thrownBy(() => intervalsOf(images, { resamples: 1e9 })).code).toBe('usage');
    expect(thrownBy(() => intervalsOf([])).code).toBe('usage');
  });
});

describe('resampleWeights', () => {
  const drawn = (seed: number, count = 50): number[][] => [
    ...iterate(resampleWeights(count, { seed, resamples: 200 })),
  ];

  it('draws as many as there are, each equally often, and the same for the same seed and number', () => {
    const resamples = drawn(1);
    expect(resamples).toHaveLength(200);
    for (const weights of resamples) expect(weights.reduce((a, b) => a + b)).toBe(50);
    // 10,000 draws: each of 50 items is drawn 200 times, give or take 14.
    const sums = resamples.reduce((a, b) => a.map((value, i) => value + b[i]!));
    expect(Math.min(...sums)).toBeGreaterThan(140);
    expect(Math.max(...sums)).toBeLessThan(260);
    expect(drawn(1)).toEqual(resamples);
    expect(drawn(2)).not.toEqual(resamples);
  });
});

/** Copies, as the generator's array is filled anew each time. */
function* iterate(weights: Iterable<Float64Array>): Generator<number[]> {
  for (const one of weights) yield [...one];
}
