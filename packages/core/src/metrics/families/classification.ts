import type { ImageSummary } from '../summary/types.js';
import type { MetricFamily } from './family.js';
import { placesOf, rankDescending, sumAt } from './family.js';

/** The specificity at which sensitivity is told, and the sensitivity at which specificity is. */
const OPERATING_POINT = 0.9;

/** Allows for the rounding of sums of weights when a rate is compared with the operating point. */
const SLACK = 1e-9;

/**
 * Classification by the probability p of the positive class against all others, as in `computeMetrics` (Hwang & Kim
 * 2016, Table 1):
 * - `acc`: the share of images whose most probable class is theirs;
 * - `auc`: the area under the ROC curve, P(p of a positive > p of another image) + P(equal) / 2 (Mann-Whitney);
 *   undefined where either class is missing;
 * - `apPositive`, `apNegative`: average precision `sum (R_n - R_{n-1}) P_n` over the distinct scores, nothing
 *   interpolated, of finding the positives by p and the others by 1 - p; undefined where there are none to find;
 * - `sensitivityAtSpecificity90`: the highest sensitivity of a threshold `p >= t` whose specificity is at least 0.9.
 *   The threshold lies on the data given, so it is optimistic as a forecast; nothing is interpolated between
 *   thresholds. 0 where only "nobody is positive" is specific enough; undefined where either class is missing.
 * - `specificityAtSensitivity90`: likewise the highest specificity of a threshold whose sensitivity is at least 0.9.
 */
export const classification: MetricFamily<
  'acc' | 'auc' | 'apPositive' | 'apNegative' | 'sensitivityAtSpecificity90' | 'specificityAtSensitivity90',
  Pick<ImageSummary, 'score' | 'positive' | 'correct'>
> = {
  titles: {
    acc: 'ACC',
    auc: 'AUC',
    apPositive: 'AP+',
    apNegative: 'AP-',
    sensitivityAtSpecificity90: 'Sensitivity at specificity .9',
    specificityAtSensitivity90: 'Specificity at sensitivity .9',
  },
  localizes: false,
  prepare: (images) => {
    const { order, ends } = rankDescending(images.map((image) => image.score));
    const isPositive = Uint8Array.from(order, (i) => (images[i]?.positive === true ? 1 : 0));
    const positives = placesOf(images, (image) => image.positive);
    const others = placesOf(images, (image) => !image.positive);
    const correct = placesOf(images, (image) => image.correct);
    return (weights) => {
      const [positive, negative] = [sumAt(weights, positives), sumAt(weights, others)];
      const total = positive + negative;
      let [truePositives, falsePositives] = [0, 0];
      let [groupPositive, groupNegative] = [0, 0];
      let [ordered, sumPositive, sumNegative] = [0, 0, 0];
      let [sensitivity, specificity] = [0, NaN];
      for (let i = 0; i < order.length; i++) {
        const weight = weights[order[i] as number] as number;
        if (isPositive[i] === 1) groupPositive += weight;
        else groupNegative += weight;
        if (ends[i] === 0) continue;
        ordered += groupNegative * (truePositives + groupPositive / 2);
        // Seen from the other end, this score's images come last of those at or below it.
        const below = total - truePositives - falsePositives;
        if (groupNegative > 0) sumNegative += groupNegative * ((negative - falsePositives) / below);
        truePositives += groupPositive;
        falsePositives += groupNegative;
        if (groupPositive > 0) sumPositive += groupPositive * (truePositives / (truePositives + falsePositives));
        if (falsePositives <= (1 - OPERATING_POINT + SLACK) * negative) sensitivity = truePositives / positive;
        if (Number.isNaN(specificity) && truePositives >= (OPERATING_POINT - SLACK) * positive)
          specificity = 1 - falsePositives / negative;
        groupPositive = 0;
        groupNegative = 0;
      }
      const both = positive > 0 && negative > 0;
      return {
        acc: sumAt(weights, correct) / total,
        auc: both ? ordered / (positive * negative) : NaN,
        apPositive: sumPositive / positive,
        apNegative: sumNegative / negative,
        sensitivityAtSpecificity90: both ? sensitivity : NaN,
        specificityAtSensitivity90: both ? specificity : NaN,
      };
    };
  },
};
