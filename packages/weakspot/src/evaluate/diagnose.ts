import {
  type EvaluatedImage,
  type MapName,
  type Metrics,
  type MetricsOptions,
  computePointing,
  evidenceMap,
  negativeShare,
  responsePoint,
} from '@weakspot/core';
import type { Prediction } from './model.js';

/** In which class's map the evidence of a model lies. */
export interface EvidenceDiagnosis {
  /** From labels alone: the share that comes through the other classes' maps, see `negativeShare`. */
  readonly negativeShare: number | undefined;
  /** The pointing hit rate of each map, where positive images have ground truth. */
  readonly hitRates: Readonly<Record<MapName, number>> | undefined;
  /**
   * Whether the positive class's map is not the one to read: the model tells positive images apart, and more than two
   * thirds of that come through the others; or its response hits no more often than random points, while the difference
   * map's does. Each by two standard deviations of what chance makes.
   */
  readonly misplaced: boolean;
}

/** Twice as much evidence through the other classes' maps as through the positive one's. */
const LARGEST_SHARE = 2 / 3;
const DEVIATIONS = 2;

/** Gathers what a diagnosis needs, image by image, without keeping maps. */
export class EvidenceGatherer {
  readonly #positive: number;
  readonly #logits: { readonly label: number; readonly logits: readonly number[] }[] = [];
  readonly #located: Record<MapName, EvaluatedImage>[] = [];

  constructor(positive: number) {
    this.#positive = positive;
  }

  add(evaluated: EvaluatedImage, { evidence, map }: Prediction): void {
    if (evidence === undefined) return;
    const { label, regions } = evaluated;
    const { logits, maps } = evidence;
    this.#logits.push({ label, logits });
    if (label !== this.#positive || regions.length === 0) return;
    const of = (name: MapName): EvaluatedImage => {
      const values = evidenceMap(maps, logits.length, this.#positive, name);
      return { ...evaluated, response: responsePoint({ ...map, values }, evaluated) };
    };
    this.#located.push({ positive: of('positive'), difference: of('difference'), negative: of('negative') });
  }

  /**
   * @param metrics Of all images.
   * @returns Undefined where no image had its logits.
   */
  diagnose(metrics: Metrics, options: MetricsOptions): EvidenceDiagnosis | undefined {
    if (this.#logits.length === 0) return undefined;
    const share = negativeShare(this.#logits, this.#positive);
    const inOthers = tellsApart(metrics) && (share ?? 0) > LARGEST_SHARE;
    const count = this.#located.length;
    if (count === 0) return { negativeShare: share, hitRates: undefined, misplaced: inOthers };
    const rate = (name: MapName): number => {
      const images = this.#located.map((maps) => maps[name]);
      return computePointing(images, options).hitRate ?? Number.NaN;
    };
    const hitRates = { positive: rate('positive'), difference: rate('difference'), negative: rate('negative') };
    const random = metrics.hitRateRandom ?? Number.NaN;
    const chance = random + DEVIATIONS * Math.sqrt((random * (1 - random)) / count);
    const misplaced = inOthers || (hitRates.positive <= random && hitRates.difference > chance);
    return { negativeShare: share, hitRates, misplaced };
  }
}

/** Whether the AUC is above what chance makes of it: Mann and Whitney's U has the variance PN (P + N + 1) / 12. */
function tellsApart({ auc, positives, images }: Metrics): boolean {
  if (auc === undefined) return false;
  const deviation = Math.sqrt((images + 1) / (12 * positives * (images - positives)));
  return auc > 0.5 + DEVIATIONS * deviation;
}
