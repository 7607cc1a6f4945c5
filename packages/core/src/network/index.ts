export { type BatchStatistic, type ParameterSource, type TrunkSource, convolution } from './convolution.js';
export { foldBatchNormalization } from './fold.js';
export { initialise } from './initialise.js';
export {
  type BuiltLayer,
  type DropoutMask,
  buildClassifier,
  buildTrunk,
  buildTrunkLayers,
  classifierInput,
  fullyConnected,
} from './layers.js';
export {
  type NetworkOptions,
  type ReceptiveField,
  channelsOf,
  createNetwork,
  normalizesBatches,
  receptiveField,
  strideOf,
} from './network.js';
export type { FieldOptions } from './trunks.js';
export {
  type ConvLayer,
  type Network,
  type NetworkName,
  type Normalization,
  type Padding,
  type Parameter,
  type PoolLayer,
  type TrunkLayer,
  networkNames,
} from './types.js';
