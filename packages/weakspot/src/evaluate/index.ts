export type { EvidenceDiagnosis } from './diagnose.js';
export type { PositionDiagnosis } from './position.js';
export {
  type EvaluateEvent,
  type EvaluateOptions,
  type EvaluatedSample,
  type FullEvaluation,
  evaluateModel,
} from './evaluate.js';
export { findImages } from './find-images.js';
export {
  type FrameChoice,
  type ImageFile,
  type Localization,
  type LocalizeEvent,
  type LocalizeOptions,
  type LocalizedBox,
  heatRange,
  localizeImages,
} from './localize.js';
export { type ClassMetrics, macroMean } from './per-class.js';
export { type ModelImage, modelImages, readEarlierImages } from './trained-on.js';
export { type LocalizerModel, type OpenModelOptions, type Prediction, openModel, readModel } from './model.js';
