import { boxRegion, wholeImage, wholeInput } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import type { CachedImages } from '../data/cache.js';
import type { Sample } from '../data/dataset.js';
import { type EvaluateEvent, evaluateModel } from './evaluate.js';
import type { Prediction } from './model.js';
import { macroMean } from './per-class.js';
import { fakeModel, listOf } from './testing/models.js';

const cache: CachedImages = {
  statistics: { decoded: 0, hits: 0 },
  prepare: () =>
    Promise.resolve({
      pixels: new Uint16Array(64 * 64),
      originalWidth: 64,
      originalHeight: 64,
      placement: wholeImage(64, 64),
    }),
};

const [topLeft, bottomRight] = [boxRegion(0, 0, 20, 20), boxRegion(40, 40, 60, 60)];

function sample(name: string, labels: number[], regions: Sample['regions'] = [], regionLabels: number[] = []): Sample {
  const common = { path: `/${name}`, patient: undefined, split: undefined };
  return { name, ...common, label: labels[0] ?? -1, labels, regions, regionLabels };
}

/** Maps of 2x2 cells: the first class points to the top left, the second to the bottom right, the third nowhere. */
function said(...probabilities: number[]): Prediction {
  const maps = Float32Array.of(1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0);
  const map = { values: maps.slice(0, 4), width: 2, height: 2, extent: wholeInput };
  return { probabilities, map, evidence: { maps, logits: probabilities } };
}

describe('a multi-label evaluation', () => {
  const samples = [
    sample('both', [0, 1], [topLeft, bottomRight], [0, 1]),
    sample('first', [0], [bottomRight], [0]),
    sample('second', [1], [bottomRight], [1]),
    sample('none', []),
  ];
  const answers = [said(0.9, 0.8, 0.1), said(0.6, 0.7, 0.2), said(0.7, 0.4, 0.3), said(0.2, 0.1, 0.4)];
  const changes = { classes: ['A', 'B', 'C'], positive: 0, multiLabel: true as const };

  async function evaluated(positive = 0): Promise<Extract<EvaluateEvent, { type: 'done' }>> {
    const model = fakeModel(answers, { ...changes, positive });
    const options = { cache, tolerance: { x: 0, y: 0 } };
    const last = (await listOf(evaluateModel(model, samples, options))).at(-1);
    if (last?.type !== 'done') throw new Error('no metrics');
    return last;
  }

  it('measures each class against all other images, with its own map and its own marks', async () => {
    const { classes = [], evidence, metrics } = await evaluated();
    expect(evidence).toBeUndefined();
    expect(classes.map(({ name }) => name)).toEqual(['A', 'B', 'C']);
    const [a, b, c] = classes.map((one) => one.metrics);
    // Of A (0.9 yes, 0.7 no, 0.6 yes, 0.2 no) three pairs of four are in order; above 1/2 are three, two of them rightly.
    expect(a).toMatchObject({ images: 4, positives: 2, located: 2, auc: 0.75, acc: 0.75, hitRate: 0.5 });
    expect(a?.apPositive).toBeCloseTo(0.5 + 0.5 * (2 / 3), 12);
    // Of B: 0.8 yes, 0.7 no, 0.4 yes, 0.1 no. Both of its marks lie where its map points.
    expect(b).toMatchObject({ positives: 2, located: 2, auc: 0.75, acc: 0.5, hitRate: 1 });
    // No image has C.
    expect(c).toMatchObject({ positives: 0, located: 0, auc: undefined, hitRate: undefined, acc: 1 });
    expect(metrics).toEqual(a);
    expect((await evaluated(1)).classes).toEqual(classes);
  });

  it('has means over the classes that a number is defined for, and sums of counts', async () => {
    const { metrics: mean } = macroMean((await evaluated()).classes ?? []);
    expect(mean).toMatchObject({ images: 4, positives: 4, located: 4, auc: 0.75, hitRate: 0.75, acc: 0.75 });
    expect(macroMean([])).toMatchObject({ metrics: { auc: undefined }, position: undefined });
  });
});
