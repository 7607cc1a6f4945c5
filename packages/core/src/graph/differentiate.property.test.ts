import fc from 'fast-check';
import * as onnxruntime from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { createSession } from '../session/index.js';
import { deterministicUniform } from '../testing/deterministic.js';
import * as ops from './index.js';
import {
  type Graph,
  type Value,
  add,
  createGraph,
  differentiate,
  div,
  encodeOnnx,
  float32,
  mul,
  sqrt,
} from './index.js';

const MOST_ELEMENTS = 64;
const INPUT_SHAPES = [[2, 3], [3], [2, 1], [1, 3, 2]];

/** x / sqrt(1 + x^2): keeps every tensor within (-1, 1), so that kinks can be kept out of reach. */
function bounded(x: Value): Value {
  return div(x, sqrt(add(mul(x, x), x.graph.scalar(1))));
}

const everyAxis = (x: Value): number[] => x.type.shape.map((_, axis) => axis);
const size = (x: Value): number => ops.sizeOf(x.type.shape);
const lastAxis = (x: Value): number => x.type.shape.length - 1;
const plus = (x: Value, offset: number): Value => add(x, x.graph.scalar(offset));

/** 0, 4, 8, ... along the last axis: added to values in (-1, 1), the last element is the largest, with no tie near. */
function ramp(x: Value): Value {
  const extent = x.type.shape.at(-1) ?? 1;
  const { graph } = x;
  return graph.constant(
    graph.unusedName('ramp'),
    Float32Array.from({ length: extent }, (_, i) => 4 * i),
    [extent],
  );
}

/** Each makes a value from two earlier ones with elements in (-1, 1); a number chooses between variants. */
const steps: Readonly<Record<string, (a: Value, b: Value, variant: number) => Value>> = {
  add,
  sub: ops.sub,
  mul,
  div: (a, b) => div(a, plus(b, 2)),
  // The first or the second wins, everywhere.
  maximum: (a, b, variant) => ops.maximum(a, plus(b, variant % 2 === 0 ? 3 : -3)),
  where: (a, b, variant) => ops.where(ops.greater(a, plus(b, variant % 2 === 0 ? 3 : -3)), a, b),
  neg: ops.neg,
  exp: ops.exp,
  log: (a) => ops.log(plus(a, 2)),
  sqrt: (a) => sqrt(plus(a, 2)),
  sigmoid: ops.sigmoid,
  softplus: ops.softplus,
  tanh: ops.tanh,
  relu: (a, _b, variant) => ops.relu(plus(a, variant % 4 === 0 ? -2 : 2)),
  softmax: (a) => (lastAxis(a) < 0 ? a : ops.softmax(a)),
  logSoftmax: (a) => (lastAxis(a) < 0 ? a : ops.logSoftmax(a)),
  reduceSum: (a, _b, variant) => ops.reduceSum(a, someAxes(a, variant), variant % 2 === 0),
  reduceMean: (a, _b, variant) => ops.reduceMean(a, someAxes(a, variant), variant % 2 === 0),
  reduceSumSquare: (a, _b, variant) => ops.reduceSumSquare(a, someAxes(a, variant), variant % 2 === 0),
  reduceMax: (a, _b, variant) =>
    lastAxis(a) < 0 ? a : ops.reduceMax(add(a, ramp(a)), [lastAxis(a)], variant % 2 === 0),
  reshape: (a, _b, variant) => ops.reshape(a, variant % 2 === 0 ? [size(a)] : [1, size(a), 1]),
  flatten: (a) => (lastAxis(a) < 0 ? a : ops.flatten(a)),
  transpose: (a, _b, variant) => {
    const axes = everyAxis(a);
    return ops.transpose(a, [
      ...axes.slice(variant % (axes.length + 1)),
      ...axes.slice(0, variant % (axes.length + 1)),
    ]);
  },
  expand: (a) => ops.expand(a, [2, ...a.type.shape]),
  slice: (a, _b, variant) => {
    const starts = a.type.shape.map((extent, axis) => (variant + axis) % extent);
    return ops.slice(a, starts, a.type.shape);
  },
  concat: (a, _b, variant) => (lastAxis(a) < 0 ? a : ops.concat([a, ops.neg(a), a], variant % (lastAxis(a) + 1))),
  pad: (a, _b, variant) =>
    ops.pad(
      a,
      everyAxis(a).map((axis) => (variant + axis) % 2),
      everyAxis(a).map((axis) => (variant >> axis) % 2),
    ),
  reverse: (a, _b, variant) => (lastAxis(a) < 0 ? a : ops.reverse(a, someAxes(a, variant))),
  gemm: (a, b, variant) => {
    const [left, right] = [ops.reshape(a, [size(a), 1]), ops.reshape(b, [1, size(b)])];
    const [transA, transB] = [variant % 2 === 0, variant % 4 < 2];
    return ops.gemm(transA ? ops.transpose(left, [1, 0]) : left, transB ? ops.transpose(right, [1, 0]) : right, {
      transA,
      transB,
    });
  },
};

function someAxes(x: Value, variant: number): number[] {
  const axes = everyAxis(x).filter((axis) => (variant >> axis) % 2 === 0);
  return axes.length === 0 ? everyAxis(x) : axes;
}

interface Step {
  readonly op: string;
  readonly a: number;
  readonly b: number;
  readonly variant: number;
}

/** The program's graph: its loss weights every element of every value that no later step has read. */
function buildProgram(program: readonly Step[]): { graph: Graph; inputs: Value[]; loss: Value; applied: string[] } {
  const graph = createGraph();
  const inputs = INPUT_SHAPES.map((shape, i) => graph.input(`input${i}`, float32(shape)));
  const values: Value[] = [...inputs];
  const read = new Set<Value>();
  const applied: string[] = [];
  for (const { op, a, b, variant } of program) {
    const x = values[a % values.length] as Value;
    // Operands that do not broadcast are replaced by the first one.
    const candidate = values[b % values.length] as Value;
    const y = broadcasts(x, candidate) ? candidate : x;
    if (size(x) * size(y) > MOST_ELEMENTS) continue;
    values.push(bounded(steps[op]?.(x, y, variant) ?? x));
    applied.push(op);
    for (const value of [x, y]) read.add(value);
  }
  const parts = values
    .filter((value) => !read.has(value))
    .map((value, i) => {
      const weights = graph.constant(`weights${i}`, deterministicUniform(size(value), 50 + i, 1), value.type.shape);
      return ops.reduceSum(mul(value, weights), everyAxis(value));
    });
  return { graph, inputs, loss: parts.reduce(add, graph.scalar(0)), applied };
}

function broadcasts(a: Value, b: Value): boolean {
  const [x, y] = [a.type.shape.toReversed(), b.type.shape.toReversed()];
  return x.every((extent, i) => extent === 1 || (y[i] ?? 1) === 1 || y[i] === extent);
}

const programs = fc.array(
  fc.record({
    op: fc.constantFrom(...Object.keys(steps)),
    a: fc.nat({ max: 30 }),
    b: fc.nat({ max: 30 }),
    variant: fc.nat({ max: 15 }),
  }),
  { minLength: 6, maxLength: 14 },
);

/** Of one graph: |slope by differences - gradient . direction|, relative to the gradient's length, for the worst input. */
async function worstDisagreement({ graph, inputs, loss }: ReturnType<typeof buildProgram>): Promise<number> {
  const gradients = differentiate(graph, loss, inputs);
  graph.output('loss', loss);
  gradients.forEach((gradient, i) => {
    if (gradient !== undefined) graph.output(`gradient${i}`, gradient);
  });
  const session = await createSession(onnxruntime, encodeOnnx(graph), { threads: 1 });
  try {
    const feeds = Object.fromEntries(
      inputs.map(({ name, type }, i) => [
        name,
        { data: deterministicUniform(size(inputs[i] as Value), i, 1), shape: type.shape },
      ]),
    );
    const base = await session.run(feeds);
    let worst = 0;
    for (const [i, { name }] of inputs.entries()) {
      const { data, shape } = feeds[name] ?? { data: new Float32Array(), shape: [] };
      const direction = deterministicUniform(data.length, 100 + i, 1);
      const lossAt = async (step: number): Promise<number> => {
        const moved = data.map((value, k) => value + step * (direction[k] ?? 0));
        return (await session.run({ ...feeds, [name]: { data: moved, shape } }))['loss']?.data[0] ?? Number.NaN;
      };
      const slope = async (h: number): Promise<number> => ((await lossAt(h)) - (await lossAt(-h))) / (2 * h);
      // Richardson's extrapolation of two central differences: the error falls with h^4.
      const found = (4 * (await slope(2 ** -6)) - (await slope(2 ** -5))) / 3;
      const gradient = base[`gradient${i}`]?.data ?? new Float32Array(data.length);
      const expected = gradient.reduce((sum, value, k) => sum + value * (direction[k] ?? 0), 0);
      worst = Math.max(worst, Math.abs(found - expected) / (1 + Math.hypot(...gradient)));
    }
    return worst;
  } finally {
    await session.release();
  }
}

describe('random graphs of element-wise, reduction, shape and matrix ops', () => {
  it('have gradients that agree with central differences', async () => {
    const applied = new Set<string>();
    const property = fc.asyncProperty(programs, async (drawn) => {
      const program = buildProgram(drawn);
      for (const op of program.applied) applied.add(op);
      expect(await worstDisagreement(program)).toBeLessThan(1e-3);
    });
    await fc.assert(property, { seed: 20161017, numRuns: 40 });
    expect(applied).toEqual(new Set(Object.keys(steps)));
  });
});
