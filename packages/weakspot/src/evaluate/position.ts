import {
  type EvaluatedImage,
  type HeatMap,
  type MapResponse,
  type Metrics,
  type MetricsOptions,
  computeMetrics,
  responsePoint,
} from '@weakspot/core';

/** Hit rate and localization AP, 0..1, with the model's probabilities and other responses than its own. */
export interface PointingScores {
  readonly hitRate: number;
  readonly locAp: number;
}

/**
 * How much of a model's localization is a position that it learned, and how much what it sees in the single image.
 *
 * A map that answers in the same place whatever the image hits where lesions mostly are. Let M be the mean, cell by cell, of
 * the model's maps over all tested images, positive and others, each counting alike; no labels and no boxes are used.
 */
export interface PositionDiagnosis {
  /** With M as every image's map: what the model's position alone gives. */
  readonly mean: PointingScores;
  /** With each image's map less M: what the model says of this image and not of all. */
  readonly specific: PointingScores;
  /**
   * Whether the model's own maps hit more often than random points and still no more often than M: its hit rate then does not
   * show that it finds lesions.
   */
  readonly isPosition: boolean;
}

/** Gathers what the diagnosis needs: the sum of all maps, and the maps of located images. */
export class PositionGatherer {
  readonly #positive: number;
  readonly #images: EvaluatedImage[] = [];
  readonly #maps: (Float32Array | undefined)[] = [];
  #sum: Float64Array | undefined;
  #width = 0;
  #height = 0;

  /** @param positive Index of the positive class. */
  constructor(positive: number) {
    this.#positive = positive;
  }

  /** @param map Of the positive class; all of one size. */
  add(evaluated: EvaluatedImage, { values, width, height }: HeatMap): void {
    this.#sum ??= new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) this.#sum[i] = (this.#sum[i] as number) + (values[i] as number);
    [this.#width, this.#height] = [width, height];
    this.#images.push(evaluated);
    const isLocated = evaluated.label === this.#positive && evaluated.regions.length > 0;
    // Other images' responses are never asked for.
    this.#maps.push(isLocated ? Float32Array.from(values) : undefined);
  }

  /** The mean map; undefined before the first image. */
  meanMap(): (HeatMap & { readonly values: Float32Array }) | undefined {
    const count = this.#images.length;
    if (this.#sum === undefined) return undefined;
    return { values: Float32Array.from(this.#sum, (sum) => sum / count), width: this.#width, height: this.#height };
  }

  /** Per image, in the order in which they were added, the response of its map less the mean map; of located ones only. */
  specificResponses(): (MapResponse | undefined)[] {
    const mean = this.meanMap();
    return this.#images.map((image, i) => {
      const own = this.#maps[i];
      if (own === undefined || mean === undefined) return undefined;
      return this.#respond(
        image,
        own.map((value, k) => value - (mean.values[k] as number)),
      );
    });
  }

  /**
   * @param metrics Of all images.
   * @param specific As `specificResponses` gives them.
   * @returns Undefined where no image is located.
   */
  diagnose(
    { hitRate: own, hitRateRandom: random }: Metrics,
    specific: readonly (MapResponse | undefined)[],
    options: MetricsOptions,
  ): PositionDiagnosis | undefined {
    const mean = this.meanMap();
    if (own === undefined || random === undefined || mean === undefined) return undefined;
    const scoresOf = (
      respond: (image: EvaluatedImage, index: number) => EvaluatedImage['response'],
    ): PointingScores => {
      const images = this.#images.map((image, i) => {
        return this.#maps[i] === undefined ? image : { ...image, response: respond(image, i) };
      });
      const { hitRate = Number.NaN, locAp = Number.NaN } = computeMetrics(images, options);
      return { hitRate, locAp };
    };
    const ofMean = scoresOf((image) => this.#respond(image, mean.values));
    return {
      mean: ofMean,
      specific: scoresOf((image, i) => specific[i] ?? image.response),
      isPosition: own > random && own <= ofMean.hitRate,
    };
  }

  #respond({ width, height, placement }: EvaluatedImage, values: Float32Array): MapResponse {
    return responsePoint(values, this.#width, this.#height, width, height, placement);
  }
}
