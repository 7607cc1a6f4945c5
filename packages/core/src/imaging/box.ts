/**
 * An axis-aligned box `[x0, y0, x1, y1)` in pixels, top-left origin; the pixel in column c and row r covers
 * `[c, c+1) x [r, r+1)` and has its centre at `(c + 0.5, r + 0.5)`.
 */
export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** The box with `dx` more pixels on the left and right and `dy` more above and below; negative values shrink it. */
export function growBox(box: Box, dx: number, dy: number): Box {
  return { x0: box.x0 - dx, y0: box.y0 - dy, x1: box.x1 + dx, y1: box.y1 + dy };
}

/** The part of the box inside an image of `width` x `height`; a box wholly outside becomes one without area. */
export function clipBox(box: Box, width: number, height: number): Box {
  const clamp = (value: number, limit: number): number => Math.min(Math.max(value, 0), limit);
  return { x0: clamp(box.x0, width), y0: clamp(box.y0, height), x1: clamp(box.x1, width), y1: clamp(box.y1, height) };
}

/** Whether the point lies in the box: its left and top edges belong to it, its right and bottom edges do not. */
export function boxContains(box: Box, x: number, y: number): boolean {
  return x >= box.x0 && x < box.x1 && y >= box.y0 && y < box.y1;
}

/** The area of the union of the boxes, exactly; coordinates may be fractional. Boxes without area count nothing. */
export function boxesArea(boxes: readonly Box[]): number {
  const solid = boxes.filter((box) => box.x1 > box.x0 && box.y1 > box.y0).toSorted((a, b) => a.y0 - b.y0);
  // Between two neighbouring vertical edges the union is a set of intervals of y, the same along the whole strip.
  const edges = [...new Set(solid.flatMap((box) => [box.x0, box.x1]))].toSorted((a, b) => a - b);
  let area = 0;
  edges.forEach((left, i) => {
    const right = edges[i + 1];
    if (right === undefined) return;
    let covered = 0;
    let reached = -Infinity;
    for (const box of solid) {
      if (box.x0 > left || box.x1 < right || box.y1 <= reached) continue;
      covered += box.y1 - Math.max(box.y0, reached);
      reached = box.y1;
    }
    area += covered * (right - left);
  });
  return area;
}

/** Intersection over union of two boxes, 0..1; 0 where neither has area. */
export function boxIou(a: Box, b: Box): number {
  const area = (x0: number, y0: number, x1: number, y1: number): number => Math.max(0, x1 - x0) * Math.max(0, y1 - y0);
  const shared = area(Math.max(a.x0, b.x0), Math.max(a.y0, b.y0), Math.min(a.x1, b.x1), Math.min(a.y1, b.y1));
  const union = area(a.x0, a.y0, a.x1, a.y1) + area(b.x0, b.y0, b.x1, b.y1) - shared;
  return union > 0 ? shared / union : 0;
}
