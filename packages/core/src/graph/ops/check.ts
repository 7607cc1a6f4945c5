import { type DataType, type Shape, type TensorType, describeType } from '../types.js';

/** The i-th input of a node, which `expectInputs` or the op's arity guarantees. */
export function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`input ${index} is missing`);
  return item;
}

/** Checks number and element types of inputs. */
export function expectInputs(inputs: readonly TensorType[], count: number, dataType?: DataType): void {
  if (inputs.length !== count) throw new Error(`takes ${count} inputs, not ${inputs.length}`);
  if (dataType === undefined) return;
  inputs.forEach((input, index) => {
    if (input.dataType !== dataType) throw new Error(`input ${index} must be ${dataType}, not ${describeType(input)}`);
  });
}

/** Checks that axes are at least one, ascending, and axes of the shape. */
export function expectAxes(shape: Shape, axes: readonly number[]): void {
  if (axes.length === 0) throw new Error('needs at least one axis');
  axes.forEach((axis, index) => {
    const previous = axes[index - 1];
    if (axis < 0 || axis >= shape.length || (previous !== undefined && previous >= axis)) {
      throw new Error(`axes [${axes.join(', ')}] are not ascending axes of [${shape.join(', ')}]`);
    }
  });
}

export function expectRank(type: TensorType, rank: number, what: string): Shape {
  if (type.shape.length !== rank) throw new Error(`${what} must have ${rank} axes, not ${describeType(type)}`);
  return type.shape;
}

/** [N, C, H, W] of a shape known to have four axes. */
export function dims4(shape: Shape): [number, number, number, number] {
  return [at(shape, 0), at(shape, 1), at(shape, 2), at(shape, 3)];
}
