// @ts-check
/** Where a training step's time goes, by ONNX Runtime's own profiler: `npm run bench -- --profile`. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as onnxruntime from 'onnxruntime-node';
import { Random, chooseLowering, encodeOnnx, initialise, stepNames } from '@weakspot/core';
import { renderTable, resolveConfig } from 'weakspot';
import { trainingImages } from '../packages/weakspot/dist/train/training-images.js';
import { trainingStepOf } from './cases.mjs';

const STEPS = 12;
/** The runtime warms up: memory, threads, caches. */
const WARM_UP = 2;
const SHOWN = 25;

/** @typedef {{ name: string, cat?: string, ts: number, dur: number, args?: { op_name?: string } }} ProfileEvent */

/**
 * Prints two tables of a case's training step: by kind of operation, and by node of our graph.
 * @param {import('./cases.mjs').Case} benchmark @param {number} threads
 */
export async function profile(benchmark, threads) {
  const folder = await mkdtemp(join(tmpdir(), 'weakspot-profile-'));
  try {
    const { events, seconds } = await record(benchmark, threads, folder);
    const runs = events.filter(({ name }) => name === 'model_run').toSorted((a, b) => a.ts - b.ts);
    const from = runs[WARM_UP]?.ts ?? 0;
    const counted = runs.length - WARM_UP;
    const kernels = events.filter(({ cat, name, ts }) => cat === 'Node' && name.endsWith('_kernel_time') && ts >= from);
    const total = kernels.reduce((sum, { dur }) => sum + dur, 0);
    const byOp = sumBy(kernels, ({ args }) => args?.op_name ?? '?');
    const byNode = sumBy(kernels, ({ name }) => name.replace(/\/[^/]*_kernel_time$/, ''));
    const milliseconds = (/** @type {number} */ micro) => (micro / 1000 / counted).toFixed(2);
    const share = (/** @type {number} */ micro) => `${((100 * micro) / total).toFixed(1)} %`;
    const row = (/** @type {[string, { time: number, count: number }]} */ [name, { time, count }]) => [
      name,
      milliseconds(time),
      share(time),
      (count / counted).toFixed(0),
    ];
    console.log(`${benchmark.name}, ${threads} threads, means of ${counted} steps`);
    console.log(renderTable(['Operation', 'ms', 'Share', 'Kernels'], byOp.map(row)));
    console.log(renderTable(['Node of the graph', 'ms', 'Share', 'Kernels'], byNode.slice(0, SHOWN).map(row)));
    const input = await inputSeconds(benchmark);
    console.log(
      `all kernels ${milliseconds(total)} ms; a step as its caller sees it ${(1000 * seconds).toFixed(2)} ms`,
    );
    console.log(
      `the input pipeline (normalise, augment) ${(1000 * input).toFixed(2)} ms a step, ${((100 * input) / seconds).toFixed(1)} % of it\n`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {ProfileEvent[]} events @param {(event: ProfileEvent) => string} key */
function sumBy(events, key) {
  /** @type {Map<string, { time: number, count: number }>} */
  const sums = new Map();
  for (const event of events) {
    const { time, count } = sums.get(key(event)) ?? { time: 0, count: 0 };
    sums.set(key(event), { time: time + event.dur, count: count + 1 });
  }
  return [...sums].toSorted(([, a], [, b]) => b.time - a.time);
}

/** @param {import('./cases.mjs').Case} benchmark @param {number} threads @param {string} folder */
async function record(benchmark, threads, folder) {
  const { graph, parameters } = trainingStepOf(benchmark);
  const lowering = await chooseLowering(onnxruntime, 'cpu');
  const session = await onnxruntime.InferenceSession.create(encodeOnnx(graph, { lowering }), {
    intraOpNumThreads: threads,
    graphOptimizationLevel: 'all',
    enableMemPattern: false,
    enableProfiling: true,
    profileFilePrefix: join(folder, 'step'),
    logSeverityLevel: 3,
  });
  /** @type {Record<string, onnxruntime.Tensor>} */
  const feeds = {};
  const random = new Random(1, 'profile');
  for (const { name, type } of graph.inputs) {
    const data = new Float32Array(type.shape.reduce((a, b) => a * b, 1));
    if (name === stepNames.images) data.forEach((_, i) => (data[i] = random.normal()));
    else if (name === stepNames.targets) data.forEach((_, i) => (data[i] = Number(i % 2 === Math.floor(i / 2) % 2)));
    else if (name === stepNames.alpha) data.fill(0.1);
    else if (name === stepNames.learningRate) data.fill(1e-3);
    else if (name.endsWith('/dropout')) data.fill(1);
    feeds[name] = new onnxruntime.Tensor('float32', data, type.shape);
  }
  for (const parameter of parameters) {
    feeds[parameter.name] = new onnxruntime.Tensor('float32', initialise(parameter, 1), parameter.shape);
  }
  const times = [];
  for (let step = 0; step < STEPS; step++) {
    const began = performance.now();
    const results = await session.run(feeds);
    times.push((performance.now() - began) / 1000);
    for (const { name } of parameters) {
      for (const tensor of [name, stepNames.momentum(name)]) {
        const next = results[stepNames.next(tensor)];
        if (next !== undefined) feeds[tensor] = next;
      }
    }
  }
  session.endProfiling();
  await session.release();
  const [file = ''] = await readdir(folder);
  const counted = times.slice(WARM_UP);
  return {
    events: /** @type {ProfileEvent[]} */ (JSON.parse(await readFile(join(folder, file), 'utf8'))),
    seconds: counted.reduce((sum, time) => sum + time, 0) / counted.length,
  };
}

/** Seconds that a minibatch of prepared images takes to become network input. @param {import('./cases.mjs').Case} benchmark */
async function inputSeconds({ network, size, batch }) {
  const pixels = Uint16Array.from({ length: size * size }, (_, i) => (i * 2654435761) % 65536);
  const config = resolveConfig(
    {
      data: { path: '.' },
      network: { name: network },
      preprocessing: { width: size, height: size, normalization: { kind: 'image' } },
      batch,
    },
    { threads: 1, source: 'the benchmark' },
  );
  const samples = Array.from({ length: batch }, (_, i) => ({ name: `${i}`, path: '', label: 0, boxes: [] }));
  const set = { samples, pixels: () => Promise.resolve(pixels) };
  const members = samples.map((_, i) => i);
  const once = async (/** @type {number} */ first) =>
    void (await trainingImages(/** @type {any} */ (set), members, config, { epoch: 0, first }));
  await once(0);
  const began = performance.now();
  for (let i = 1; i <= 10; i++) await once(i);
  return (performance.now() - began) / 10_000;
}
