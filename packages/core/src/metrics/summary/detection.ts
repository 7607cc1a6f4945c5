import type { Box, Region } from '../../imaging/index.js';
import { boxIou, regionBounds, regionContains } from '../../imaging/index.js';
import type { Tolerance } from '../localization.js';
import { rodeoCounts } from './rodeo-counts.js';
import type { DetectionSummary, Mark } from './types.js';
import { boxApOverlaps } from './types.js';

/**
 * The marks of an image against its lesions.
 *
 * @param marks Highest score first.
 * @param called Whether the image is called positive, so that RoDeO counts its boxes.
 */
export function summarizeDetection(
  marks: readonly Mark[],
  lesions: readonly Region[],
  tolerance: Tolerance,
  called: boolean,
): DetectionSummary {
  const lesionScores = new Float64Array(lesions.length).fill(-Infinity);
  const falseScores: number[] = [];
  for (const { score, peak } of marks) {
    let hits = false;
    lesions.forEach((lesion, i) => {
      if (!regionContains(lesion, peak.x, peak.y, tolerance.x, tolerance.y)) return;
      hits = true;
      lesionScores[i] = Math.max(lesionScores[i] as number, score);
    });
    if (!hits) falseScores.push(score);
  }
  const boxes = marks.map((mark) => mark.box);
  const truth = lesions.map(regionBounds);
  return {
    lesionScores,
    falseScores: Float64Array.from(falseScores),
    boxScores: Float64Array.from(marks, (mark) => mark.score),
    boxFound: boxApOverlaps.map((overlap) => findGreedily(boxes, truth, overlap)),
    rodeo: rodeoCounts(called ? boxes : [], truth),
  };
}

/** Each box in turn finds the lesion it overlaps most, of those not found before, if by at least `overlap`. */
export function findGreedily(boxes: readonly Box[], truth: readonly Box[], overlap: number): Uint8Array {
  const taken = new Set<number>();
  return Uint8Array.from(boxes, (box) => {
    let [best, bestIou] = [-1, overlap];
    truth.forEach((other, i) => {
      const iou = taken.has(i) ? -1 : boxIou(box, other);
      if (iou < bestIou || (iou === bestIou && best >= 0)) return;
      [best, bestIou] = [i, iou];
    });
    if (best < 0) return 0;
    taken.add(best);
    return 1;
  });
}
