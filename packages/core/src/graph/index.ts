/**
 * Static tensor graphs: building, reverse-mode differentiation, verification, pruning and encoding to ONNX.
 * @module
 */
import { Graph } from './graph.js';
import { opTable } from './ops/table.js';

export type { ConvGeometry, OpAttributes, OpName, PoolGeometry, ReduceAttributes } from './attributes.js';
export * from './build.js';
export { differentiate } from './differentiate.js';
export { type Constant, Graph, type Node, type Value } from './graph.js';
export { type EncodeOptions, ONNX_OPSET, decodeOnnx, encodeOnnx } from './onnx/encode.js';
export { type Lowering, type Provider, lowerings, providers } from './onnx/lowering.js';
export { type RepeatOptions, encodeRepeated, repeatNames } from './onnx/repeat.js';
export { opTable } from './ops/table.js';
export { prune } from './prune.js';
export type { GradientRequest, GradientRule, OpRule, OpTable } from './rule.js';
export { type DataType, type Shape, type TensorType, describeType, float32, sameShape, sizeOf } from './types.js';
export { verify } from './verify.js';

/** An empty graph with the full op table. */
export function createGraph(): Graph {
  return new Graph(opTable);
}
