// @ts-check
/** Our side of the decoding benchmark: `decodeImage` alone, or the threads that training prepares its images in. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { decodeImage, openImageCache } from 'weakspot';

const threads = Number(process.argv[2]);
/** @type {(times: number) => Promise<void>} */
let run = async () => undefined;

for await (const line of createInterface({ input: process.stdin })) {
  const { files, parallel, size, times, ...command } = JSON.parse(line);
  const fileOf = (/** @type {number} */ i) => files[i % files.length];
  const decode = async (/** @type {string} */ file) => decodeImage(await readFile(file), file);
  let answer = {};
  if (command.do === 'case') {
    if (parallel) {
      const preprocessing = /** @type {const} */ ({
        width: size,
        height: size,
        intensity: { range: 'display' },
        crop: 'none',
        fit: 'stretch',
        clahe: null,
        normalization: { kind: 'image' },
        antialias: true,
      });
      const cache = openImageCache({ directory: undefined, preprocessing, threads, startAfter: 0 });
      run = async (count) => {
        await Promise.all(Array.from({ length: count }, (_, i) => cache.prepare(fileOf(i))));
      };
      // The threads' start is not what is measured.
      await run(threads);
    } else {
      run = async (count) => {
        for (let i = 0; i < count; i++) await decode(fileOf(i));
      };
    }
    answer = {
      sha256: createHash('sha256')
        .update((await decode(fileOf(0))).pixels)
        .digest('hex'),
    };
  } else {
    const began = performance.now();
    await run(times);
    answer = { seconds: (performance.now() - began) / 1000 };
  }
  console.log(JSON.stringify(answer));
}
