import type { RodeoCounts } from '../summary/types.js';
import type { MetricFamily } from './family.js';

/** Keeps the harmonic mean defined where a part is 0, as the authors' package does. */
const EPSILON = 1e-6;

/**
 * RoDeO, Robust Detection Outcome (Meissen et al., MIDL 2023, equations 2 to 6): in each image the predicted boxes are
 * paired with the lesions' boxes one to one, so that the sum of their generalized IoUs is highest; every box that is left
 * over, predicted or true, scores 0 in each of
 * - `rodeoLocalization`: `exp(-ln 2 * d^2)`, d the distance of a pair's centres in widths and heights of the true box;
 * - `rodeoShape`: the IoU of a pair's boxes laid upon each other;
 * - `rodeoClassification`: agreement of a pair's classes.
 *
 * Each is the mean over pairs and boxes left over; `rodeo` is their harmonic mean (a millionth being added to each, as in
 * the authors' package). With one class of lesion the classes of a pair always agree (their Matthews correlation is 1),
 * so classification is the number of pairs over that of pairs and boxes left over.
 *
 * Predicted boxes are those that `localize` gives: the map's connected parts at half its range or above, of images whose
 * positive class has a probability of at least one half. Positive images without ground truth are left out. Undefined
 * where there are no boxes at all.
 */
export const rodeo: MetricFamily<'rodeo' | 'rodeoLocalization' | 'rodeoShape' | 'rodeoClassification'> = {
  titles: {
    rodeo: 'RoDeO',
    rodeoLocalization: 'RoDeO localization',
    rodeoShape: 'RoDeO shape',
    rodeoClassification: 'RoDeO classification',
  },
  localizes: true,
  prepare: (images) => {
    const column = (pick: (counts: RodeoCounts) => number): Float64Array =>
      Float64Array.from(images, ({ detection }) => (detection === undefined ? 0 : pick(detection.rodeo)));
    const boxes = column(({ matched, overpredicted, missed }) => matched + overpredicted + missed);
    const matched = column((counts) => counts.matched);
    const localization = column((counts) => counts.localization);
    const shape = column((counts) => counts.shape);
    return (weights) => {
      let [all, pairs, near, alike] = [0, 0, 0, 0];
      for (let i = 0; i < weights.length; i++) {
        const weight = weights[i] as number;
        all += weight * (boxes[i] as number);
        pairs += weight * (matched[i] as number);
        near += weight * (localization[i] as number);
        alike += weight * (shape[i] as number);
      }
      const parts = { rodeoLocalization: near / all, rodeoShape: alike / all, rodeoClassification: pairs / all };
      const inverse = Object.values(parts).reduce((sum, part) => sum + 1 / (part + EPSILON), 0);
      // Without a pair the package gives 0 rather than the harmonic mean, which would be a millionth.
      return { rodeo: all > 0 && pairs === 0 ? 0 : 3 / inverse, ...parts };
    };
  },
};
