import { readFileSync } from 'node:fs';
import * as onnxruntime from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { chooseLowering } from '../../session/index.js';
import { runGraph } from '../../testing/run-graph.js';
import {
  type DataType,
  type Graph,
  type Lowering,
  type OpAttributes,
  type OpName,
  type Value,
  cast,
  createGraph,
  differentiate,
  float32,
  lowerings,
  mul,
  opTable,
  reduceSum,
} from '../index.js';

interface StoredTensor {
  readonly dataType: DataType;
  readonly shape: number[];
  readonly data: number[];
}

interface Case {
  readonly op: OpName;
  readonly name: string;
  readonly attributes: OpAttributes[OpName];
  readonly inputs: StoredTensor[];
  readonly output: StoredTensor;
  readonly weights?: StoredTensor;
  readonly gradients?: (StoredTensor | null)[];
}

// Made by scripts/reference/ops.py with PyTorch in float64; this file is compiled to dist/graph/ops/.
const stored = new URL('../../../src/graph/testing/ops.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(stored, 'utf8')) as { cases: Case[] };

interface CaseGraph {
  readonly graph: Graph;
  readonly inputs: Value[];
  readonly feeds: Record<string, Float32Array>;
  /** Output 0 as float32. */
  readonly output: Value;
}

/** The op applied to fed tensors; bool and int64 inputs are fed as float32 and cast. */
function buildCase(entry: Case): CaseGraph {
  const graph = createGraph();
  const feeds: Record<string, Float32Array> = {};
  const inputs = entry.inputs.map((tensor, index) => {
    const fed = graph.input(`input${index}`, float32(tensor.shape));
    feeds[fed.name] = Float32Array.from(tensor.data);
    return tensor.dataType === 'float32' ? fed : cast(fed, tensor.dataType);
  });
  const [first] = graph.apply(entry.op, inputs, entry.attributes);
  if (first === undefined) throw new Error('no output');
  return { graph, inputs, feeds, output: first.type.dataType === 'float32' ? first : cast(first, 'float32') };
}

function relativeError(found: ArrayLike<number>, expected: readonly number[]): number {
  let difference = 0;
  let size = 0;
  expected.forEach((value, index) => {
    difference += ((found[index] ?? Number.NaN) - value) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(difference / Math.max(size, 1e-12));
}

const forms: [string, Lowering][] = [
  ['cpu', lowerings.cpu],
  ['webgpu', lowerings.webgpu],
  ['blocked', await chooseLowering(onnxruntime, 'cpu')],
];

describe('the op table against PyTorch in float64', () => {
  it('has a case for every op', () => {
    expect(new Set(cases.map(({ op }) => op))).toEqual(new Set(Object.keys(opTable)));
  });

  it('has gradients for every op that has a gradient rule', () => {
    const checked = new Set(
      cases.filter(({ gradients }) => gradients?.some((gradient) => gradient !== null)).map(({ op }) => op),
    );
    const ruled = Object.entries(opTable).flatMap(([op, rule]) => (rule.gradient === undefined ? [] : [op]));
    // stopGradient's rule is to send nothing back, which a test of its own covers.
    expect(new Set([...checked, 'stopGradient'])).toEqual(new Set(ruled));
  });

  for (const [form, lowering] of forms) {
    for (const entry of cases) {
      it(`${entry.op}, ${entry.name}: forward and gradients (${form} forms)`, async () => {
        const { graph, inputs, feeds, output } = buildCase(entry);
        expect(output.type.shape).toEqual(entry.output.shape);
        graph.output('output', output);
        const expected: Record<string, number[]> = { output: entry.output.data };
        if (entry.weights !== undefined && entry.gradients !== undefined) {
          const weights = graph.constant('weights', Float32Array.from(entry.weights.data), entry.weights.shape);
          const loss = reduceSum(
            mul(output, weights),
            output.type.shape.map((_, axis) => axis),
          );
          const wanted = entry.gradients.flatMap((gradient, index) => (gradient === null ? [] : [{ gradient, index }]));
          const gradients = differentiate(
            graph,
            loss,
            wanted.map(({ index }) => inputs[index] as Value),
          );
          wanted.forEach(({ gradient, index }, position) => {
            const value = gradients[position];
            expect(value?.type.shape).toEqual(gradient.shape);
            graph.output(`gradient${index}`, value as Value);
            expected[`gradient${index}`] = gradient.data;
          });
        }
        const results = await runGraph(graph, feeds, lowering);
        for (const [name, values] of Object.entries(expected)) {
          expect(relativeError(results[name]?.data ?? [], values), name).toBeLessThan(2e-6);
        }
      });
    }
  }
});

describe('gradient rules against central differences', () => {
  const differentiable = cases.filter(({ gradients, name }) => gradients !== undefined && !name.startsWith('ties'));
  for (const entry of differentiable) {
    it(`${entry.op}, ${entry.name}`, async () => {
      const { graph, feeds, output } = buildCase(entry);
      graph.output('output', output);
      const step = 2 ** -8;
      for (const [index, gradient] of (entry.gradients ?? []).entries()) {
        if (gradient === null) continue;
        // Along one direction of signs: (L(x + h d) - L(x - h d)) / 2h = gradient . d
        const directions = gradient.data.map((_, i) => ((i * 7 + index) % 3 === 0 ? -1 : 1));
        const losses: number[] = [];
        for (const side of [1, -1]) {
          const base = feeds[`input${index}`] as Float32Array;
          const moved = base.map((value, i) => value + side * step * (directions[i] ?? 0));
          const result = await runGraph(graph, { ...feeds, [`input${index}`]: moved });
          losses.push(
            (entry.weights?.data ?? []).reduce((sum, weight, i) => sum + weight * (result['output']?.data[i] ?? 0), 0),
          );
        }
        const slope = ((losses[0] ?? 0) - (losses[1] ?? 0)) / (2 * step);
        const expected = gradient.data.reduce((sum, value, i) => sum + value * (directions[i] ?? 0), 0);
        const scale = Math.sqrt(gradient.data.reduce((sum, value) => sum + value * value, 0)) + 1e-6;
        expect(Math.abs(slope - expected) / scale).toBeLessThan(5e-3);
      }
    });
  }
});
