import type { Random } from '@weakspot/core';

/** A point in chest coordinates: origin at the film's middle, x to the right, y down, the film's side = 1. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** How the chest lies on the film: film = rotate(chest) * scale + shift, about the film's middle. */
export interface Pose {
  readonly cos: number;
  readonly sin: number;
  readonly scale: number;
  readonly dx: number;
  readonly dy: number;
}

/** The patient as the X-ray meets it: attenuation (natural-log units) summed along each ray, `[row][column]`. */
export interface Canvas {
  readonly size: number;
  readonly pose: Pose;
  readonly depth: Float32Array;
  /** For the stroke being drawn: half-widths to its centre line (Infinity off it) and where along it, per pixel. */
  readonly nearest: Float32Array;
  readonly along: Float32Array;
}

/** A film with nobody in front of it. */
export function createCanvas(size: number, pose: Pose): Canvas {
  const pixels = size * size;
  const nearest = new Float32Array(pixels).fill(Infinity);
  return { size, pose, depth: new Float32Array(pixels), nearest, along: new Float32Array(pixels) };
}

/** A pose as films vary: turned up to 4 degrees, shifted up to 2.5 % and scaled up to 6 %. */
export function drawPose(random: Random): Pose {
  const angle = random.between(-0.07, 0.07);
  return {
    cos: Math.cos(angle),
    sin: Math.sin(angle),
    scale: random.between(0.94, 1.06),
    dx: random.between(-0.025, 0.025),
    dy: random.between(-0.025, 0.025),
  };
}

/** Chest coordinates to continuous pixel coordinates (a pixel's centre is at +0.5). */
export function toPixel({ size, pose }: Canvas, { x, y }: Point): Point {
  return {
    x: size * (0.5 + pose.dx + pose.scale * (pose.cos * x - pose.sin * y)),
    y: size * (0.5 + pose.dy + pose.scale * (pose.sin * x + pose.cos * y)),
  };
}

/** The inverse of `toPixel`. */
export function toChest({ size, pose }: Canvas, { x, y }: Point): Point {
  const u = (x / size - 0.5 - pose.dx) / pose.scale;
  const v = (y / size - 0.5 - pose.dy) / pose.scale;
  return { x: pose.cos * u + pose.sin * v, y: pose.cos * v - pose.sin * u };
}

/**
 * Adds `height(u, v)` to the depth around `centre`, where (u, v) are chest offsets from it divided by `radius`, over
 * the unit disc.
 */
export function addSpot(canvas: Canvas, centre: Point, radius: number, height: (u: number, v: number) => number): void {
  const { size, pose, depth } = canvas;
  const middle = toPixel(canvas, centre);
  const reach = radius * pose.scale * size;
  const [left, right] = span(middle.x, reach, size);
  const [top, bottom] = span(middle.y, reach, size);
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const across = (column + 0.5 - middle.x) / reach;
      const down = (row + 0.5 - middle.y) / reach;
      if (across * across + down * down >= 1) continue;
      const u = pose.cos * across + pose.sin * down;
      const v = pose.cos * down - pose.sin * across;
      depth[row * size + column]! += height(u, v);
    }
  }
}

/** How a stroke looks. `t` runs from 0 at its first point to 1 at its last. */
export interface Stroke {
  /** Half of the width at t, in chest units. */
  readonly halfWidth: (t: number) => number;
  /** Depth at t on the centre line, before `profile`. */
  readonly weight: (t: number) => number;
  /** Factor at `q` half-widths from the centre line, for q in [0, 1). */
  readonly profile: (q: number) => number;
}

/** Adds a stroke along a polyline; where it meets itself the nearer part counts, so joints do not pile up. */
export function addStroke(canvas: Canvas, points: readonly Point[], stroke: Stroke): void {
  const { size, pose, depth, nearest, along } = canvas;
  const path = points.map((point) => toPixel(canvas, point));
  const unit = pose.scale * size;
  const touched: number[] = [];
  const steps = path.length - 1;
  for (let i = 0; i < steps; i++) {
    const a = path[i] as Point;
    const b = path[i + 1] as Point;
    const ex = b.x - a.x;
    const ey = b.y - a.y;
    const squared = ex * ex + ey * ey || 1e-12;
    // Widths change little along one segment: linear between its ends.
    const w0 = stroke.halfWidth(i / steps) * unit;
    const w1 = stroke.halfWidth((i + 1) / steps) * unit;
    const reach = Math.max(w0, w1);
    const [left, right] = span((a.x + b.x) / 2, Math.abs(ex) / 2 + reach, size);
    const [top, bottom] = span((a.y + b.y) / 2, Math.abs(ey) / 2 + reach, size);
    for (let row = top; row < bottom; row++) {
      const py = row + 0.5 - a.y;
      for (let column = left; column < right; column++) {
        const px = column + 0.5 - a.x;
        const s = Math.min(1, Math.max(0, (px * ex + py * ey) / squared));
        const offX = px - s * ex;
        const offY = py - s * ey;
        const distance = offX * offX + offY * offY;
        if (distance >= reach * reach) continue;
        const q = Math.sqrt(distance) / (w0 + s * (w1 - w0));
        const at = row * size + column;
        const known = nearest[at]!;
        if (q >= 1 || q >= known) continue;
        if (known === Infinity) touched.push(at);
        nearest[at] = q;
        along[at] = (i + s) / steps;
      }
    }
  }
  for (const at of touched) {
    // A float32 just below 1 may have rounded up to it.
    depth[at]! += stroke.weight(along[at]!) * stroke.profile(Math.min(nearest[at]!, 0.999999));
    nearest[at] = Infinity;
  }
}

/** Points along a cubic Bezier curve, ends included. */
export function bezier(a: Point, b: Point, c: Point, d: Point, steps: number): Point[] {
  return Array.from({ length: steps + 1 }, (_, i) => {
    const t = i / steps;
    const s = 1 - t;
    const [wa, wb, wc, wd] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
    return { x: wa * a.x + wb * b.x + wc * c.x + wd * d.x, y: wa * a.y + wb * b.y + wc * c.y + wd * d.y };
  });
}

/** 0 below `low`, 1 above `high`, the cubic 3t^2 - 2t^3 between. */
export function smoothstep(low: number, high: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return t * t * (3 - 2 * t);
}

/** The pixel range [first, last) within `reach` of `middle`, cut to the film. */
function span(middle: number, reach: number, size: number): [number, number] {
  return [Math.max(0, Math.floor(middle - reach)), Math.min(size, Math.ceil(middle + reach) + 1)];
}
