import { boxApOverlaps } from '../summary/types.js';
import type { MetricFamily } from './family.js';
import { rankDescending } from './family.js';

/**
 * Average precision of detecting lesions by boxes (PASCAL VOC: Everingham et al., IJCV 2010, in its form since 2010): all
 * boxes of all images ranked by score, the probability of the positive class times the peak of the box's part of the map.
 * In the order of their scores the boxes of an image each find the lesion they overlap most, of those not found yet, if
 * by an intersection over union of at least 0.3 (`boxAp30`) or 0.5 (`boxAp50`); every other box is a false positive.
 * The area under the precision-recall curve, where precision at a recall is the highest at that recall or above
 * ("all points"; COCO reads the same curve at 101 recalls). Boxes of equal score enter together.
 *
 * Boxes on negative images are false positives; positive images without ground truth are left out. Undefined where there
 * is no lesion.
 */
export const boxAp: MetricFamily<'boxAp30' | 'boxAp50'> = {
  titles: { boxAp30: 'Box AP at IoU .3', boxAp50: 'Box AP at IoU .5' },
  localizes: true,
  prepare: (images) => {
    const [scores, imageOf]: [number[], number[]] = [[], []];
    const found: number[][] = boxApOverlaps.map(() => []);
    const lesions = Float64Array.from(images, (image) => image.detection?.lesionScores.length ?? 0);
    images.forEach(({ detection }, i) => {
      detection?.boxScores.forEach((score, box) => {
        scores.push(score);
        imageOf.push(i);
        found.forEach((list, overlap) => list.push(detection.boxFound[overlap]?.[box] ?? 0));
      });
    });
    const { order, ends } = rankDescending(scores);
    const places = Int32Array.from(order, (box) => imageOf[box] as number);
    const curves = found.map((list) => {
      const isFound = Uint8Array.from(order, (box) => list[box] as number);
      return averagePrecision(places, isFound, ends);
    });
    return (weights) => {
      let total = 0;
      for (let i = 0; i < weights.length; i++) total += (weights[i] as number) * (lesions[i] as number);
      const [boxAp30 = NaN, boxAp50 = NaN] = curves.map((area) => area(weights) / total);
      return { boxAp30, boxAp50 };
    };
  },
};

/** The area under the interpolated precision over the number found, not yet divided by how many there are to find. */
function averagePrecision(
  places: Int32Array,
  isFound: Uint8Array,
  ends: Uint8Array,
): (weights: Float64Array) => number {
  // One point of the curve per distinct score.
  const pointFound = new Float64Array(places.length);
  const pointPrecision = new Float64Array(places.length);
  return (weights) => {
    let [points, found, all] = [0, 0, 0];
    for (let i = 0; i < places.length; i++) {
      const weight = weights[places[i] as number] as number;
      all += weight;
      if (isFound[i] === 1) found += weight;
      if (ends[i] === 0 || all === 0) continue;
      pointFound[points] = found;
      pointPrecision[points++] = found / all;
    }
    let [area, highest] = [0, 0];
    for (let k = points - 1; k >= 0; k--) {
      highest = Math.max(highest, pointPrecision[k] as number);
      area += highest * ((pointFound[k] as number) - (k > 0 ? (pointFound[k - 1] as number) : 0));
    }
    return area;
  };
}
