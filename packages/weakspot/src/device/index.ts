export { type InspectOptions, inspectInChild } from './inspect.js';
