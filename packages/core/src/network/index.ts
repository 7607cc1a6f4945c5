export { initialise } from './initialise.js';
export {
  type BuiltLayer,
  type DropoutMask,
  type ParameterSource,
  buildClassifier,
  buildTrunk,
  buildTrunkLayers,
  convolution,
  fullyConnected,
} from './layers.js';
export {
  type ConvLayer,
  type Network,
  type NetworkName,
  type NetworkOptions,
  type Parameter,
  type Padding,
  type PoolLayer,
  type ReceptiveField,
  type TrunkLayer,
  channelsOf,
  createNetwork,
  networkNames,
  receptiveField,
  strideOf,
} from './network.js';
