import {
  type EvaluatedImage,
  type HeatMap,
  type Metrics,
  type MetricsOptions,
  computePointing,
  responsePoint,
} from '@weakspot/core';

/** How much of a model's localization is a position that it learned, and how much what it sees in the single image. */
export interface PositionDiagnosis {
  /**
   * Hit rate and localization AP, 0..1, under the model's probabilities, with its mean map given for every image: what its
   * position alone is worth. The mean is taken cell by cell over the maps of all images, positive and others, each once; no
   * labels and no boxes are used.
   */
  readonly mean: { readonly hitRate: number; readonly locAp: number };
  /**
   * By how much the hit rate is above that of the responses of other images, see `shuffledPointing`; undefined of a single
   * located image.
   */
  readonly gain: number | undefined;
  /** Of the gain. */
  readonly standardError: number | undefined;
  /**
   * Whether the hit rate, above that of random points, does not show that single lesions are found: the responses of other
   * images hit as often, but for what chance makes (two standard errors); or the mean map, given for every image, does.
   */
  readonly isPosition: boolean;
}

const DEVIATIONS = 2;

/** Gathers what the diagnosis needs, image by image, without keeping maps. */
export class PositionGatherer {
  readonly #images: EvaluatedImage[] = [];
  #sum: (HeatMap & { readonly values: Float64Array }) | undefined;

  /** @param map Of the positive class; all of one size, their cells at the same places of the input. */
  add(evaluated: EvaluatedImage, map: HeatMap): void {
    const { values } = map;
    this.#sum ??= { ...map, values: new Float64Array(values.length) };
    const sum = this.#sum.values;
    for (let i = 0; i < values.length; i++) sum[i] = (sum[i] as number) + (values[i] as number);
    this.#images.push(evaluated);
  }

  /** The mean map; undefined before the first image. */
  meanMap(): (HeatMap & { readonly values: Float32Array }) | undefined {
    const count = this.#images.length;
    if (this.#sum === undefined) return undefined;
    return { ...this.#sum, values: Float32Array.from(this.#sum.values, (sum) => sum / count) };
  }

  /**
   * @param metrics Of all images.
   * @returns Undefined where no image is located.
   */
  diagnose({ hitRate: own, hitRateRandom: random }: Metrics, options: MetricsOptions): PositionDiagnosis | undefined {
    const map = this.meanMap();
    if (own === undefined || random === undefined || map === undefined) return undefined;
    const { shuffled } = computePointing(this.#images, options);
    const pointed = this.#images.map((image) => ({ ...image, response: responsePoint(map, image) }));
    const { hitRate = Number.NaN, locAp = Number.NaN } = computePointing(pointed, options);
    const isWithinChance = shuffled !== undefined && shuffled.gain <= DEVIATIONS * shuffled.standardError;
    return {
      mean: { hitRate, locAp },
      gain: shuffled?.gain,
      standardError: shuffled?.standardError,
      isPosition: own > random && (isWithinChance || own <= hitRate),
    };
  }
}
