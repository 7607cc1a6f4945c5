import type { ImageSummary } from '../summary/types.js';
import type { MetricFamily } from './family.js';
import { placesOf, rankDescending, sumAt } from './family.js';

/**
 * One point per image, the map's response; it hits if it lies on a lesion, within the tolerance:
 * - `hitRate`: the share of located images whose response hits (the pointing game: Zhang et al., ECCV 2016);
 * - `locAp`: localization average precision (Hwang & Kim 2016, section 3): images ranked by the probability of the
 *   positive class, true positive if located and hit, false positive if not; recall counts the located images;
 * - `lroc`: the area under the LROC curve (Starr et al., Radiology 1975; Swensson, Med. Phys. 1996), the probability that
 *   a located image scores higher than a negative one and is hit, equal scores counting one half. At most the AUC of
 *   these images. A positive image without ground truth is left out. Undefined where there is no negative image.
 *
 * All are undefined where no image is located.
 */
export const pointing: MetricFamily<
  'hitRate' | 'locAp' | 'lroc',
  Pick<ImageSummary, 'score' | 'positive' | 'located' | 'hit'>
> = {
  titles: { hitRate: 'Hit rate', locAp: 'Loc AP', lroc: 'LROC area' },
  localizes: true,
  prepare: (images) => {
    const { order, ends } = rankDescending(images.map((image) => image.score));
    const isHit = Uint8Array.from(order, (i) => (images[i]?.hit === true ? 1 : 0));
    const isNegative = Uint8Array.from(order, (i) => (images[i]?.positive === false ? 1 : 0));
    const located = placesOf(images, (image) => image.located);
    const others = placesOf(images, (image) => !image.positive);
    return (weights) => {
      const [lesioned, negative] = [sumAt(weights, located), sumAt(weights, others)];
      let [seen, hits, groupAll, groupHits, groupNegative] = [0, 0, 0, 0, 0];
      let [precisions, ordered] = [0, 0];
      for (let i = 0; i < order.length; i++) {
        const weight = weights[order[i] as number] as number;
        groupAll += weight;
        if (isHit[i] === 1) groupHits += weight;
        else if (isNegative[i] === 1) groupNegative += weight;
        if (ends[i] === 0) continue;
        ordered += groupNegative * (hits + groupHits / 2);
        seen += groupAll;
        hits += groupHits;
        if (groupHits > 0) precisions += groupHits * (hits / seen);
        groupAll = 0;
        groupHits = 0;
        groupNegative = 0;
      }
      return { hitRate: hits / lesioned, locAp: precisions / lesioned, lroc: ordered / (lesioned * negative) };
    };
  },
};
