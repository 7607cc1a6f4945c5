/**
 * Weakspot for Node: data sets in, trained localizers, their numbers and their heat maps out.
 *
 * ```ts
 * import { findImages, localizeImages, openModel, resolveConfig, train } from 'weakspot';
 *
 * const config = resolveConfig({ data: { path: 'films' }, method: 'STL+AvePool' }, { threads: 2, source: 'my program' });
 * for await (const event of train({ run: 'runs/first', config, cache: undefined, resume: false, force: false })) {
 *   if (event.type === 'epoch') report(event.record);
 * }
 * const model = await openModel('runs/first');
 * for await (const event of localizeImages(model, await findImages(['films']))) { ... }
 * await model.release();
 * ```
 *
 * The library prints nothing; long work takes an AbortSignal and yields typed events; what goes wrong is a
 * `WeakspotError` with a code, a message and a hint.
 * @module
 */
export {
  type Box,
  type DataIssue,
  type Device,
  type ErrorCode,
  type MapChoice,
  type MapName,
  type MethodName,
  type MetricEstimate,
  type MetricEstimates,
  type MetricKey,
  type Metrics,
  type NetworkName,
  type Point,
  type Provider,
  type ProviderReport,
  type ResolvedDevice,
  WeakspotError,
  devices,
  formatIssue,
  mapChoices,
  mapNames,
  metricDescriptions,
  methodNames,
  networkNames,
  paperMethods,
} from '@weakspot/core';
export * from './compare/index.js';
export * from './data/index.js';
export * from './data/phantom/index.js';
export * from './device/index.js';
export * from './evaluate/index.js';
export * from './inspect/index.js';
export {
  type Choice,
  type Proposal,
  type SetMeasures,
  describeProposal,
  measureSet,
  propose,
} from './propose/index.js';
export * from './report/index.js';
export * from './review/index.js';
export {
  type Checkpoint,
  type CheckpointKind,
  type ClaimedFolder,
  type ModelInfo,
  type PartialConfig,
  type Preset,
  type PresetName,
  type ResolveOptions,
  type RunConfig,
  type RunInfo,
  claimRunFolder,
  loadCheckpoint,
  mergeConfigs,
  presetNames,
  presets,
  readConfig,
  readSplit,
  resolveConfig,
  runFolder,
} from './run/index.js';
export * from './suite/index.js';
export * from './train/index.js';
export { VERSION } from './version.js';
