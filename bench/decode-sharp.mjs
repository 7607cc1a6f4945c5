// @ts-check
/** sharp's side of the decoding benchmark: samples of 16 bits as they are stored. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import sharp from 'sharp';

const threads = Number(process.argv[2]);
/** @type {(times: number) => Promise<void>} */
let run = async () => undefined;

const decode = async (/** @type {string} */ file) =>
  sharp(await readFile(file))
    .toColourspace('grey16')
    .raw({ depth: 'ushort' })
    .toBuffer();

for await (const line of createInterface({ input: process.stdin })) {
  const { files, parallel, times, ...command } = JSON.parse(line);
  const fileOf = (/** @type {number} */ i) => files[i % files.length];
  let answer = {};
  if (command.do === 'case') {
    run = async (count) => {
      let next = 0;
      const work = async () => {
        while (next < count) await decode(fileOf(next++));
      };
      await Promise.all(Array.from({ length: parallel ? threads : 1 }, work));
    };
    await run(1);
    answer = {
      sha256: createHash('sha256')
        .update(await decode(fileOf(0)))
        .digest('hex'),
    };
  } else {
    const began = performance.now();
    await run(times);
    answer = { seconds: (performance.now() - began) / 1000 };
  }
  console.log(JSON.stringify(answer));
}
