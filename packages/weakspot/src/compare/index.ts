export { type CompareOptions, compare } from './compare.js';
export type {
  ComparedDifference,
  ComparedMethod,
  ComparedRun,
  ComparedScore,
  ComparedTest,
  ComparedWarning,
  Comparison,
  Evidence,
  TestEvidence,
} from './comparison.js';
export type { CompareEvent, RunPlace } from './events.js';
export { type EvaluationFile, evaluatedImages, metricsOptions, readEvaluation } from './evaluation-file.js';
export { holdsComparison } from './folder.js';
export type { CompareRequest } from './request.js';
export { type ComparisonSettings, type PartialComparison, type TestSettings, resolveComparison } from './settings.js';
export {
  type ComparisonTableOptions,
  comparisonMarkdown,
  differenceLegend,
  differenceTable,
  hitRateLegend,
  hitRateTable,
  paperLegend,
  paperTable,
  spreadTable,
} from './tables.js';
export { isComparison } from './folder.js';
export { comparisonWarnings } from './warnings.js';
