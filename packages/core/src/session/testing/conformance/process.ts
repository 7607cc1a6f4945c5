/** Runs all checks on the provider that is given as argument, and writes a line of JSON for each. */
import * as onnxruntime from 'onnxruntime-node';
import { messageOf } from '../../../errors.js';
import { type Provider, createGraph, float32 } from '../../../graph/index.js';
import { createSession } from '../../index.js';
import { encoded } from './check.js';
import { checks } from './index.js';
import type { CheckResult } from './software-gpu.js';

const provider = process.argv[2] as Provider;

// The runtime starts and ends a GPU's device with the first and the last session: one is held, so that it starts once.
const graph = createGraph();
graph.output('y', graph.input('x', float32([1])));
const held = await createSession(onnxruntime, encoded(graph, provider), { provider });

for (const { name, run } of checks) {
  const result = await run(onnxruntime, provider).then(
    (error): CheckResult => ({ name, error: Number.isNaN(error) ? 'NaN' : error }),
    (problem: unknown): CheckResult => ({ name, problem: messageOf(problem) }),
  );
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
await held.release();
