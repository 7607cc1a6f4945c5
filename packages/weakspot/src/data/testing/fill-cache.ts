/** A process that prepares images through a cache: `fill-cache.js DIRECTORY LIMIT REPEATS IMAGE...` writes a digest of all. */
import { createHash } from 'node:crypto';
import { openImageCache } from '../cache.js';
import type { Preprocessing } from '../preprocess.js';

/** What the processes of one test share. */
export const fillSettings: Preprocessing = {
  width: 64,
  height: 64,
  intensity: { range: 'full-scale' },
  crop: 'none',
  fit: 'stretch',
  clahe: null,
  normalization: { kind: 'image' },
  antialias: true,
};

const [, script, directory, limit, repeats, ...images] = process.argv;
if (script === import.meta.filename) {
  for (let i = 0; i < Number(repeats); i++) {
    // Opened anew, so that what it used before counts as old.
    const cache = openImageCache({ directory, limit: Number(limit), preprocessing: fillSettings, threads: 0 });
    const hash = createHash('sha256');
    for (const image of images) hash.update((await cache.prepare(image)).pixels);
    process.stdout.write(`${hash.digest('hex')}\n`);
  }
}
