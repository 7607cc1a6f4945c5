import type { Box } from '../../imaging/index.js';

/** Areas of two boxes, of what they share, and of the smallest box around both. */
interface Overlap {
  readonly a: number;
  readonly b: number;
  readonly shared: number;
  readonly hull: number;
}

function overlapOf(a: Box, b: Box): Overlap {
  const area = (x0: number, y0: number, x1: number, y1: number): number => Math.max(0, x1 - x0) * Math.max(0, y1 - y0);
  return {
    a: area(a.x0, a.y0, a.x1, a.y1),
    b: area(b.x0, b.y0, b.x1, b.y1),
    shared: area(Math.max(a.x0, b.x0), Math.max(a.y0, b.y0), Math.min(a.x1, b.x1), Math.min(a.y1, b.y1)),
    hull: area(Math.min(a.x0, b.x0), Math.min(a.y0, b.y0), Math.max(a.x1, b.x1), Math.max(a.y1, b.y1)),
  };
}

/** Intersection over the area of `box`, 0..1; 0 where that has none. */
export function boxIntersectionOver(box: Box, other: Box): number {
  const { a, shared } = overlapOf(box, other);
  return a > 0 ? shared / a : 0;
}

/**
 * Generalized intersection over union (Rezatofighi et al., CVPR 2019), -1..1: the IoU less the part of the smallest box
 * around both that neither covers. Of boxes apart, the nearer ones have the higher value. Both must have area.
 */
export function generalizedIou(one: Box, other: Box): number {
  const { a, b, shared, hull } = overlapOf(one, other);
  const union = a + b - shared;
  return shared / union - (hull - union) / hull;
}

/** Intersection over union of two boxes laid upon each other, 0..1: of their widths and heights alone. */
export function shapeIou(one: Box, other: Box): number {
  const [width, height] = [one.x1 - one.x0, one.y1 - one.y0];
  const [otherWidth, otherHeight] = [other.x1 - other.x0, other.y1 - other.y0];
  const shared = Math.min(width, otherWidth) * Math.min(height, otherHeight);
  return shared / (width * height + otherWidth * otherHeight - shared);
}
