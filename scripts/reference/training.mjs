// @ts-check
/**
 * Trains the network of a finished run once more, in PyTorch (training.py), on the same images with the same settings,
 * and makes a run folder of the result, so that `weakspot evaluate` measures both alike:
 *
 *   node scripts/reference/training.mjs RUN OUT [SEED]
 *
 * Needs Debian's python3-torch.
 */
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openImageCache, readConfig, readDataset, readSplit, runFolder, toInput, train } from 'weakspot';

const [, , run, out, seed = '0'] = process.argv;
if (run === undefined || out === undefined) {
  console.error('usage: node scripts/reference/training.mjs RUN OUT [SEED]');
  process.exit(2);
}
const source = runFolder(run);
const { run: info, config } = await readConfig(source);
const split = await readSplit(source);
const { samples } = await readDataset(config.data.path, { classes: info.classes });
const training = samples.filter(({ name }) => split.get(name) === 'train');
const cache = openImageCache({ directory: undefined, preprocessing: config.preprocessing });
const pixels = config.preprocessing.width * config.preprocessing.height;
const inputs = new Float32Array(training.length * pixels);
for (const [index, sample] of training.entries()) {
  toInput((await cache.prepare(sample.path)).pixels, config.preprocessing, inputs, index * pixels);
}

const work = await mkdtemp(join(tmpdir(), 'weakspot-peer-'));
try {
  await writeFile(join(work, 'inputs.f32'), inputs);
  await writeFile(join(work, 'job.json'), JSON.stringify({ config, labels: training.map(({ label }) => label) }));
  await cp(source.checkpoint('last'), join(work, 'checkpoint.safetensors'));
  const script = fileURLToPath(new URL('training.py', import.meta.url));
  execFileSync('/usr/bin/python3', [script, work, seed], { stdio: 'inherit' });
  await mkdir(join(out, 'checkpoints'), { recursive: true });
  const target = runFolder(out);
  await cp(source.config, target.config);
  await cp(source.split, target.split);
  await cp(join(work, 'peer.safetensors'), target.checkpoint('last'));
  // Nothing is left to train: going on only exports the model.
  for await (const event of train({ run: out, cache: undefined, resume: true })) {
    if (event.type === 'done') console.log(event.model);
  }
} finally {
  await rm(work, { recursive: true, force: true });
}
