import type { CoverageSummary, ImageSummary } from '../summary/types.js';
import type { MetricFamily } from './family.js';
import { placesOf } from './family.js';

const iouThresholds = [0.1, 0.3, 0.5, 0.7] as const;
const iobbThresholds = [0.1, 0.25, 0.5, 0.75, 0.9] as const;

/**
 * Localization accuracy at T (Wang et al., CVPR 2017, ChestX-ray8, section 4.2): the share of located images one of
 * whose boxes has with one of the lesions' boxes
 * - `iouAccuracy..`: an intersection over union above T;
 * - `iobbAccuracy..`: an intersection over the detected box's own area (IoBB) above T. A small box inside a lesion has
 *   IoBB 1, a large one around it a small IoBB.
 *
 * The boxes are those around the connected parts of the map at half its range or above (the paper cuts at fixed values
 * of its own), whatever the image's probability; of a lesion that is no box, the box around it. The paper gives T the
 * values 0.1 to 0.7 for IoU and those here for IoBB. Undefined where no image is located.
 */
export const boxAccuracy: MetricFamily<
  | 'iouAccuracy10'
  | 'iouAccuracy30'
  | 'iouAccuracy50'
  | 'iouAccuracy70'
  | 'iobbAccuracy10'
  | 'iobbAccuracy25'
  | 'iobbAccuracy50'
  | 'iobbAccuracy75'
  | 'iobbAccuracy90',
  Pick<ImageSummary, 'located'> & { readonly coverage: Pick<CoverageSummary, 'iou' | 'iobb'> | undefined }
> = {
  titles: {
    iouAccuracy10: 'Accuracy at IoU > .1',
    iouAccuracy30: 'Accuracy at IoU > .3',
    iouAccuracy50: 'Accuracy at IoU > .5',
    iouAccuracy70: 'Accuracy at IoU > .7',
    iobbAccuracy10: 'Accuracy at IoBB > .1',
    iobbAccuracy25: 'Accuracy at IoBB > .25',
    iobbAccuracy50: 'Accuracy at IoBB > .5',
    iobbAccuracy75: 'Accuracy at IoBB > .75',
    iobbAccuracy90: 'Accuracy at IoBB > .9',
  },
  localizes: true,
  prepare: (images) => {
    const located = placesOf(images, (image) => image.located);
    const overlapOf = (kind: 'iou' | 'iobb') => (i: number) => images[i]?.coverage?.[kind] ?? 0;
    const iou = sharesAbove(located, Float64Array.from(located, overlapOf('iou')), iouThresholds);
    const iobb = sharesAbove(located, Float64Array.from(located, overlapOf('iobb')), iobbThresholds);
    return (weights) => {
      const [iou10, iou30, iou50, iou70] = iou(weights);
      const [iobb10, iobb25, iobb50, iobb75, iobb90] = iobb(weights);
      return {
        iouAccuracy10: iou10 ?? NaN,
        iouAccuracy30: iou30 ?? NaN,
        iouAccuracy50: iou50 ?? NaN,
        iouAccuracy70: iou70 ?? NaN,
        iobbAccuracy10: iobb10 ?? NaN,
        iobbAccuracy25: iobb25 ?? NaN,
        iobbAccuracy50: iobb50 ?? NaN,
        iobbAccuracy75: iobb75 ?? NaN,
        iobbAccuracy90: iobb90 ?? NaN,
      };
    };
  },
};

/** The share of the weight of the places whose value lies above each of the thresholds, which ascend. */
function sharesAbove(
  places: Int32Array,
  values: Float64Array,
  thresholds: readonly number[],
): (weights: Float64Array) => number[] {
  const passed = Uint8Array.from(values, (value) => thresholds.filter((threshold) => value > threshold).length);
  return (weights) => {
    // By how many thresholds are passed; whoever passes k passes all those before.
    const sums = new Float64Array(thresholds.length + 1);
    for (let i = 0; i < places.length; i++) {
      const count = passed[i] as number;
      sums[count] = (sums[count] as number) + (weights[places[i] as number] as number);
    }
    for (let k = thresholds.length - 1; k >= 0; k--) sums[k] = (sums[k] as number) + (sums[k + 1] as number);
    return thresholds.map((_, k) => (sums[k + 1] as number) / (sums[0] as number));
  };
}
