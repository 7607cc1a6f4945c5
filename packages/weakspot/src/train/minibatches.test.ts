import { Random } from '@weakspot/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../data/testing/files.js';
import type { RunConfig } from '../run/config.js';
import {
  checkMultiLabel,
  checkTrainingPart,
  classWeights,
  dropoutMask,
  epochOrder,
  minibatchTargets,
  multiLabelTargets,
} from './minibatches.js';

const labelLists = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 60 });
const seeds = fc.integer({ min: 0, max: 0xffffffff });
const counted = (values: readonly number[]): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};

const settings = (balance: RunConfig['balance'], seed: number, batch = 4) => ({ balance, seed, batch });

describe('epochOrder', () => {
  it('visits every image once', () => {
    fc.assert(
      fc.property(labelLists, seeds, fc.nat(100), fc.constantFrom('none', 'weight'), (labels, seed, epoch, balance) => {
        const order = epochOrder(labels, settings(balance, seed), epoch);
        expect(order.toSorted((a, b) => a - b)).toEqual(labels.map((_, index) => index));
      }),
    );
  });

  it.each(['none', 'sample'] as const)(
    'is another one in another epoch or with another seed, else the same (%s)',
    (balance) => {
      const labels = Array.from({ length: 50 }, (_, i) => (i < 10 ? 1 : 0));
      const orders = [
        epochOrder(labels, settings(balance, 3), 0),
        epochOrder(labels, settings(balance, 3), 1),
        epochOrder(labels, settings(balance, 4), 0),
      ];
      expect(new Set(orders.map((order) => order.join())).size).toBe(3);
      expect(epochOrder(labels, settings(balance, 3), 1)).toEqual(orders[1]);
    },
  );

  it('sample: every class as often as the largest, its images as evenly as can be', () => {
    fc.assert(
      fc.property(labelLists, seeds, fc.nat(100), (labels, seed, epoch) => {
        const order = epochOrder(labels, settings('sample', seed), epoch);
        const largest = Math.max(...counted(labels).values());
        const classes = counted(order.map((index) => labels[index] as number));
        expect(new Set(classes.values())).toEqual(new Set([largest]));
        expect(classes.size).toBe(new Set(labels).size);
        const visits = counted(order);
        expect(visits.size).toBe(labels.length);
        for (const label of classes.keys()) {
          const own = [...visits].filter(([index]) => labels[index] === label).map(([, count]) => count);
          expect(Math.max(...own) - Math.min(...own)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('sample: the images that come once more are others in other epochs', () => {
    const labels = [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
    const again = (epoch: number): string =>
      [...counted(epochOrder(labels, settings('sample', 0), epoch))]
        .filter(([, count]) => count === 2)
        .map(([index]) => index)
        .toSorted((a, b) => a - b)
        .join();
    expect(new Set(Array.from({ length: 20 }, (_, epoch) => again(epoch))).size).toBeGreaterThan(3);
  });
});

describe('epochOrder with balanced minibatches', () => {
  /** The first epochs' orders, one after the other. */
  const epochsOf = (labels: readonly number[], batch: number, epochs: number, seed = 3): number[][] =>
    Array.from({ length: epochs }, (_, epoch) => epochOrder(labels, settings('batch', seed, batch), epoch));

  it('each minibatch has equally many of each class, or one more, and all are full', () => {
    fc.assert(
      fc.property(labelLists, seeds, fc.integer({ min: 1, max: 12 }), (labels, seed, batch) => {
        const orders = epochsOf(labels, batch, 3, seed);
        const size = Math.max(Math.floor(labels.length / batch), 1) * batch;
        expect(orders.map((order) => order.length)).toEqual([size, size, size]);
        const present = new Set(labels).size;
        const all = orders.flat();
        const totals = counted(all.map((index) => labels[index] as number));
        for (let first = 0; first < all.length; first += batch) {
          const counts = counted(all.slice(first, first + batch).map((index) => labels[index] as number));
          for (const label of new Set(labels)) {
            expect([Math.floor(batch / present), Math.ceil(batch / present)]).toContain(counts.get(label) ?? 0);
          }
        }
        // The remainders rotate: over all minibatches too no class has more than one more.
        const most = Math.max(...totals.values());
        for (const label of new Set(labels)) expect(most - (totals.get(label) ?? 0)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('12 of one class and 3 of another, minibatches of 6: three of each, every image of a class as often as any other', () => {
    const labels = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1];
    // 15 images: 2 minibatches an epoch, so that the larger class is through after 2 epochs, the smaller after each minibatch.
    const orders = epochsOf(labels, 6, 4);
    for (const order of orders) {
      expect(order.map((index) => labels[index])).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
    }
    const visits = counted(orders.flat());
    expect(Array.from({ length: 15 }, (_, index) => visits.get(index))).toEqual([
      2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 8, 8, 8,
    ]);
    for (const half of [orders.slice(0, 2), orders.slice(2)]) {
      const negatives = half.flat().filter((index) => index < 12);
      expect(negatives.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    }
    // In another order the second time.
    expect(orders[0]).not.toEqual(orders[2]);
  });

  it('goes on where the epoch before ended: 5 of a class in epochs of 4 come once each before any comes again', () => {
    const labels = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
    const orders = epochsOf(labels, 8, 5).map((order) => order.filter((index) => index < 5));
    expect(orders.map((order) => order.length)).toEqual([4, 4, 4, 4, 4]);
    const visits = orders.flat();
    for (let round = 0; round < 4; round++) {
      expect(visits.slice(5 * round, 5 * round + 5).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
    }
  });

  it('is another one in another epoch or with another seed, else the same', () => {
    const labels = Array.from({ length: 50 }, (_, i) => (i < 10 ? 1 : 0));
    const [one = [], next] = epochsOf(labels, 10, 2);
    expect(new Set([one.join(), next?.join(), epochsOf(labels, 10, 1, 4)[0]?.join()]).size).toBe(3);
    expect(epochsOf(labels, 10, 1)[0]).toEqual(one);
  });
});

describe('classWeights', () => {
  it('weight: 3 to 1 gives 2/3 and 2', () => {
    expect(classWeights([0, 0, 0, 1], 2, 'weight')).toEqual([4 / 6, 2]);
  });

  it('weight: mean 1 over the images, and every class that is there counts the same', () => {
    fc.assert(
      fc.property(labelLists, (labels) => {
        const weights = classWeights(labels, 4, 'weight');
        const sums = [0, 0, 0, 0];
        for (const label of labels) sums[label] = (sums[label] as number) + (weights[label] as number);
        expect(sums.reduce((a, b) => a + b) / labels.length).toBeCloseTo(1, 9);
        for (const label of labels) expect(sums[label]).toBeCloseTo(labels.length / new Set(labels).size, 9);
        expect(weights.every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it('otherwise all 1', () => {
    expect(classWeights([0, 0, 1], 3, 'none')).toEqual([1, 1, 1]);
    expect(classWeights([0, 0, 1], 3, 'sample')).toEqual([1, 1, 1]);
  });
});

describe('minibatchTargets', () => {
  it('is one-hot times the class weight', () => {
    expect([...minibatchTargets([1, 0], 2, [0.5, 2])]).toEqual([0, 2, 0.5, 0]);
  });

  it('a partial minibatch: zeros in the places left over, the others scaled up to the same sum', () => {
    expect([...minibatchTargets([0, 1, 1], 6, [1, 1])]).toEqual([2, 0, 0, 2, 0, 2, 0, 0, 0, 0, 0, 0]);
  });
});

describe('dropoutMask', () => {
  it('has 0 and 1 / (1 - dropout) only, with mean 1', () => {
    const mask = dropoutMask(100, 400, 0.75, new Random(1, 'test'));
    expect(new Set(mask)).toEqual(new Set([0, 4]));
    // The standard error of the mean is sqrt(3 / 40000) = 0.0087.
    expect(Math.abs(mask.reduce((a, b) => a + b) / mask.length - 1)).toBeLessThan(0.035);
  });

  it('without dropout is all ones', () => {
    expect(new Set(dropoutMask(2, 5, 0, new Random(1, 'test')))).toEqual(new Set([1]));
  });
});

describe('checkTrainingPart', () => {
  it.each([
    [0, 'has no images'],
    [1, 'has 1 image, fewer than one minibatch of 4'],
    [3, 'has 3 images, fewer than one minibatch of 4'],
  ])('refuses %i images for a minibatch of 4', async (images, message) => {
    const error = await failureOf(() => checkTrainingPart(images, { batch: 4 }));
    expect(error.code).toBe('data');
    expect(error.message).toContain(message);
    expect(error.hint).toBeDefined();
  });

  it('takes a full minibatch', () => {
    expect(() => checkTrainingPart(4, { batch: 4 })).not.toThrow();
  });
});

describe('multiLabelTargets', () => {
  it('are 1 for classes that an image has and -1 for others; places left over are 0, the images scaled up', () => {
    expect([...multiLabelTargets([[0, 2], []], 2, 3)]).toEqual([1, -1, 1, -1, -1, -1]);
    expect([...multiLabelTargets([[1]], 2, 2)]).toEqual([-2, 2, 0, 0]);
  });
});

describe('checkMultiLabel', () => {
  const localizer = { evidence: 'classes', topShare: 0.2, penalty: 0, map: 'positive' } as const;
  const plain = { balance: 'none', localizer } as const;

  it.each([
    ['balance', { ...plain, balance: 'weight' as const }],
    ['balance', { ...plain, balance: 'batch' as const }],
    ['localizer.penalty', { ...plain, localizer: { ...localizer, penalty: 1 } }],
    ['localizer.map', { ...plain, localizer: { ...localizer, map: 'difference' as const } }],
    ['localizer.map', { ...plain, localizer: { ...localizer, map: 'negative+flips' as const } }],
  ])('refuses %s, which supposes classes that compete', async (key, config) => {
    const error = await failureOf(() => checkMultiLabel(config, { multiLabel: true }));
    expect([error.code, error.message]).toEqual(['config', expect.stringContaining(key)]);
    expect(() => checkMultiLabel(config, {})).not.toThrow();
    expect(() => checkMultiLabel(plain, { multiLabel: true })).not.toThrow();
    const flipped = { ...plain, localizer: { ...localizer, map: 'positive+flips' as const } };
    expect(() => checkMultiLabel(flipped, { multiLabel: true })).not.toThrow();
  });
});
