export * from './errors.js';
export * from './random.js';
export * from './imaging/index.js';
export * from './metrics/index.js';
export * from './preprocess/index.js';
export * from './network/index.js';
export * from './stl/index.js';
export * from './session/index.js';
export * from './tensorboard/index.js';
export {
  type Graph,
  type Lowering,
  type Provider,
  type Shape,
  type Value,
  createGraph,
  sameShape,
  sizeOf,
  decodeOnnx,
  encodeOnnx,
  encodeRepeated,
  lowerings,
  providers,
  repeatNames,
} from './graph/index.js';
