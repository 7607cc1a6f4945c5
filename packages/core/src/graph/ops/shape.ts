import { pad, reshape, reverse, slice, sumToShape, transpose } from '../build.js';
import type { OpRule } from '../rule.js';
import { broadcastShapes, sameShape, sizeOf } from '../types.js';
import { at, expectAxes, expectInputs } from './check.js';

export const shapeOps: {
  [N in 'reshape' | 'flatten' | 'transpose' | 'expand' | 'slice' | 'concat' | 'pad' | 'reverse']: OpRule<N>;
} = {
  reshape: {
    shape: (inputs, { shape }) => {
      expectInputs(inputs, 1);
      const x = at(inputs, 0);
      if (sizeOf(x.shape) !== sizeOf(shape))
        throw new Error(`cannot be reshaped to [${shape.join(', ')}]: other number of elements`);
      return [{ dataType: x.dataType, shape }];
    },
    gradient: ({ inputs, gradient }) => [reshape(gradient, at(inputs, 0).type.shape)],
    emit: (emitter, { inputs, outputs, attributes: { shape } }) => {
      // 0 copies the input's first axis, which may be a free one of images (`EncodeOptions.batchDimension`).
      const keepsFirst = shape.length > 0 && shape[0] === at(inputs, 0).type.shape[0];
      const target = keepsFirst ? [0, ...shape.slice(1)] : shape;
      emitter.add('Reshape', [at(inputs, 0).name, emitter.int64s(target)], [at(outputs, 0).name]);
    },
  },
  flatten: {
    shape: (inputs) => {
      expectInputs(inputs, 1);
      const x = at(inputs, 0);
      if (x.shape.length < 1) throw new Error('a scalar cannot be flattened');
      return [{ dataType: x.dataType, shape: [at(x.shape, 0), sizeOf(x.shape.slice(1))] }];
    },
    gradient: ({ inputs, gradient }) => [reshape(gradient, at(inputs, 0).type.shape)],
    emit: (emitter, { inputs, outputs }) => {
      emitter.add('Flatten', [at(inputs, 0).name], [at(outputs, 0).name], { axis: 1 });
    },
  },
  transpose: {
    shape: (inputs, { permutation }) => {
      expectInputs(inputs, 1);
      const x = at(inputs, 0);
      const isPermutation = permutation.toSorted((a, b) => a - b).every((axis, index) => axis === index);
      if (permutation.length !== x.shape.length || !isPermutation) {
        throw new Error(`[${permutation.join(', ')}] is not a permutation of ${x.shape.length} axes`);
      }
      return [{ dataType: x.dataType, shape: permutation.map((axis) => at(x.shape, axis)) }];
    },
    gradient: ({ attributes: { permutation }, gradient }) => [
      transpose(
        gradient,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
    ],
    emit: (emitter, { inputs, outputs, attributes }) => {
      emitter.add('Transpose', [at(inputs, 0).name], [at(outputs, 0).name], { perm: attributes.permutation });
    },
  },
  expand: {
    shape: (inputs, { shape }) => {
      expectInputs(inputs, 1);
      const x = at(inputs, 0);
      const result = broadcastShapes(x.shape, shape);
      if (result === undefined || !sameShape(result, shape))
        throw new Error(`does not broadcast to [${shape.join(', ')}]`);
      return [{ dataType: x.dataType, shape }];
    },
    gradient: ({ inputs, gradient }) => [sumToShape(gradient, at(inputs, 0).type.shape)],
    emit: (emitter, { inputs, outputs, attributes }) => {
      emitter.add('Expand', [at(inputs, 0).name, emitter.int64s(attributes.shape)], [at(outputs, 0).name]);
    },
  },
  slice: {
    shape: (inputs, { starts, ends }) => {
      expectInputs(inputs, 1);
      const x = at(inputs, 0);
      if (starts.length !== x.shape.length || ends.length !== x.shape.length)
        throw new Error('needs a start and an end for every axis');
      const shape = x.shape.map((extent, axis) => {
        const [start, end] = [at(starts, axis), at(ends, axis)];
        if (start < 0 || end > extent || start >= end)
          throw new Error(`[${start}, ${end}) does not lie in axis ${axis} of extent ${extent}`);
        return end - start;
      });
      return [{ dataType: x.dataType, shape }];
    },
    gradient: ({ inputs, attributes: { starts, ends }, gradient }) => [
      pad(
        gradient,
        starts,
        at(inputs, 0).type.shape.map((extent, axis) => extent - at(ends, axis)),
      ),
    ],
    emit: (emitter, { inputs, outputs, attributes }) => {
      const x = at(inputs, 0);
      // Only the axes that are cut: kernels copy longer runs that way.
      const axes = x.type.shape.flatMap((extent, axis) =>
        attributes.starts[axis] !== 0 || attributes.ends[axis] !== extent ? [axis] : [],
      );
      const pick = (bounds: readonly number[]): string => emitter.int64s(axes.map((axis) => at(bounds, axis)));
      if (axes.length === 0) emitter.add('Identity', [x.name], [at(outputs, 0).name]);
      else
        emitter.add(
          'Slice',
          [x.name, pick(attributes.starts), pick(attributes.ends), emitter.int64s(axes)],
          [at(outputs, 0).name],
        );
    },
  },
  concat: {
    shape: (inputs, { axis }) => {
      const first = at(inputs, 0);
      const shape = [...first.shape];
      if (axis < 0 || axis >= shape.length) throw new Error(`has no axis ${axis}`);
      for (const input of inputs.slice(1)) {
        const fits = input.dataType === first.dataType && input.shape.length === shape.length;
        if (!fits || !input.shape.every((extent, i) => i === axis || extent === shape[i])) {
          throw new Error(`parts [${first.shape.join(', ')}] and [${input.shape.join(', ')}] differ off axis ${axis}`);
        }
        shape[axis] = at(shape, axis) + at(input.shape, axis);
      }
      return [{ dataType: first.dataType, shape }];
    },
    gradient: ({ inputs, attributes: { axis }, gradient, needed }) => {
      let offset = 0;
      return inputs.map((input, index) => {
        const start = offset;
        offset += at(input.type.shape, axis);
        if (!needed(index)) return undefined;
        const starts = input.type.shape.map((_, i) => (i === axis ? start : 0));
        return slice(
          gradient,
          starts,
          input.type.shape.map((extent, i) => (i === axis ? start + extent : extent)),
        );
      });
    },
    emit: (emitter, { inputs, outputs, attributes }) => {
      emitter.add(
        'Concat',
        inputs.map((input) => input.name),
        [at(outputs, 0).name],
        { axis: attributes.axis },
      );
    },
  },
  pad: {
    shape: (inputs, { before, after }) => {
      expectInputs(inputs, 1, 'float32');
      const x = at(inputs, 0);
      if (
        before.length !== x.shape.length ||
        after.length !== x.shape.length ||
        [...before, ...after].some((n) => n < 0)
      ) {
        throw new Error('needs a padding of at least 0 before and after every axis');
      }
      return [
        { dataType: x.dataType, shape: x.shape.map((extent, axis) => extent + at(before, axis) + at(after, axis)) },
      ];
    },
    gradient: ({ inputs, attributes: { before }, gradient }) => {
      const { shape } = at(inputs, 0).type;
      return [
        slice(
          gradient,
          before,
          shape.map((extent, axis) => extent + at(before, axis)),
        ),
      ];
    },
    emit: (emitter, { inputs, outputs, attributes }) => {
      const pads = emitter.int64s([...attributes.before, ...attributes.after]);
      emitter.add('Pad', [at(inputs, 0).name, pads], [at(outputs, 0).name]);
    },
  },
  reverse: {
    shape: (inputs, { axes }) => {
      expectInputs(inputs, 1, 'float32');
      expectAxes(at(inputs, 0).shape, axes);
      return [at(inputs, 0)];
    },
    gradient: ({ attributes: { axes }, gradient }) => [reverse(gradient, axes)],
    // A Gather per axis says nothing of the other extents, of which the first may be a free one of images.
    emit: (emitter, { inputs, outputs, attributes: { axes } }) => {
      const { shape } = at(inputs, 0).type;
      axes.reduce((x, axis, index) => {
        const extent = at(shape, axis);
        const indices = emitter.int64s(Array.from({ length: extent }, (_, i) => extent - 1 - i));
        if (index < axes.length - 1) return emitter.make('Gather', [x, indices], { axis });
        emitter.add('Gather', [x, indices], [at(outputs, 0).name], { axis });
        return x;
      }, at(inputs, 0).name);
    },
  },
};
