export { centredMap, randomMap } from './baseline.js';
export { type MarkOptions, marksOf } from './marks.js';
export {
  type CompareOptions,
  type ComparedSummaries,
  type EstimatedSummaries,
  summarizeCompared,
  summarizeImage,
  summarizeWithMap,
} from './summarize.js';
export type {
  CoverageSummary,
  DetectionSummary,
  ImageSummary,
  MappedImage,
  Mark,
  RodeoCounts,
  SummaryOptions,
} from './types.js';
