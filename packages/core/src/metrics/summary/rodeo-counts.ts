import type { Box } from '../../imaging/index.js';
import { assign } from './assignment.js';
import { generalizedIou, shapeIou } from './overlap.js';
import type { RodeoCounts } from './types.js';

/**
 * Pairs predicted with true boxes for RoDeO (Meissen et al., MIDL 2023), by the highest sum of generalized IoUs, and
 * adds up over the pairs
 * - localization, `exp(-ln 2 * d^2)`: d is the distance of the centres in widths and heights of the true box, so that
 *   one box's width beside the mark scores one half;
 * - shape, the IoU of the two boxes laid upon each other.
 */
export function rodeoCounts(predicted: readonly Box[], truth: readonly Box[]): RodeoCounts {
  const cost = predicted.flatMap((box) => truth.map((other) => -generalizedIou(box, other)));
  let [localization, shape] = [0, 0];
  assign(cost, predicted.length, truth.length).forEach((column, row) => {
    if (column < 0) return;
    const [box, target] = [predicted[row] as Box, truth[column] as Box];
    localization += Math.exp(-Math.LN2 * squaredOffset(box, target));
    shape += shapeIou(box, target);
  });
  const matched = Math.min(predicted.length, truth.length);
  return {
    matched,
    overpredicted: predicted.length - matched,
    missed: truth.length - matched,
    localization,
    shape,
  };
}

/** Squared distance of the boxes' centres, each axis in units of the target's side. */
function squaredOffset(box: Box, target: Box): number {
  const x = (box.x0 + box.x1 - target.x0 - target.x1) / 2 / (target.x1 - target.x0);
  const y = (box.y0 + box.y1 - target.y0 - target.y1) / 2 / (target.y1 - target.y0);
  return x * x + y * y;
}
