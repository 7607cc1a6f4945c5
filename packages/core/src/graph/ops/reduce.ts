import type { ReduceAttributes } from '../attributes.js';
import { div, expand, mul, reduceSum, reshape, scale, sub } from '../build.js';
import type { Value } from '../graph.js';
import type { OpRule } from '../rule.js';
import { type Shape, type TensorType, sizeOf } from '../types.js';
import { at, dims4, expectAxes, expectInputs, expectRank } from './check.js';
import { equalMask } from './elementwise.js';

function keptShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
}

function reducedType(inputs: readonly TensorType[], { axes, keep }: ReduceAttributes): readonly TensorType[] {
  expectInputs(inputs, 1, 'float32');
  const { shape } = at(inputs, 0);
  // ONNX takes an empty list of axes for all of them, which a scalar's are.
  if (shape.length > 0 || axes.length > 0) expectAxes(shape, axes);
  const kept = keptShape(shape, axes);
  return [{ dataType: 'float32', shape: keep ? kept : kept.filter((_, axis) => !axes.includes(axis)) }];
}

/**
 * A reduction; `derivative` gives dLoss/dx from the gradient (and result) with reduced axes kept as extent 1, and may
 * return a tensor that still has to be broadcast to x's shape.
 */
function reduction<N extends 'reduceSum' | 'reduceMean' | 'reduceMax' | 'reduceSumSquare'>(
  onnx: string,
  derivative: (x: Value, y: Value, dy: Value, axes: readonly number[]) => Value,
): OpRule<N> {
  return {
    shape: reducedType,
    gradient: ({ inputs, outputs, attributes, gradient }) => {
      const x = at(inputs, 0);
      const kept = keptShape(x.type.shape, attributes.axes);
      const dx = derivative(x, reshape(at(outputs, 0), kept), reshape(gradient, kept), attributes.axes);
      return [expand(dx, x.type.shape)];
    },
    emit: (emitter, { inputs, outputs, attributes }) => {
      const axes = emitter.int64s(attributes.axes);
      emitter.add(onnx, [at(inputs, 0).name, axes], [at(outputs, 0).name], { keepdims: attributes.keep ? 1 : 0 });
    },
  };
}

export const reductions: {
  [N in 'reduceSum' | 'reduceMean' | 'reduceMax' | 'reduceSumSquare' | 'kthLargest' | 'softmax']: OpRule<N>;
} = {
  reduceSum: reduction('ReduceSum', (_x, _y, dy) => dy),
  reduceMean: reduction('ReduceMean', (x, _y, dy) => scale(dy, sizeOf(dy.type.shape) / sizeOf(x.type.shape))),
  reduceMax: reduction('ReduceMax', (x, y, dy, axes) => {
    const mask = equalMask(x, y);
    return mul(mask, div(dy, reduceSum(mask, axes, true)));
  }),
  reduceSumSquare: reduction('ReduceSumSquare', (x, _y, dy) => mul(scale(x, 2), dy)),
  kthLargest: {
    shape: (inputs, { k }) => {
      expectInputs(inputs, 1, 'float32');
      const [n, c, h, w] = dims4(expectRank(at(inputs, 0), 4, 'the input'));
      if (!Number.isSafeInteger(k) || k < 1 || k > h * w) throw new Error(`a map of ${h * w} cells has no ${k}-th`);
      return [{ dataType: 'float32', shape: [n, c, 1, 1] }];
    },
    gradient: ({ inputs, outputs, gradient }) => {
      const mask = equalMask(at(inputs, 0), at(outputs, 0));
      return [mul(mask, div(gradient, reduceSum(mask, [2, 3], true)))];
    },
    // Maps as rows of cells; the minibatch, which an exported model leaves free, is taken over (0).
    emit: (emitter, { inputs, outputs, attributes: { k } }) => {
      const [, c, h, w] = dims4(at(inputs, 0).type.shape);
      const [y, part] = [at(outputs, 0).name, (name: string): string => `${at(outputs, 0).name}/${name}`];
      const rows = emitter.make('Reshape', [at(inputs, 0).name, emitter.int64s([0, c, h * w])]);
      emitter.add('TopK', [rows, emitter.int64s([k])], [part('values'), part('indices')], { axis: 2 });
      const bounds = [[k - 1], [k], [2]].map((bound) => emitter.int64s(bound));
      const kth = emitter.make('Slice', [part('values'), ...bounds]);
      emitter.add('Unsqueeze', [kth, emitter.int64s([3])], [y]);
    },
  },
  softmax: {
    shape: (inputs) => {
      expectInputs(inputs, 1, 'float32');
      if (at(inputs, 0).shape.length === 0) throw new Error('a scalar has no axis for a softmax');
      return [at(inputs, 0)];
    },
    // dx = y * (dy - sum(dy * y))
    gradient: ({ outputs, gradient }) => {
      const y = at(outputs, 0);
      const inner = reduceSum(mul(gradient, y), [y.type.shape.length - 1], true);
      return [mul(y, sub(gradient, inner))];
    },
    emit: (emitter, { inputs, outputs }) => {
      emitter.add('Softmax', [at(inputs, 0).name], [at(outputs, 0).name], { axis: -1 });
    },
  },
};
