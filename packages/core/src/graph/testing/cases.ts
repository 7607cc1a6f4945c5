import { readFileSync } from 'node:fs';
import {
  type DataType,
  type Graph,
  type OpAttributes,
  type OpName,
  type Value,
  cast,
  createGraph,
  differentiate,
  float32,
  mul,
  reduceSum,
} from '../index.js';

interface StoredTensor {
  readonly dataType: DataType;
  readonly shape: number[];
  readonly data: number[];
}

/** An op with inputs, its output, and the gradients of sum(weights * output) with regard to the inputs. */
export interface Case {
  readonly op: OpName;
  readonly name: string;
  readonly attributes: OpAttributes[OpName];
  readonly inputs: StoredTensor[];
  readonly output: StoredTensor;
  readonly weights?: StoredTensor;
  readonly gradients?: (StoredTensor | null)[];
}

// Made by scripts/reference/ops.py with PyTorch in float64; this file is compiled to dist/graph/testing/.
const stored = new URL('../../../src/graph/testing/ops.json', import.meta.url);
export const { cases } = JSON.parse(readFileSync(stored, 'utf8')) as { cases: Case[] };

export interface CaseGraph {
  readonly graph: Graph;
  readonly inputs: Value[];
  readonly feeds: Record<string, Float32Array>;
  /** Output 0 as float32. */
  readonly output: Value;
}

/** The op applied to fed tensors; bool and int64 inputs are fed as float32 and cast. */
export function buildCase(entry: Case): CaseGraph {
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

export interface CaseOutputs extends Pick<CaseGraph, 'graph' | 'feeds'> {
  /** What PyTorch gives for each output of the graph. */
  readonly expected: ReadonlyMap<string, StoredTensor>;
}

/** The op and its gradients as outputs of one graph. */
export function buildCaseOutputs(entry: Case): CaseOutputs {
  const { graph, inputs, feeds, output } = buildCase(entry);
  graph.output('output', output);
  const expected = new Map([['output', entry.output]]);
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
      graph.output(`gradient${index}`, gradients[position] as Value);
      expected.set(`gradient${index}`, gradient);
    });
  }
  return { graph, feeds, expected };
}

/** Euclidean norm of the difference, relative to that of what was expected; NaN if a value is missing or NaN. */
export function relativeError(found: ArrayLike<number>, expected: readonly number[]): number {
  let difference = 0;
  let size = 0;
  expected.forEach((value, index) => {
    difference += ((found[index] ?? Number.NaN) - value) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(difference / Math.max(size, 1e-12));
}
