export type { EpochRecord, TrainEvent } from './events.js';
export { readRecords } from './metrics-file.js';
export { openDataset } from '../run/open-dataset.js';
export type { TrainingRequest } from './run-training.js';
export { type TrainOptions, train } from './train.js';
