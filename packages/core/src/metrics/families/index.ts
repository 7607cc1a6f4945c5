import type { ImageSummary } from '../summary/types.js';
import { boxAccuracy } from './box-accuracy.js';
import { boxAp } from './box-ap.js';
import { calibration } from './calibration.js';
import { classification } from './classification.js';
import type { MetricFamily } from './family.js';
import { freeResponse } from './free-response.js';
import { maxBoxAcc } from './max-box-acc.js';
import { pixels } from './pixels.js';
import { pointing } from './pointing.js';
import { rodeo } from './rodeo.js';

type KeyOf<Family> = Family extends MetricFamily<infer Key> ? Key : never;

/** Every family of metrics, in the order of tables. */
const families = [
  classification,
  calibration,
  pointing,
  freeResponse,
  boxAccuracy,
  boxAp,
  maxBoxAcc,
  pixels,
  rodeo,
] as const;

/** Names one metric, in JSON too. */
export type MetricKey = KeyOf<(typeof families)[number]>;

export interface MetricDescription {
  readonly key: MetricKey;
  /** For tables. */
  readonly title: string;
  /** Whether it measures localization, and so is to be compared with a random and with a centred map. */
  readonly localizes: boolean;
}

/** All metrics, in the order of tables. */
export const metricDescriptions: readonly MetricDescription[] = families.flatMap(({ titles, localizes }) =>
  Object.entries(titles).map(([key, title]) => ({ key: key as MetricKey, title, localizes })),
);

/** Prepares all families; the function returned gives every metric in the order of `metricDescriptions`. */
export function prepareFamilies(images: readonly ImageSummary[]): (weights: Float64Array) => Float64Array {
  const keys = metricDescriptions.map(({ key }) => key);
  const measures = families.map((family) => family.prepare(images));
  return (weights) => {
    const values: Partial<Record<MetricKey, number>> = Object.assign(
      {},
      ...measures.map((measure) => measure(weights)),
    );
    return Float64Array.from(keys, (key) => values[key] ?? NaN);
  };
}
