import { LEVELS } from '../summary/types.js';
import type { MetricFamily } from './family.js';
import { placesOf, sumAt } from './family.js';

const overlaps = [0.3, 0.5, 0.7] as const;

/**
 * `maxBoxAccV2` (Choe et al., CVPR 2020 and its extension, arXiv 2007.04178): the share of located images of which, where
 * the map is cut at a threshold, the box around some connected part has an intersection over union of at least d with
 * some lesion's box; the highest share over all thresholds, one for all images; the mean of that over d = 0.3, 0.5, 0.7.
 *
 * Thresholds are 0, 0.01 .. 0.99 of the range of each map, on a grid of at most 128 pixels a side (theirs has 224). The threshold is chosen
 * on the images evaluated, so the metric says what a map could do rather than what it does. It does not look at the
 * probabilities. Unlike the authors' program, which draws boxes around the outlines of holes too and counts pixels up to
 * and including a box's last, parts are 8-connected and boxes end at pixel edges. Undefined where no image is located.
 */
export const maxBoxAcc: MetricFamily<'maxBoxAccV2'> = {
  titles: { maxBoxAccV2: 'MaxBoxAccV2' },
  localizes: true,
  prepare: (images) => {
    const located = placesOf(images, (image) => image.located);
    const curves = overlaps.map((overlap) => {
      // Where an image's success begins and ends along the thresholds, in place of one number per threshold.
      const [places, levels, signs]: [number[], number[], number[]] = [[], [], []];
      for (const i of located) {
        const ious = images[i]?.coverage?.levelIou ?? new Float64Array(LEVELS);
        let right = false;
        for (let level = 0; level < LEVELS; level++) {
          const now = (ious[level] as number) >= overlap;
          if (now === right) continue;
          places.push(i);
          levels.push(level);
          signs.push(now ? 1 : -1);
          right = now;
        }
      }
      return { places: Int32Array.from(places), levels: Uint8Array.from(levels), signs: Int8Array.from(signs) };
    });
    return (weights) => {
      const total = sumAt(weights, located);
      let sum = 0;
      for (const { places, levels, signs } of curves) {
        const changes = new Float64Array(LEVELS);
        for (let e = 0; e < places.length; e++) {
          const level = levels[e] as number;
          changes[level] = (changes[level] as number) + (signs[e] as number) * (weights[places[e] as number] as number);
        }
        let [right, most] = [0, 0];
        for (let level = 0; level < LEVELS; level++) {
          right += changes[level] as number;
          most = Math.max(most, right);
        }
        sum += most / total;
      }
      return { maxBoxAccV2: sum / overlaps.length };
    };
  },
};
