import type { PoolGeometry } from '../attributes.js';
import type { Node } from '../graph.js';
import type { Emitter } from '../onnx/emitter.js';
import type { OpRule } from '../rule.js';
import { type Shape, sameShape, sizeOf } from '../types.js';
import { at, dims4, expectInputs, expectRank } from './check.js';

/** Extent of one axis of a pooling's output; in ceil mode a window that would start beyond the input is left out. */
function pooledExtent(
  extent: number,
  kernel: number,
  stride: number,
  before: number,
  after: number,
  ceil: boolean,
): number {
  const padded = extent + before + after;
  if (padded < kernel) throw new Error(`a window of ${kernel} does not fit into ${padded} pixels`);
  const steps = (padded - kernel) / stride;
  const count = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
  return (count - 1) * stride >= extent + before ? count - 1 : count;
}

function pooledShape(input: Shape, { kernel, strides, pads, ceil }: PoolGeometry): Shape {
  const [n, c, h, w] = dims4(input);
  if (Math.max(pads[0], pads[2]) >= kernel[0] || Math.max(pads[1], pads[3]) >= kernel[1]) {
    throw new Error(`a padding of [${pads.join(', ')}] leaves windows of [${kernel.join(', ')}] without a pixel`);
  }
  const height = pooledExtent(h, kernel[0], strides[0], pads[0], pads[2], ceil);
  return [n, c, height, pooledExtent(w, kernel[1], strides[1], pads[1], pads[3], ceil)];
}

export const pooling: {
  [N in 'maxPool2d' | 'maxPool2dGradient']: OpRule<N>;
} = {
  /** x [N, C, H, W] to the maxima [N, C, OH, OW] and where they stand: indices into the flattened x. */
  maxPool2d: {
    shape: (inputs, geometry) => {
      expectInputs(inputs, 1, 'float32');
      const shape = pooledShape(expectRank(at(inputs, 0), 4, 'the input'), geometry);
      return [
        { dataType: 'float32', shape },
        { dataType: 'int64', shape },
      ];
    },
    gradient: ({ inputs, outputs, attributes, gradient }) => {
      const operands = [gradient, at(inputs, 0), at(outputs, 0), at(outputs, 1)];
      return [at(gradient.graph.apply('maxPool2dGradient', operands, attributes), 0)];
    },
    emit: (emitter, { inputs, outputs, attributes }) => {
      emitter.add(
        'MaxPool',
        [at(inputs, 0).name],
        outputs.map((output) => output.name),
        {
          kernel_shape: attributes.kernel,
          strides: attributes.strides,
          pads: attributes.pads,
          ceil_mode: attributes.ceil ? 1 : 0,
        },
      );
    },
  },

  /** (dy, x, y, indices) of a max pooling to dx; of equal maxima in a window the first in row-major order gets dy. */
  maxPool2dGradient: {
    shape: (inputs, geometry) => {
      expectInputs(inputs, 4);
      expectInputs(inputs.slice(0, 3), 3, 'float32');
      const x = at(inputs, 1);
      const shape = pooledShape(expectRank(x, 4, 'the input'), geometry);
      for (const index of [0, 2, 3]) {
        if (!sameShape(at(inputs, index).shape, shape))
          throw new Error(`input ${index} is not of the pooled shape [${shape.join(', ')}]`);
      }
      return [x];
    },
    gradient: undefined,
    emit: (emitter, node) => {
      const emit = { scatter: emitScatter, taps: emitTaps }[emitter.lowering.maxPool2dGradient];
      emit(emitter, node);
    },
  },
};

function emitScatter(emitter: Emitter, { inputs, outputs }: Node<'maxPool2dGradient'>): void {
  const { shape } = at(inputs, 1).type;
  const flat = emitter.int64s([-1]);
  const zeros = emitter.make('ConstantOfShape', [emitter.int64s([sizeOf(shape)])]);
  const indices = emitter.make('Reshape', [at(inputs, 3).name, flat]);
  const updates = emitter.make('Reshape', [at(inputs, 0).name, flat]);
  const scattered = emitter.make('ScatterElements', [zeros, indices, updates], { axis: 0, reduction: 'add' });
  emitter.add('Reshape', [scattered, emitter.int64s(shape)], [at(outputs, 0).name]);
}

/**
 * Row s*q + r of dx gets, from every tap i = s*m + r, row q - m of that tap's share of dy. The shares are summed per
 * remainder (r of rows, r of columns), and DepthToSpace interleaves the s*s sums.
 */
function emitTaps(emitter: Emitter, { inputs, outputs, attributes }: Node<'maxPool2dGradient'>): void {
  const { kernel, strides } = attributes;
  const s = strides[0];
  if (strides[1] !== s) throw new Error('the tap form of the pooling gradient needs equal strides');
  const [n, c, rows, columns] = dims4(at(inputs, 1).type.shape);
  const [, , oh, ow] = dims4(at(inputs, 0).type.shape);
  const [top, left, bottom, right] = attributes.pads;
  const [h, w] = [top + rows + bottom, left + columns + right];
  const [blockRows, blockColumns] = [
    Math.max(Math.ceil(h / s), oh + Math.ceil(kernel[0] / s) - 1),
    Math.max(Math.ceil(w / s), ow + Math.ceil(kernel[1] / s) - 1),
  ];
  const beyond = [Math.max(0, (oh - 1) * s + kernel[0] - h), Math.max(0, (ow - 1) * s + kernel[1] - w)];
  const border = [0, 0, top, left, 0, 0, bottom + at(beyond, 0), right + at(beyond, 1)];
  const x = border.every((extent) => extent === 0)
    ? at(inputs, 1).name
    : emitter.make('Pad', [at(inputs, 1).name, emitter.int64s(border), emitter.scalar(-3.4e38)]);
  const zero = emitter.scalar(0);
  const axes = emitter.int64s([2, 3]);
  const sums = new Map<number, string>();
  let remaining = at(inputs, 0).name;
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      const ends = emitter.int64s([i + (oh - 1) * s + 1, j + (ow - 1) * s + 1]);
      const tap = emitter.make('Slice', [x, emitter.int64s([i, j]), ends, axes, emitter.int64s([s, s])]);
      const chosen = emitter.make('Equal', [tap, at(inputs, 2).name]);
      const share = emitter.make('Where', [chosen, remaining, zero]);
      remaining = emitter.make('Where', [chosen, zero, remaining]);
      const [down, across] = [Math.floor(i / s), Math.floor(j / s)];
      const pads = emitter.int64s([0, 0, down, across, 0, 0, blockRows - oh - down, blockColumns - ow - across]);
      const placed = emitter.make('Pad', [share, pads]);
      const remainder = (i % s) * s + (j % s);
      const sum = sums.get(remainder);
      sums.set(remainder, sum === undefined ? placed : emitter.make('Add', [sum, placed]));
    }
  }
  const parts: string[] = [];
  for (let remainder = 0; remainder < s * s; remainder++) {
    const sum =
      sums.get(remainder) ?? emitter.make('ConstantOfShape', [emitter.int64s([n, c, blockRows, blockColumns])]);
    parts.push(emitter.make('Unsqueeze', [sum, emitter.int64s([2])]));
  }
  const joined = parts.length === 1 ? at(parts, 0) : emitter.make('Concat', parts, { axis: 2 });
  // 0 copies the number of images, which may be free.
  const depth = emitter.make('Reshape', [joined, emitter.int64s([0, c * s * s, blockRows, blockColumns])]);
  const interleaved = s === 1 ? depth : emitter.make('DepthToSpace', [depth], { blocksize: s, mode: 'CRD' });
  const bounds = [emitter.int64s([top, left]), emitter.int64s([top + rows, left + columns])];
  emitter.add('Slice', [interleaved, ...bounds, axes], [at(outputs, 0).name]);
}
