export { bundledRuntime } from './runtime.js';
export { type InspectOptions, inspectInChild } from './inspect.js';
