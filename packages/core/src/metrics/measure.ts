import { WeakspotError } from '../errors.js';
import { type MetricKey, metricDescriptions, prepareFamilies } from './families/index.js';
import type { ImageSummary } from './summary/index.js';

/** Every metric of `metricDescriptions`; undefined where the images lack what it needs. */
export type AllMetrics = Readonly<Record<MetricKey, number | undefined>>;

/** Images prepared once, so that their metrics under many weights, as resampling asks for, take linear time each. */
export interface PreparedMetrics {
  readonly images: number;
  /** Patients, an image without a patient being one of its own: what resampling draws. */
  readonly patients: number;
  /**
   * The metrics of the images of the patients, in the order of their first images, each counting as often as its weight
   * says; each once unless given. One value per metric, in the order of `metricDescriptions`, NaN where undefined.
   *
   * @param weights Per patient, not negative, not all 0.
   */
  measure(weights?: ArrayLike<number>): Float64Array;
}

/**
 * Prepares the metrics of images. Two models' results on the same images in the same order have the same patients, so
 * that equal weights draw equal images from both.
 *
 * @throws WeakspotError `usage` where there are no images.
 */
export function prepareMetrics(images: readonly ImageSummary[]): PreparedMetrics {
  if (images.length === 0) {
    throw new WeakspotError('usage', 'prepareMetrics: there are no images', { hint: 'Evaluate at least one image.' });
  }
  const numbers = new Map<string, number>();
  let patients = 0;
  const patientOf = Int32Array.from(images, ({ patient }) => {
    if (patient === undefined) return patients++;
    const known = numbers.get(patient) ?? patients++;
    numbers.set(patient, known);
    return known;
  });
  const measureImages = prepareFamilies(images);
  const once = new Float64Array(images.length).fill(1);
  const imageWeights = new Float64Array(images.length);
  return {
    images: images.length,
    patients,
    measure: (weights) => {
      if (weights === undefined) return measureImages(once);
      for (let i = 0; i < imageWeights.length; i++) imageWeights[i] = weights[patientOf[i] as number] as number;
      return measureImages(imageWeights);
    },
  };
}

/**
 * Every metric of a test set, from the summaries of its images (`summarizeImage`): the columns of the paper's Table 1 and
 * further ones, each defined where its family is (`families/`) and in docs/explanation/metrics.md.
 *
 * @throws WeakspotError `usage` where there are no images.
 */
export function computeAllMetrics(images: readonly ImageSummary[]): AllMetrics {
  return nameMetrics(prepareMetrics(images).measure());
}

/** Values in the order of `metricDescriptions` by the metrics' keys. */
export function nameMetrics(values: ArrayLike<number>): AllMetrics {
  const entries = metricDescriptions.map(({ key }, i) => {
    const value = values[i] as number;
    return [key, Number.isNaN(value) ? undefined : value];
  });
  return Object.fromEntries(entries) as AllMetrics;
}
