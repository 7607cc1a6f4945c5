import { type DetectionSummary, boxApOverlaps } from '../summary/types.js';
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
export const boxAp: MetricFamily<
  'boxAp30' | 'boxAp50',
  { readonly detection: Pick<DetectionSummary, 'lesionScores' | 'boxScores' | 'boxFound'> | undefined }
> = {
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
    const [found30, found50] = found.map((list) => Uint8Array.from(order, (box) => list[box] as number));
    const [curve30, curve50] = [new PrecisionCurve(order.length), new PrecisionCurve(order.length)];
    return (weights) => {
      let total = 0;
      for (let i = 0; i < weights.length; i++) total += (weights[i] as number) * (lesions[i] as number);
      let [all, right30, right50] = [0, 0, 0];
      for (let i = 0; i < places.length; i++) {
        const weight = weights[places[i] as number] as number;
        all += weight;
        if (found30?.[i] === 1) right30 += weight;
        if (found50?.[i] === 1) right50 += weight;
        if (ends[i] === 0) continue;
        curve30.add(right30, all);
        curve50.add(right50, all);
      }
      return { boxAp30: curve30.takeArea() / total, boxAp50: curve50.takeArea() / total };
    };
  },
};

/** Precision over the number found, one point for each number: further boxes only lower the precision there. */
class PrecisionCurve {
  readonly #found: Float64Array;
  readonly #precision: Float64Array;
  #points = 0;
  #last = 0;

  constructor(most: number) {
    this.#found = new Float64Array(most);
    this.#precision = new Float64Array(most);
  }

  /** `found` of `all` boxes so far are right; neither may fall. */
  add(found: number, all: number): void {
    if (found === this.#last) return;
    this.#last = found;
    this.#found[this.#points] = found;
    this.#precision[this.#points++] = found / all;
  }

  /** The area under the highest precision at that number or more, after which the curve is empty. */
  takeArea(): number {
    let [area, highest] = [0, 0];
    for (let k = this.#points - 1; k >= 0; k--) {
      highest = Math.max(highest, this.#precision[k] as number);
      area += highest * ((this.#found[k] as number) - (k > 0 ? (this.#found[k - 1] as number) : 0));
    }
    this.#points = 0;
    this.#last = 0;
    return area;
  }
}
