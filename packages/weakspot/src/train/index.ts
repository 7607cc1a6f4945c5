export type { EpochRecord, TrainEvent } from './events.js';
export { readRecords } from './metrics-file.js';
export { type TrainingRequest, openDataset } from './run-training.js';
export { type TrainOptions, train } from './train.js';
