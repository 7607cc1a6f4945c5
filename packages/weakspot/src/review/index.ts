export { type ReportEvent, type ReportOptions, reportRuns } from './report-runs.js';
export type { TestData } from './tests.js';
export type { ReportWarning } from './warnings.js';
