import { sizeOf } from '../graph/index.js';
import { Random } from '../random.js';
import type { Parameter } from './types.js';

/**
 * He initialisation (He et al. 2015): weights normal with mean 0 and variance 2 / fanIn unless the parameter has a deviation of its own, biases
 * and the like 0 unless it has a start. Each tensor draws
 * from a stream of its own, so a parameter's start depends on the seed, its name and its shape alone.
 */
export function initialise(parameter: Parameter, seed: number): Float32Array {
  const values = new Float32Array(sizeOf(parameter.shape));
  if (parameter.fanIn === 0) return values.fill(parameter.start ?? 0);
  const random = new Random(seed, 'initialise', parameter.name);
  const deviation = parameter.deviation ?? Math.sqrt(2 / parameter.fanIn);
  for (let i = 0; i < values.length; i++) values[i] = deviation * random.normal();
  return values;
}
