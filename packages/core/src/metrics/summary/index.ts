export { centredMap, randomMap } from './baseline.js';
export { type CompareOptions, type ComparedSummaries, summarizeCompared, summarizeImage } from './summarize.js';
export type {
  CoverageSummary,
  DetectionSummary,
  HeatMap,
  ImageSummary,
  MappedImage,
  RodeoCounts,
  SummaryOptions,
} from './types.js';
