export { type Checkpoint, type Progress, loadCheckpoint, saveCheckpoint, weightsOf } from './checkpoint.js';
export {
  type PartialConfig,
  type ResolveOptions,
  type RunConfig,
  mergeConfigs,
  resolveConfig,
  runConfigSchema,
} from './config.js';
export {
  type CheckpointKind,
  type RunFolder,
  type RunInfo,
  isOccupied,
  isRun,
  readConfig,
  readSplit,
  runFolder,
} from './folder.js';
export { type ModelInfo, encodeModel, readModelInfo } from './model-file.js';
export { type Preset, type PresetName, presetNames, presets } from './presets.js';
export { type ClaimedFolder, claimRunFolder } from './run-name.js';
export { type TrainedWeights, readWeights } from './weights.js';
export { writeFileWhole } from './write.js';
