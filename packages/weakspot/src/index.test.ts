import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './data/testing/files.js';
import * as weakspot from './index.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

describe('the public entry', () => {
  it('suffices for the job from films to boxes, as its example says', async () => {
    const { findImages, localizeImages, openModel, resolveConfig, train, writePhantoms } = weakspot;
    const [films, run] = [join(folder, 'films'), join(folder, 'run')];
    await writePhantoms(films, { count: 12, seed: 1, size: 64 });
    const config = resolveConfig(
      {
        data: { path: films, split: { train: 1, validation: 0, test: 0 } },
        network: { classifier: [8] },
        preprocessing: { width: 64, height: 64 },
        epochs: 1,
        batch: 4,
      },
      { threads: 1, source: 'my program' },
    );
    const epochs: weakspot.EpochRecord[] = [];
    for await (const event of train({ run, config, cache: undefined, resume: false, force: false })) {
      if (event.type === 'epoch') epochs.push(event.record);
    }
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1]);
    const model = await openModel(run);
    const found: weakspot.Localization[] = [];
    for await (const event of localizeImages(model, await findImages([films]))) {
      if (event.type === 'image') found.push(event.localization);
    }
    await model.release();
    expect(found.map(({ positive }) => positive)).toEqual(Array.from({ length: 12 }, () => 'lesion'));
  });

  it('has the errors that its functions throw', async () => {
    const failure = await weakspot.findImages([join(folder, 'nothing')]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(weakspot.WeakspotError);
  });
});
