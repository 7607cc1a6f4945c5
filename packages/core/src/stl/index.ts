export { type AlphaSchedule, alphaAt, paperAlpha } from './alpha.js';
export {
  type LocalizerMap,
  type MapChoice,
  type MapName,
  evidenceMap,
  localizerMaps,
  mapChoices,
  mapNames,
  mapParts,
} from './evidence.js';
export { type Flips } from './flips.js';
export { buildGradCam } from './grad-cam.js';
export { buildLayerCam } from './layer-cam.js';
export { type MapCells, type MirroredInput, mapCells } from './map-cells.js';
export { binaryCrossEntropy, buildActivationMaps, crossEntropy, evidencePenalty } from './heads.js';
export {
  type Evidence,
  type MapTerms,
  absentTerm,
  backgroundTerm,
  evidenceOf,
  sizeTerm,
  variationTerm,
} from './map-terms.js';
export { type InferenceGraph, type InferenceOptions, buildInference, inferenceNames } from './inference.js';
export { type GlobalPooling, type Method, type MethodName, methodNames, paperMethods, parseMethod } from './method.js';
export { type Pooled, type PoolingInput, globalPool } from './pooling.js';
export {
  type AccumulatedStep,
  type DropoutInput,
  type ModelOptions,
  type TrainingStep,
  type TrainingStepOptions,
  buildAccumulatedStep,
  buildObjective,
  buildTrainingStep,
} from './step.js';
export { stepNames } from './step-names.js';
export { type StateRole, type StateTensor, type UpdateOptions, stateRoles } from './update.js';
