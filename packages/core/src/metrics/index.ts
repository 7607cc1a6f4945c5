export * from './bootstrap-metrics.js';
export {
  type BootstrapOptions,
  type Interval,
  bootstrapInterval,
  percentileInterval,
  resampleWeights,
} from './bootstrap.js';
export { type BoxMetricKey, type BoxMetrics, type BoxedImage, type ScoredBox, boxMetrics } from './boxes.js';
export * from './delong.js';
export * from './distributions.js';
export * from './estimates.js';
export * from './evaluate.js';
export * from './evidence.js';
export { type MetricDescription, type MetricKey, metricDescriptions } from './families/index.js';
export { formatScore } from './format-score.js';
export * from './localization.js';
export { type AllMetrics, type PreparedMetrics, computeAllMetrics, nameMetrics, prepareMetrics } from './measure.js';
export * from './moments.js';
export * from './operating-points.js';
export * from './paired-bootstrap.js';
export * from './position.js';
export * from './ranking.js';
export * from './significance.js';
export * from './summary/index.js';
export * from './weighted.js';
export * from './warnings/index.js';
