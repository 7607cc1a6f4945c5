/** Element types of tensors: `float32` values, `int64` pooling indices, `bool` masks. */
export type DataType = 'float32' | 'int64' | 'bool';

/** Extents of a tensor's axes, outermost first (images: N, C, H, W). `[]` is a scalar. */
export type Shape = readonly number[];

export interface TensorType {
  readonly dataType: DataType;
  readonly shape: Shape;
}

export function float32(shape: Shape): TensorType {
  return { dataType: 'float32', shape };
}

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

export function sameType(a: TensorType, b: TensorType): boolean {
  return a.dataType === b.dataType && sameShape(a.shape, b.shape);
}

/** Whether every extent is a whole number of at least 1. */
export function isPossible(shape: Shape): boolean {
  return shape.every((extent) => Number.isSafeInteger(extent) && extent >= 1);
}

/** `float32[32, 1, 160, 160]` */
export function describeType(type: TensorType): string {
  return `${type.dataType}[${type.shape.join(', ')}]`;
}

/** The shape of an element-wise op's result (NumPy's and ONNX's multidirectional broadcasting), or undefined. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const x = a[axis - rank + a.length] ?? 1;
    const y = b[axis - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    shape.push(x === 1 ? y : x);
  }
  return shape;
}
