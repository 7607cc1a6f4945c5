export * from './bootstrap-metrics.js';
export {
  type BootstrapOptions,
  type Interval,
  bootstrapInterval,
  percentileInterval,
  resampleWeights,
} from './bootstrap.js';
export * from './evaluate.js';
export { type MetricDescription, type MetricKey, metricDescriptions } from './families/index.js';
export * from './localization.js';
export { type AllMetrics, type PreparedMetrics, computeAllMetrics, nameMetrics, prepareMetrics } from './measure.js';
export * from './operating-points.js';
export * from './ranking.js';
export * from './summary/index.js';
