import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { failureOf, temporaryFolder } from '../data/testing/files.js';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import { encodeSafetensors } from './safetensors.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const checkpoint: Checkpoint = {
  parameters: new Map([
    ['conv1.weight', { shape: [2, 1], data: Float32Array.of(1.5, -2) }],
    ['conv1.bias', { shape: [2], data: Float32Array.of(0, 3) }],
  ]),
  momentum: new Map([
    ['conv1.weight', { shape: [2, 1], data: Float32Array.of(7, 8) }],
    ['conv1.bias', { shape: [2], data: Float32Array.of(9, 10) }],
  ]),
  squares: new Map([['conv1.bias', { shape: [2], data: Float32Array.of(2, 1e-30) }]]),
  average: new Map([['conv1.bias', { shape: [2], data: Float32Array.of(0.5, -1) }]]),
  progress: { epoch: 3, step: 2, sums: [0.1 + 0.2, 1e-300, 5, 6], images: 8, best: { epoch: 2, auc: null, loss: 0.7 } },
};

describe('checkpoints', () => {
  it('come back as they were saved, to the last bit', async () => {
    const path = join(folder, 'new', 'last.safetensors');
    await saveCheckpoint(path, checkpoint);
    expect(await loadCheckpoint(path)).toEqual(checkpoint);
  });

  it('that are missing are named, with what to do', async () => {
    const path = join(folder, 'none.safetensors');
    const error = await failureOf(() => loadCheckpoint(path));
    expect([error.code, error.message.includes(path), error.hint !== undefined]).toEqual(['model', true, true]);
  });

  const progress = JSON.stringify(checkpoint.progress);
  it.each([
    ['nothing', {}],
    ['no JSON', { progress: '{' }],
    ['a negative epoch', { progress: progress.replace('"epoch":3', '"epoch":-3') }],
    ['a sum that is no number', { progress: progress.replace('1e-300', 'null') }],
    ['an unknown key', { progress: progress.replace('"step"', '"stap"') }],
  ])('of another program are refused: %s as progress', async (_, metadata: Record<string, string>) => {
    const path = join(folder, 'foreign.safetensors');
    writeFileSync(path, encodeSafetensors({ tensors: checkpoint.parameters, metadata }));
    const error = await failureOf(() => loadCheckpoint(path));
    expect(error.code).toBe('model');
    expect(error.message).toContain(path);
  });
});
