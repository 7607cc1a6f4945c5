export { type AlphaSchedule, alphaAt, paperAlpha } from './alpha.js';
export { type MapName, evidenceMap, mapNames } from './evidence.js';
export { buildActivationMaps, crossEntropy, evidencePenalty, globalPool } from './heads.js';
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
