import { join } from 'node:path';
import type { Provider, ProviderReport } from '@weakspot/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf, temporaryFolder } from '../data/testing/files.js';
import { runtimeWith } from '../device/testing/runtimes.js';
import { openModel } from './model.js';
import { writeRun } from './testing/models.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const run = join(folder, 'run');
beforeAll(() => writeRun(run));

const inspect = async (provider: Provider): Promise<ProviderReport> => ({
  provider,
  available: true,
  check: { error: 0, speed: 9 },
});

describe('the device of a model', () => {
  it('is the CPU unless another is asked for, whatever there is', async () => {
    const runtime = runtimeWith({ webgpu: 'works' });
    const model = await openModel(run, { runtime });
    await model.release();
    expect([model.device, runtime.loaded]).toEqual([{ provider: 'cpu', notes: [] }, ['cpu']]);
  });

  it('is the one that is named, or an error', async () => {
    const model = await openModel(run, { runtime: runtimeWith({ webgpu: 'works' }), device: 'webgpu' });
    await model.release();
    expect(model.device).toEqual({ provider: 'webgpu', notes: [] });
    const error = await failureOf(() => openModel(run, { runtime: runtimeWith({}), device: 'webgpu' }));
    expect([error.code, error.hint]).toEqual(['engine', expect.stringContaining('weakspot doctor')]);
    // Also where it starts, but does not take this model.
    const large = await failureOf(() =>
      openModel(run, { runtime: runtimeWith({ webgpu: 'fails' }), device: 'webgpu' }),
    );
    expect([large.code, large.message]).toEqual(['engine', expect.stringContaining('the graph is too large')]);
  });

  it('is with auto what is fast, or the CPU where that does not take the model', async () => {
    const model = await openModel(run, { runtime: runtimeWith({ webgpu: 'works' }), device: 'auto', inspect });
    await model.release();
    expect(model.device).toEqual({ provider: 'webgpu', notes: [] });
    const fallen = await openModel(run, { runtime: runtimeWith({ webgpu: 'fails' }), device: 'auto', inspect });
    await fallen.release();
    expect(fallen.device.provider).toBe('cpu');
    expect(fallen.device.notes).toEqual([expect.stringMatching(/^webgpu is not used: .*too large/)]);
  });
});
