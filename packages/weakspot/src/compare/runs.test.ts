import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { failureOf, temporaryFolder } from '../data/testing/files.js';
import { writeRun } from '../evaluate/testing/models.js';
import type { RunConfig } from '../run/config.js';
import { readConfig, runFolder } from '../run/folder.js';
import { stateOf } from './runs.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

type Normalization = RunConfig['preprocessing']['normalization'];

/** A finished run that keeps one normalization, and the same run planned with another. */
async function stateWith(name: string, kept: Normalization, asked: Normalization): Promise<string> {
  const run = runFolder(await writeRun(join(folder, name), { settings: { preprocessing: { normalization: kept } } }));
  const { config } = await readConfig(run);
  const planned = { ...config, preprocessing: { ...config.preprocessing, normalization: asked } };
  return stateOf(run, { method: 'AvePool', seed: 0, fold: null, folder: name, config: planned });
}

describe('a run of a comparison', () => {
  it('is the one planned though it has the numbers of its training set', async () => {
    const kept = { kind: 'set', mean: 0.4, std: 0.2 } as const;
    expect(await stateWith('completed', kept, { kind: 'set' })).toBe('finished');
    expect(await stateWith('same', kept, kept)).toBe('finished');
  });

  it.each<[string, Normalization, string]>([
    ['numbers', { kind: 'set', mean: 0.5, std: 0.2 }, 'preprocessing.normalization.mean: 0.4 -> 0.5'],
    ['kind', { kind: 'image' }, 'preprocessing.normalization.kind: "set" -> "image"'],
  ])('is another one with another %s', async (name, asked, message) => {
    const error = await failureOf(() => stateWith(name, { kind: 'set', mean: 0.4, std: 0.2 }, asked));
    expect([error.code, error.message]).toEqual(['exists', expect.stringContaining(message)]);
  });
});
