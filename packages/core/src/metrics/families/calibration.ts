import type { MetricFamily } from './family.js';

const BINS = 10;

/**
 * Calibration of the probability p of the positive class, y being 1 for positive images and 0 for others; lower is better:
 * - `ece`: expected calibration error (Naeini et al., AAAI 2015), over ten bins of p of equal width the mean, weighted
 *   by the images in them, of |share of positives - mean p|. A bin reaches from its lower edge up to, not including, its
 *   upper edge, the last including 1. It depends on the bins, and is biased upwards where they hold few images.
 * - `brier`: the Brier score (Brier 1950), the mean of (p - y)^2.
 *
 * Always defined.
 */
export const calibration: MetricFamily<'ece' | 'brier'> = {
  titles: { ece: 'ECE', brier: 'Brier' },
  localizes: false,
  prepare: (images) => {
    const bins = Uint8Array.from(images, ({ score }) => Math.min(BINS - 1, Math.max(0, Math.floor(score * BINS))));
    const errors = Float64Array.from(images, ({ score, positive }) => (positive ? 1 : 0) - score);
    return (weights) => {
      const binErrors = new Float64Array(BINS);
      let [total, squares] = [0, 0];
      for (let i = 0; i < weights.length; i++) {
        const weight = weights[i] as number;
        const error = errors[i] as number;
        binErrors[bins[i] as number] = (binErrors[bins[i] as number] as number) + weight * error;
        squares += weight * error * error;
        total += weight;
      }
      return { ece: binErrors.reduce((sum, error) => sum + Math.abs(error), 0) / total, brier: squares / total };
    };
  },
};
