import type { Value } from '../graph/index.js';
import type { ParameterSource } from '../network/index.js';
import { buildActivationMaps } from './heads.js';
import { type Pooled, globalPool } from './pooling.js';
import type { ModelOptions } from './step.js';

/** The localizer `Cloc` and `Ploc`: features [N, C, h, w] to a map and a logit per class. */
export function buildLocalizer(features: Value, options: ModelOptions, parameter: ParameterSource): Pooled {
  const { method, classes, reference, sharpness, topShare = 0.2 } = options;
  const maps = buildActivationMaps(features, classes, parameter, reference, options.network.mapDeviation);
  return features.graph.scope('pooling', () =>
    globalPool(method.pooling, { maps, features, parameter, sharpness, topShare }),
  );
}
