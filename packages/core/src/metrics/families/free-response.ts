import type { ImageSummary } from '../summary/types.js';
import type { MetricFamily } from './family.js';
import { placesOf, rankDescending, sumAt } from './family.js';

const rates = [0.25, 0.5, 1, 2, 4, 8] as const;

/**
 * Any number of marks per image: the peaks of the map's connected parts at half its range or above, scored by the
 * probability of the positive class times the peak's place in the range. A mark on a lesion, within the tolerance, finds
 * it; a lesion has the score of the best mark on it, and further marks on it count nothing. A mark on no lesion is false.
 * - `froc025` .. `froc8`: sensitivity, the share of all lesions found, at the threshold where there are 0.25 .. 8 false
 *   marks per image, over all images (the FROC curve: Bunch et al., SPIE 1977; rates of CAMELYON16 and of MONAI's
 *   `compute_froc_score`). Between thresholds linear; where the marks run out before the rate, that of all marks.
 * - `frocScore`: their mean.
 * - `afroc`: the area under the AFROC curve (Chakraborty & Winter, Radiology 1990), found lesions over negative images with
 *   a false mark: the probability that a lesion scores higher than the highest mark on a negative image, equal scores
 *   counting one half, no mark being lower than any. Undefined where there is no negative image.
 *
 * Positive images without ground truth are left out. Undefined where there is no lesion.
 */
export const freeResponse: MetricFamily<
  'froc025' | 'froc05' | 'froc1' | 'froc2' | 'froc4' | 'froc8' | 'frocScore' | 'afroc'
> = {
  titles: {
    froc025: 'FROC at .25 false marks',
    froc05: 'FROC at .5 false marks',
    froc1: 'FROC at 1 false mark',
    froc2: 'FROC at 2 false marks',
    froc4: 'FROC at 4 false marks',
    froc8: 'FROC at 8 false marks',
    frocScore: 'FROC score',
    afroc: 'AFROC area',
  },
  localizes: true,
  prepare: (images) => {
    const known = placesOf(images, (image) => image.detection !== undefined);
    const negatives = placesOf(images, (image) => !image.positive);
    const lesions = Float64Array.from(images, (image) => image.detection?.lesionScores.length ?? 0);
    const froc = prepareFroc(images);
    const afroc = prepareAfroc(images);
    return (weights) => {
      let total = 0;
      for (let i = 0; i < weights.length; i++) total += (weights[i] as number) * (lesions[i] as number);
      const found = froc(weights, sumAt(weights, known)).map((count) => count / total);
      const [froc025 = NaN, froc05 = NaN, froc1 = NaN, froc2 = NaN, froc4 = NaN, froc8 = NaN] = found;
      return {
        froc025,
        froc05,
        froc1,
        froc2,
        froc4,
        froc8,
        frocScore: found.reduce((sum, value) => sum + value, 0) / rates.length,
        afroc: afroc(weights) / (total * sumAt(weights, negatives)),
      };
    };
  },
};

/** Scores of two kinds of items, each of an image, ranked together. */
class Mixed {
  readonly #scores: number[] = [];
  readonly #imageOf: number[] = [];
  readonly #isLesion: number[] = [];

  add(score: number, image: number, isLesion: boolean): void {
    this.#scores.push(score);
    this.#imageOf.push(image);
    this.#isLesion.push(isLesion ? 1 : 0);
  }

  ranked(): { places: Int32Array; isLesion: Uint8Array; ends: Uint8Array } {
    const { order, ends } = rankDescending(this.#scores);
    return {
      places: Int32Array.from(order, (item) => this.#imageOf[item] as number),
      isLesion: Uint8Array.from(order, (item) => this.#isLesion[item] as number),
      ends,
    };
  }
}

/** How many lesions are found at each of the rates. */
function prepareFroc(images: readonly ImageSummary[]): (weights: Float64Array, count: number) => number[] {
  const items = new Mixed();
  images.forEach(({ detection }, i) => {
    detection?.lesionScores.forEach((score) => {
      if (score > -Infinity) items.add(score, i, true);
    });
    detection?.falseScores.forEach((score) => items.add(score, i, false));
  });
  const { places, isLesion, ends } = items.ranked();
  return (weights, count) => {
    const found: number[] = [];
    let [wrong, right, wrongBefore, rightBefore] = [0, 0, 0, 0];
    for (let i = 0; i < places.length && found.length < rates.length; i++) {
      const weight = weights[places[i] as number] as number;
      if (isLesion[i] === 1) right += weight;
      else wrong += weight;
      if (ends[i] === 0) continue;
      // A rate met exactly waits: at the same number of false marks there may be more lesions yet.
      for (let rate = rates[found.length]; rate !== undefined && rate * count < wrong; rate = rates[found.length]) {
        const part = (rate * count - wrongBefore) / (wrong - wrongBefore);
        found.push(rightBefore + part * (right - rightBefore));
      }
      wrongBefore = wrong;
      rightBefore = right;
    }
    while (found.length < rates.length) found.push(right);
    return found;
  };
}

/** The number of pairs of a lesion and a negative image of which the lesion scores higher. */
function prepareAfroc(images: readonly ImageSummary[]): (weights: Float64Array) => number {
  const items = new Mixed();
  images.forEach(({ positive, detection }, i) => {
    detection?.lesionScores.forEach((score) => items.add(score, i, true));
    if (!positive) items.add(detection?.falseScores[0] ?? -Infinity, i, false);
  });
  const { places, isLesion, ends } = items.ranked();
  return (weights) => {
    let [above, groupLesions, groupImages, ordered] = [0, 0, 0, 0];
    for (let i = 0; i < places.length; i++) {
      const weight = weights[places[i] as number] as number;
      if (isLesion[i] === 1) groupLesions += weight;
      else groupImages += weight;
      if (ends[i] === 0) continue;
      ordered += groupImages * (above + groupLesions / 2);
      above += groupLesions;
      groupLesions = 0;
      groupImages = 0;
    }
    return ordered;
  };
}
