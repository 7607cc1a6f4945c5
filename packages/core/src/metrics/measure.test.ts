import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tiling } from '../imaging/testing/maps.js';
import { Random } from '../random.js';
import { metricDescriptions } from './families/index.js';
import { computeAllMetrics, nameMetrics, prepareMetrics } from './measure.js';
import { type ImageSummary, summarizeCompared, summarizeImage } from './summary/index.js';
import { bottomRight, boxesMap, image, options, topLeft } from './testing/images.js';

const keys = metricDescriptions.map(({ key }) => key);

/** Summaries of images of every kind, with equal scores among them. */
const pool: ImageSummary[] = Array.from({ length: 24 }, (_, i) => {
  const random = new Random(5, 'image', i);
  const values = Float32Array.from({ length: 25 }, () => random.integer(30));
  const regions = [[], [topLeft], [bottomRight, topLeft]][i % 3] ?? [];
  const changes = i % 8 === 1 ? { regions: [] } : {};
  return summarizeImage(image(random.integer(5) / 4, tiling(values, 5, 5), regions, changes), options);
});

describe('measure', () => {
  it('counts an image as often as its weight says', () => {
    const drawn = fc.array(fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 3 })), { minLength: 1 });
    const property = fc.property(drawn, (items) => {
      const images = items.map(([i]) => pool[i]!);
      const repeated = items.flatMap(([i, times]) => Array.from({ length: times }, () => pool[i]!));
      fc.pre(repeated.length > 0);
      const weighted = nameMetrics(prepareMetrics(images).measure(items.map(([, times]) => times)));
      const plain = computeAllMetrics(repeated);
      for (const key of keys) {
        if (plain[key] === undefined) expect(weighted[key], key).toBeUndefined();
        else expect(weighted[key], key).toBeCloseTo(plain[key], 9);
      }
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('does not depend on the order of the images', () => {
    const turned = computeAllMetrics(pool.toReversed());
    const usual = computeAllMetrics(pool);
    for (const key of keys) expect(turned[key], key).toBeCloseTo(usual[key]!, 9);
  });

  it('stays between 0 and 1, and in order where one threshold is laxer than another', () => {
    const subset = fc.subarray(pool, { minLength: 1 });
    fc.assert(
      fc.property(subset, (images) => {
        const all = computeAllMetrics(images);
        for (const key of keys) {
          const value = all[key] ?? 0;
          expect(value, key).toBeGreaterThanOrEqual(0);
          expect(value, key).toBeLessThanOrEqual(1 + 1e-12);
        }
        const falling = [
          ['iouAccuracy10', 'iouAccuracy30', 'iouAccuracy50', 'iouAccuracy70'],
          ['iobbAccuracy10', 'iobbAccuracy25', 'iobbAccuracy50', 'iobbAccuracy75', 'iobbAccuracy90'],
          ['froc8', 'froc4', 'froc2', 'froc1', 'froc05', 'froc025'],
          ['boxAp30', 'boxAp50'],
          ['diceBest', 'dice'],
          ['iobbAccuracy10', 'iouAccuracy10'],
        ] as const;
        for (const list of falling) {
          const values = list.map((key) => all[key] ?? 0);
          expect(values, list.join()).toEqual(values.toSorted((a, b) => b - a));
        }
        // A localized positive is a positive: where all are located, pointing can only lose.
        if (images.every(({ positive, located }) => positive === located) && all.auc !== undefined) {
          expect(all.lroc!).toBeLessThanOrEqual(all.auc + 1e-12);
          expect(all.locAp!).toBeLessThanOrEqual(all.apPositive! + 1e-12);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is 1 for a map that is the ground truth, with right probabilities', () => {
    const images = [
      image(1, boxesMap([2, 2, 6, 6]), [topLeft]),
      image(1, boxesMap([2, 2, 6, 6], [10, 10, 14, 14]), [topLeft, bottomRight]),
      image(0, boxesMap([4, 4, 9, 9])),
    ];
    const all = computeAllMetrics(images.map((one) => summarizeImage(one, options)));
    for (const key of keys) expect(all[key], key).toBeCloseTo(['ece', 'brier'].includes(key) ? 0 : 1, 5);
  });

  it('leaves undefined what the images cannot tell', () => {
    const undefinedOf = (images: readonly ImageSummary[]): string[] => {
      const all = computeAllMetrics(images);
      return keys.filter((key) => all[key] === undefined);
    };
    const classes = ['auc', 'sensitivityAtSpecificity90', 'specificityAtSensitivity90'];
    const negative = summarizeImage(image(0.25, boxesMap([4, 4, 9, 9])), options);
    const localizing = metricDescriptions.filter(({ localizes }) => localizes).map(({ key }) => key);
    expect(undefinedOf([negative])).toEqual(
      keys.filter((key) => [...classes, 'apPositive', ...localizing].includes(key)),
    );
    const located = summarizeImage(image(0.75, boxesMap([2, 2, 6, 6]), [topLeft]), options);
    expect(undefinedOf([located])).toEqual(
      keys.filter((key) => [...classes, 'apNegative', 'lroc', 'afroc'].includes(key)),
    );
    const unmarked = summarizeImage(image(0.75, boxesMap([2, 2, 6, 6]), [], { label: 1 }), options);
    expect(undefinedOf([unmarked, negative])).toEqual(localizing);
    expect(() => computeAllMetrics([])).toThrow(/no images/);
  });

  it('reads sensitivity off a threshold that is specific enough', () => {
    // Ten negatives at 0.0 .. 0.9: one false positive is allowed, the one at 0.9; 0.85 has it above.
    const negatives = Array.from({ length: 10 }, (_, i) => image(i / 10, boxesMap([0, 0, 1, 1])));
    const positives = [0.95, 0.85, 0.75, 0.05].map((p) => image(p, boxesMap([2, 2, 6, 6]), [topLeft]));
    const all = computeAllMetrics([...negatives, ...positives].map((one) => summarizeImage(one, options)));
    expect(all.sensitivityAtSpecificity90).toBe(0.5);
    // All four positives are needed for 0.9: only the negative at 0 stays below 0.05.
    expect(all.specificityAtSensitivity90).toBeCloseTo(0.1, 12);
  });

  it('draws patients: images of one count together', () => {
    const images = ['a', 'b', undefined, 'a', undefined].map((patient, i) => ({
      ...pool[i]!,
      correct: i % 2 === 0,
      patient,
    }));
    const prepared = prepareMetrics(images);
    expect([prepared.images, prepared.patients]).toEqual([5, 4]);
    // Patients in the order of their first images: a (images 0 and 3), b (1), the third and the fifth image.
    expect(nameMetrics(prepared.measure([2, 1, 0, 1])).acc).toBeCloseTo((2 + 1) / (4 + 1 + 1), 12);
  });
});

describe('a random and a centred map', () => {
  it('leave the probabilities as they are, and point by chance and to the centre', () => {
    const middle = image(0.75, boxesMap([0, 0, 2, 2]), [{ kind: 'circle', x: 8, y: 8, radius: 2 }]);
    const compared = Array.from({ length: 400 }, (_, i) =>
      summarizeCompared(middle, { ...options, seed: 1, name: `image ${i}` }),
    );
    const hitRates = (['model', 'random', 'centred'] as const).map((kind) => {
      const summaries = compared.map((one) => one[kind]);
      expect(summaries.every(({ score, correct }) => score === 0.75 && correct)).toBe(true);
      return computeAllMetrics(summaries).hitRate!;
    });
    expect(hitRates[0]).toBe(0);
    // The circle covers 12.6 of 256 pixels: 0.049, with a standard error of 0.011.
    expect(Math.abs(hitRates[1]! - 0.049)).toBeLessThan(0.035);
    expect(hitRates[2]).toBe(1);
  });

  it('are the same for the same seed and name only', () => {
    const one = image(0.75, boxesMap([0, 0, 2, 2]), [topLeft]);
    const random = (seed: number, name: string) => summarizeCompared(one, { ...options, seed, name }).random;
    expect(random(1, 'a')).toEqual(random(1, 'a'));
    expect(random(1, 'b')).not.toEqual(random(1, 'a'));
    expect(random(2, 'a')).not.toEqual(random(1, 'a'));
  });
});
