/**
 * What every provider must do, as functions: a GPU's providers are checked in a process of their own.
 * @module
 */
import type { Check } from './check.js';
import { networks } from './networks.js';
import { ops } from './ops.js';
import { tensors } from './tensors.js';

export { type Check, tolerances } from './check.js';

export const checks: readonly Check[] = [...ops, ...networks, ...tensors];
