// @ts-check
/** Our side of the benchmark: what `weakspot train` and `localize` run, driven by lines of JSON on stdin. */
import { createInterface } from 'node:readline';
import * as onnxruntime from 'onnxruntime-node';
import {
  buildInference,
  createGraph,
  createNetwork,
  createSession,
  encodeOnnx,
  inferenceNames,
  initialise,
  parseMethod,
} from '@weakspot/core';
import { float32, gemm } from '@weakspot/core/graph';
import { resolveConfig } from 'weakspot';
import { modelOptions } from '../packages/weakspot/dist/run/model-options.js';
import { startCalls } from '../packages/weakspot/dist/train/pace.js';
import { Trainer } from '../packages/weakspot/dist/train/trainer.js';

process.env.ORT_DISABLE_TELEMETRY ??= '1';
const threads = Number(process.argv[2]);
const provider = /** @type {import('@weakspot/core').Provider} */ (process.argv[3] ?? 'cpu');

/** @type {(times: number) => Promise<unknown>} */
let run = async () => undefined;

/** @param {import('./cases.mjs').Case} benchmark */
async function prepare(benchmark) {
  const { kind, network, size, batch, classifier } = benchmark;
  const images = Float32Array.from({ length: batch * size * size }, (_, i) => Math.sin(i * 12.9898) * 1.5);
  const config = resolveConfig(
    {
      data: { path: '.' },
      method: 'STL+AvePool',
      network: { name: network, classifier },
      preprocessing: { width: size, height: size },
      batch,
      threads,
    },
    { threads, source: 'the benchmark' },
  );
  if (kind === 'train') {
    const trainer = await Trainer.create(
      onnxruntime,
      config,
      modelOptions(config, { classes: ['clear', 'lesion'], positive: 1 }),
      undefined,
      { provider },
    );
    const targets = Float32Array.from({ length: batch * 2 }, (_, i) => Number(i % 2 === Math.floor(i / 2) % 2));
    let index = 0;
    const calls = startCalls(trainer.repeats, trainer.stateBytes);
    // As the training loop does.
    run = async (times) => {
      for (let done = 0; done < times;) {
        const count = Math.min(calls.steps, times - done);
        const inputs = Array.from({ length: count }, () => ({
          images,
          targets,
          alpha: 0.1,
          learningRate: 1e-3,
          index: index++,
        }));
        await calls.time(count, () => trainer.steps(inputs));
        done += count;
      }
    };
  } else {
    const options = {
      method: parseMethod('STL+AvePool'),
      network: createNetwork(network),
      classes: 2,
      sharpness: 10,
      width: size,
      height: size,
    };
    const { graph } = buildInference(options, (target, parameter) =>
      target.constant(parameter.name, initialise(parameter, 1), parameter.shape),
    );
    const model = encodeOnnx(graph, { batchDimension: 'batch' });
    const session = await createSession(onnxruntime, model, { threads, provider });
    run = async (times) => {
      for (let i = 0; i < times; i++) {
        await session.run({ [inferenceNames.images]: { data: images, shape: [batch, 1, size, size] } });
      }
    };
  }
  await run(1);
}

/** FLOP/s of the CPU in the fastest of several float32 products of square matrices of these sides. */
async function matmulRate() {
  let best = 0;
  for (const side of [384, 768, 1536, 3072]) {
    const graph = createGraph();
    const [a, b] = [graph.input('a', float32([side, side])), graph.input('b', float32([side, side]))];
    graph.output('y', gemm(a, b));
    const session = await createSession(onnxruntime, encodeOnnx(graph), { threads });
    const matrix = { data: new Float32Array(side * side).fill(0.5), shape: [side, side] };
    for (let i = 0; i < 8; i++) {
      const began = performance.now();
      await session.run({ a: matrix, b: matrix });
      best = Math.max(best, (2 * side ** 3) / ((performance.now() - began) / 1000));
    }
    await session.release();
  }
  return best;
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  /** @type {unknown} */
  let answer = { ready: true };
  if (command.do === 'about') answer = { threads, matmul: await matmulRate(), node: process.version };
  else if (command.do === 'case') await prepare(command.case);
  else {
    const began = performance.now();
    await run(command.times);
    answer = { seconds: (performance.now() - began) / 1000, rss: process.resourceUsage().maxRSS * 1024 };
  }
  console.log(JSON.stringify(answer));
}
