export * from './errors.js';
export * from './random.js';
export type { Box } from './imaging/box.js';
