export { type AlphaSchedule, alphaAt, paperAlpha } from './alpha.js';
export { buildActivationMaps, crossEntropy, globalPool } from './heads.js';
export { type InferenceGraph, buildInference, inferenceNames } from './inference.js';
export { type GlobalPooling, type Method, type MethodName, methodNames, parseMethod } from './method.js';
export {
  type AccumulatedStep,
  type DropoutInput,
  type ModelOptions,
  type TrainingStep,
  type TrainingStepOptions,
  buildAccumulatedStep,
  buildObjective,
  buildTrainingStep,
  stepNames,
} from './step.js';
