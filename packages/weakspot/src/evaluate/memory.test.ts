import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import { makePhantom } from '../data/phantom/index.js';
import { temporaryFolder, writeTree } from '../data/testing/files.js';
import { overlayPng } from '../report/index.js';
import { type ImageFile, heatRange, localizeImages } from './localize.js';
import { openModel } from './model.js';
import { writeRun } from './testing/models.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

async function writeFilms(): Promise<ImageFile[]> {
  const films: ImageFile[] = [];
  for (let index = 0; index < 20; index++) {
    const { pixels, width, height } = makePhantom(1, index, { size: 64 });
    const bytes = Uint8Array.from(pixels, (value) => value >> 8);
    const image = sharp(bytes, { raw: { width, height, channels: 1 } }).toColourspace('b-w');
    const ending = (['png', 'tiff', 'jpeg'] as const)[index % 3] ?? 'png';
    const name = `${index}.${ending}`;
    writeTree(folder, { [name]: await image.toFormat(ending).toBuffer() });
    films.push({ name, path: join(folder, name) });
  }
  return films;
}

it('keeps memory flat over 1,000 localized images with pictures of a tenth of them', async () => {
  // What is left after a collection is what is held; without collecting, the figure would be that of the collector.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heldMiB = async (): Promise<{ resident: number; script: number }> => {
    // What a collection frees outside the heap, and what finalizers and threads still held, goes a turn of the loop later.
    for (let turn = 0; turn < 4; turn++) {
      collect();
      await setImmediate();
    }
    const { rss, heapUsed, external } = process.memoryUsage();
    return { resident: rss / 2 ** 20, script: (heapUsed + external) / 2 ** 20 };
  };
  const films = await writeFilms();
  const files = Array.from({ length: 1000 }, (_, index) => films[index % films.length] as ImageFile);
  const model = await openModel(await writeRun(join(folder, 'run')), { threads: 1 });
  let localized = 0;
  let early = await heldMiB();
  try {
    for await (const event of localizeImages(model, files, { minProbability: 0 })) {
      if (event.type === 'issue') throw new Error(event.issue.message);
      const { image, prediction, localization } = event;
      if (++localized === 200) early = await heldMiB();
      if (localized % 10 > 0) continue;
      const { map, probabilities } = prediction;
      const png = await overlayPng({
        image,
        map: { ...map, ...heatRange(map.values, probabilities[1] ?? 0) },
        response: localization.response,
        boxes: localization.boxes,
      });
      expect(png.length).toBeGreaterThan(100);
    }
  } finally {
    await model.release();
  }
  expect(localized).toBe(1000);
  const late = await heldMiB();
  // The engine's and the decoders' own memory is seen from outside only, and coarsely: 50 KiB an image would be 39 MiB.
  expect(late.resident - early.resident).toBeLessThan(40);
  // What our own objects hold is known well: the 16 KiB of one input kept of each image would be 13 MiB. The test runner
  // keeps 2 MiB of its own; without it the figure is below 0.1.
  expect(late.script - early.script).toBeLessThan(6);
});
