import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../data/testing/files.js';
import type { PartialConfig } from '../run/config.js';
import { runFolder } from '../run/folder.js';
import type { ImageSet } from './image-set.js';
import { beginning, trainLoop } from './loop.js';
import { eventsOf, tinyConfig } from './testing/runs.js';
import type { StepInput, Trainer } from './trainer.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** Images of one pixel with the given labels. */
const setOf = (labels: readonly number[]): ImageSet => ({
  samples: labels.map((label, i) => ({
    name: `${i}`,
    path: `/${i}`,
    label,
    patient: undefined,
    split: undefined,
    regions: [],
  })),
  pixels: () => Promise.resolve(new Uint16Array(1)),
});

/** What the loop fed the trainer, step by step. */
async function stepsOf(labels: readonly number[], changes: PartialConfig): Promise<StepInput[]> {
  const steps: StepInput[] = [];
  const trainer = {
    parameters: [],
    repeats: true,
    stateBytes: 1e6,
    steps: (inputs: StepInput[]) => {
      steps.push(...inputs);
      return Promise.resolve(inputs.map(() => ({ loss: 1, classifierLoss: 1, localizerLoss: 1, gradientNorm: 1 })));
    },
    state: () => ({ parameters: new Map(), momentum: new Map(), squares: new Map(), average: new Map() }),
  };
  const config = tinyConfig('unused', {
    augmentation: { shift: 0, flip: false, brightness: 1 },
    ...changes,
    preprocessing: { width: 1, height: 1, normalization: { kind: 'fixed', mean: 0, std: 1 } },
  });
  const loop = trainLoop({
    // The loop asks no more of a trainer.
    trainer: trainer as unknown as Trainer,
    progress: beginning,
    average: new Map(),
    folder: runFolder(join(folder, 'run')),
    run: { format: 1, weakspot: '0', dataset: 'd', classes: ['clear', 'lesion'], positive: 1 },
    config,
    training: setOf(labels),
    validation: setOf([]),
    isStopped: () => false,
  });
  await eventsOf(loop);
  return steps;
}

describe('the loop', () => {
  it('augments an image that comes several times in an epoch, or again in the next, in another way each time', async () => {
    const steps = await stepsOf([0, 0, 0, 0, 0, 1], { balance: 'sample', batch: 1, epochs: 2 });
    expect(steps).toHaveLength(20);
    expect(new Set(steps.map(({ images }) => images[0])).size).toBe(20);
  });

  it('numbers the steps of a run throughout, for the dropout', async () => {
    const steps = await stepsOf([0, 0, 1, 1, 1], { batch: 2, epochs: 3 });
    expect(steps.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('moves alpha by the epoch, and holds it at 1 without a classifier', async () => {
    const alpha = { kind: 'linear', start: 0, end: 1, at: 4 };
    const config = { batch: 2, epochs: 6, alpha };
    expect((await stepsOf([0, 1], config)).map((step) => step.alpha)).toEqual([0, 0.25, 0.5, 0.75, 1, 1]);
    const alone = await stepsOf([0, 1], { ...config, method: 'MaxPool' });
    expect(new Set(alone.map((step) => step.alpha))).toEqual(new Set([1]));
  });

  it('gives full minibatches with equally many of each class under `batch`', async () => {
    const steps = await stepsOf([0, 0, 0, 0, 0, 0, 0, 1, 1], { batch: 4, epochs: 2, balance: 'batch' });
    expect(steps.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    for (const { targets } of steps) expect([...targets]).toEqual([1, 0, 0, 1, 1, 0, 0, 1]);
  });

  it('weights the classes under `weight`', async () => {
    const [step] = await stepsOf([0, 0, 0, 1], { batch: 4, epochs: 1, balance: 'weight' });
    // 4 / (2 * 3) three times and 4 / (2 * 1) once.
    expect([...(step?.targets ?? [])].filter((value) => value > 0).toSorted((a, b) => a - b)).toEqual([
      ...Float32Array.of(2 / 3, 2 / 3, 2 / 3, 2),
    ]);
  });
});
