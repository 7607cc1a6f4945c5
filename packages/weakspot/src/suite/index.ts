export type { SuiteEvent } from './events.js';
export type {
  Pointing,
  Rival,
  Suite,
  SuiteDifference,
  SuiteMean,
  SuiteOverall,
  SuiteRow,
  SuiteSetState,
  SuiteTest,
} from './result.js';
export { type ResolveSuiteOptions, type SuitePhantoms, type SuiteSet, resolveSuite } from './settings.js';
export { type SuiteRequest, compareSuite } from './suite.js';
export {
  type Reading,
  type SuiteTableOptions,
  gainTable,
  overallLegend,
  overallTable,
  suiteMarkdown,
  suiteTestLegend,
  suiteTestTable,
} from './tables.js';
