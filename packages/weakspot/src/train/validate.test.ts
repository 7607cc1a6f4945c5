import { describe, expect, it } from 'vitest';
import { failureOf } from '../data/testing/files.js';
import type { ImageSet } from './image-set.js';
import { tinyConfig } from './testing/runs.js';
import { isBetter, validate } from './validate.js';

const run = { classes: ['clear', 'lesion'], positive: 1 };
const config = tinyConfig('unused', {
  preprocessing: { width: 1, height: 1, normalization: { kind: 'fixed', mean: 0, std: 1 } },
  batch: 2,
});

/** One image of one pixel per label; the image's value, 0..1, is what the model says of the positive class. */
function setOf(images: readonly (readonly [label: number, value: number])[]): ImageSet {
  return {
    samples: images.map(([label], i) => ({
      name: `${i}`,
      path: `/${i}`,
      label,
      patient: undefined,
      split: undefined,
      regions: [],
    })),
    pixels: (index) => Promise.resolve(Uint16Array.of(Math.round((images[index]?.[1] ?? 0) * 65535))),
  };
}
const batches: number[] = [];
const model = {
  probabilities: (images: Float32Array) => {
    batches.push(images.length);
    return Promise.resolve(Float32Array.from([...images].flatMap((value) => [1 - value, value])));
  },
};

describe('validate', () => {
  it('gives the mean cross-entropy and the AUC, in minibatches of which the last may be smaller', async () => {
    batches.length = 0;
    const found = await validate(
      model,
      setOf([
        [1, 0.8],
        [0, 0.4],
        [1, 0.2],
      ]),
      run,
      config,
    );
    expect(batches).toEqual([2, 1]);
    expect(found?.loss).toBeCloseTo(-(Math.log(0.8) + Math.log(0.6) + Math.log(0.2)) / 3, 4);
    // The positive ones are above the negative one in one pair of two.
    expect(found?.auc).toBe(0.5);
  });

  it('of a multi-label set gives the mean AUC of the classes that have one, and all their cross-entropies', async () => {
    const base = setOf([
      [0, 0.8],
      [0, 0.4],
      [0, 0.2],
    ]);
    // The model says value of the second class and 1 - value of the first; the third class is said by nothing, and has none.
    const labels = [[1], [0, 1], [0]];
    const set = { ...base, samples: base.samples.map((sample, i) => ({ ...sample, labels: labels[i] ?? [] })) };
    const three = {
      probabilities: (images: Float32Array) =>
        Promise.resolve(Float32Array.from([...images].flatMap((value) => [1 - value, value, 0.5]))),
    };
    const several = { classes: ['a', 'b', 'c'], positive: 0, multiLabel: true as const };
    const found = await validate(three, set, several, config);
    // Of the first class 0.6 and 0.8 are above 0.2, of the second 0.8 and 0.4 above 0.2.
    expect(found?.auc).toBe(1);
    const first = Math.log(0.8) + Math.log(0.6) + Math.log(0.8);
    const second = Math.log(0.8) + Math.log(0.4) + Math.log(0.8);
    expect(found?.loss).toBeCloseTo(-(first + second + 3 * Math.log(0.5)) / 3, 4);
  });

  it('gives no AUC with one class, and nothing without images', async () => {
    expect(await validate(model, setOf([[1, 0.5]]), run, config)).toMatchObject({ auc: null });
    expect(await validate(model, setOf([]), run, config)).toBeUndefined();
  });

  it('a probability of 0 makes a large loss, not an infinite one', async () => {
    const found = await validate(model, setOf([[1, 0]]), run, config);
    expect(found?.loss).toBeGreaterThan(80);
    expect(found?.loss).toBeLessThan(100);
  });

  it('probabilities that are not numbers mean that training diverged', async () => {
    const broken = { probabilities: () => Promise.resolve(Float32Array.of(Number.NaN, Number.NaN)) };
    expect((await failureOf(() => validate(broken, setOf([[1, 0.5]]), run, config))).code).toBe('diverged');
  });
});

describe('isBetter', () => {
  it.each([
    [{ auc: 0.5, loss: 9 }, null, true],
    [{ auc: 0.8, loss: 2 }, { auc: 0.7, loss: 1 }, true],
    [{ auc: 0.7, loss: 1 }, { auc: 0.8, loss: 2 }, false],
    [{ auc: 0.8, loss: 1 }, { auc: 0.8, loss: 2 }, true],
    [{ auc: 0.8, loss: 2 }, { auc: 0.8, loss: 2 }, false],
    [{ auc: null, loss: 1 }, { auc: null, loss: 2 }, true],
    [{ auc: null, loss: 2 }, { auc: null, loss: 1 }, false],
  ])('%j after %j: %s', (found, best, expected) => {
    expect(isBetter(found, best === null ? null : { ...best })).toBe(expected);
  });
});
