export { type NamedWarning, describeWarnings } from './describe.js';
export {
  type MeasuredModel,
  type TestedImages,
  differentImages,
  evaluationWarnings,
  fewLocated,
  olderComparison,
} from './find.js';
export { type EvaluationWarning, type WarningCode, warningCodes } from './types.js';
