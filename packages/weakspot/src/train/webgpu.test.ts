import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writePhantoms } from '../data/phantom/index.js';
import { temporaryFolder } from '../data/testing/files.js';
import { type Checkpoint, loadCheckpoint } from '../run/checkpoint.js';
import type { EpochRecord, TrainEvent } from './events.js';
import type { TrainingRequest } from './index.js';
import { runHere, tinyConfig } from './testing/runs.js';
import { hasSoftwareGpu, trainOnSoftwareGpu } from './testing/software-gpu.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** Largest relative difference of a loss or of a checkpoint: rounding, which 20 steps carry on. */
const TOLERANCE = 1e-3;

const STEPS = 20;
type StepEvent = TrainEvent & { readonly type: 'step' };
const numbers = ['loss', 'classifierLoss', 'localizerLoss', 'gradientNorm'] as const;

/** A run of `compact` on ten films, in minibatches of two: twenty steps. */
function newRun(device: 'cpu' | 'webgpu'): TrainingRequest {
  const config = tinyConfig(join(folder, 'films'), {
    device,
    data: { split: { train: 10 / 14, validation: 4 / 14, test: 0 } },
    network: { name: 'compact', classifier: [8] },
    batch: 2,
    epochs: 4,
  });
  return { run: join(folder, device), cache: undefined, resume: false, config, force: false };
}

// Outside CI chromium may be missing; in CI it may not.
describe.skipIf(!hasSoftwareGpu && process.env['CI'] === undefined)('training on WebGPU (needs chromium)', () => {
  const events: Record<string, TrainEvent[]> = {};
  const stepsOf = (device: string): StepEvent[] =>
    (events[device] ?? []).filter((event): event is StepEvent => event.type === 'step');
  const recordsOf = (device: string): EpochRecord[] =>
    (events[device] ?? []).flatMap((event) => (event.type === 'epoch' ? [event.record] : []));
  const checkpointOf = (device: string): Promise<Checkpoint> =>
    loadCheckpoint(join(folder, device, 'checkpoints', 'last.safetensors'));

  beforeAll(async () => {
    await writePhantoms(join(folder, 'films'), { count: 14, seed: 1, size: 64 });
    events['cpu'] = await runHere(newRun('cpu'));
    events['webgpu'] = await trainOnSoftwareGpu(newRun('webgpu'));
  }, 300_000);

  it('is on WebGPU, and comes to its end', () => {
    expect(events['webgpu']?.find(({ type }) => type === 'device')).toMatchObject({ provider: 'webgpu', notes: [] });
    expect(events['webgpu']?.at(-1)?.type).toBe('done');
  });

  it('has the losses and gradient norms of the CPU, step by step', () => {
    const [found, expected] = [stepsOf('webgpu'), stepsOf('cpu')];
    expect([found.length, expected.length]).toEqual([STEPS, STEPS]);
    for (const [index, step] of expected.entries()) {
      for (const name of numbers) {
        const error = Math.abs((found[index]?.[name] ?? Number.NaN) / (step[name] ?? Number.NaN) - 1);
        expect(error, `${name} of step ${index + 1}`).toBeLessThan(TOLERANCE);
      }
    }
    // That it does learn: else equal losses would say little.
    expect(new Set(expected.map(({ loss }) => loss)).size).toBe(STEPS);
  });

  it('has the validation of the CPU, by the weights that lie on the device', () => {
    const [found, expected] = [recordsOf('webgpu'), recordsOf('cpu')];
    expect(found).toHaveLength(4);
    for (const [index, { validationLoss, validationAuc }] of expected.entries()) {
      const error = Math.abs((found[index]?.validationLoss ?? Number.NaN) / (validationLoss ?? Number.NaN) - 1);
      expect(error, `epoch ${index + 1}`).toBeLessThan(TOLERANCE);
      expect(found[index]?.validationAuc).toBe(validationAuc);
    }
  });

  it('saves the weights and the momentum of the CPU', async () => {
    const [found, expected] = [await checkpointOf('webgpu'), await checkpointOf('cpu')];
    expect(found.progress).toMatchObject({ epoch: 4, step: 0 });
    for (const tensors of ['parameters', 'momentum'] as const) {
      expect([...found[tensors].keys()]).toEqual([...expected[tensors].keys()]);
      let [difference, size] = [0, 0];
      for (const [name, { data, shape }] of expected[tensors]) {
        const other = found[tensors].get(name);
        expect(other?.shape).toEqual(shape);
        data.forEach((value, index) => {
          difference += ((other?.data[index] ?? Number.NaN) - value) ** 2;
          size += value ** 2;
        });
      }
      expect(Math.sqrt(difference / size), tensors).toBeLessThan(TOLERANCE);
    }
  });
});
