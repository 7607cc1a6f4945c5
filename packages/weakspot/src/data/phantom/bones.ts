import type { Random } from '@weakspot/core';
import type { Anatomy, Lung } from './anatomy.js';
import { addSpot, addStroke, bezier, type Canvas, type Point, type Stroke, smoothstep } from './canvas.js';

/** Adds spine, ribs, clavicles and the inner borders of the shoulder blades. */
export function addBones(canvas: Canvas, anatomy: Anatomy, random: Random): void {
  addSpine(canvas, random);
  const ribs = 8 + random.integer(3);
  const first = anatomy.lungs[0].middle.y - anatomy.lungs[0].along + random.between(0.015, 0.035);
  const spacing = random.between(0.52, 0.6) / ribs;
  const halfWidth = random.between(0.0095, 0.0125);
  const density = random.between(0.13, 0.21);
  const slope = random.between(0.8, 1.3);
  for (const lung of anatomy.lungs) {
    for (let k = 0; k < ribs; k++) {
      addRib(canvas, lung, first + k * spacing, halfWidth * random.between(0.9, 1.1), density, slope, random);
    }
    addClavicle(canvas, lung, random);
    addScapula(canvas, lung, random);
  }
}

/** Bone is a tube: its cortex, met edge-on, is denser than its middle. */
function tube(q: number): number {
  return smoothstep(1, 0.82, q) * (0.68 + 0.32 * smoothstep(0.35, 0.85, q));
}

/** Vertebrae between darker discs, spinous processes in the middle. */
function addSpine(canvas: Canvas, random: Random): void {
  const pitch = random.between(0.048, 0.056);
  const density = random.between(0.22, 0.34);
  const half = random.between(0.026, 0.032);
  const bend = random.between(-0.012, 0.012);
  const at = (y: number): Point => ({ x: bend * Math.sin(4 * y), y });
  for (let y = -0.55; y < 0.56; y += pitch) {
    const block: Stroke = {
      halfWidth: () => half,
      weight: (t) => density * smoothstep(0, 0.12, t) * smoothstep(1, 0.88, t),
      profile: (q) => smoothstep(1, 0.8, q),
    };
    addStroke(canvas, [at(y - pitch * 0.44), at(y), at(y + pitch * 0.44)], block);
    addSpot(canvas, at(y + pitch * 0.2), 0.011, (u, v) => 0.18 * smoothstep(1, 0.4, Math.hypot(u, v)));
  }
}

/** A rib: its posterior half from the spine outwards, round the chest wall, and its fainter anterior half back in. */
function addRib(
  canvas: Canvas,
  lung: Lung,
  y: number,
  halfWidth: number,
  density: number,
  slope: number,
  random: Random,
): void {
  const wall = Math.abs(lungEdge(lung, y + 0.09)) + 0.014;
  const at = (share: number, down: number): Point => ({ x: lung.side * wall * share, y: y + slope * down });
  const jitter = random.between(-0.006, 0.006);
  const posterior = bezier(at(0.09, 0), at(0.45, -0.04 + jitter), at(0.93, -0.03), at(1, 0.09), 14);
  const anterior = bezier(
    at(1, 0.09),
    at(1.02, 0.16),
    at(0.82, 0.2 + jitter),
    at(random.between(0.36, 0.46), 0.19),
    12,
  );
  addStroke(canvas, posterior, { halfWidth: () => halfWidth, weight: () => density, profile: tube });
  addStroke(canvas, anterior, {
    halfWidth: (t) => halfWidth * (1 + 0.25 * t),
    weight: (t) => density * 0.62 * smoothstep(1, 0.75, t),
    profile: tube,
  });
  // The cartilage at a rib's end calcifies in many: dense flecks in both classes.
  if (random.uniform() < 0.25) {
    const end = anterior[11] as Point;
    const height = random.between(0.2, 0.45);
    addSpot(canvas, end, random.between(0.008, 0.014), (u, v) => height * smoothstep(1, 0.6, Math.hypot(u, 1.6 * v)));
  }
}

/** The x of a lung's lateral border at height y. */
function lungEdge(lung: Lung, y: number): number {
  const down = Math.min(lung.along * 0.8, Math.max(-lung.along * 0.94, y - lung.middle.y));
  const v = down / lung.along;
  const u = Math.sqrt((1 - v * v) / (1 - lung.squareness * v * v));
  return lung.middle.x + lung.lean * down + lung.side * lung.across * u;
}

function addClavicle(canvas: Canvas, lung: Lung, random: Random): void {
  const apex = lung.middle.y - lung.along;
  const inner = apex + random.between(0.07, 0.1);
  const outer = apex + random.between(-0.01, 0.04);
  const at = (x: number, y: number): Point => ({ x: lung.side * x, y });
  const path = bezier(at(0.03, inner), at(0.13, inner + 0.015), at(0.2, outer + 0.015), at(0.34, outer), 14);
  const halfWidth = random.between(0.011, 0.014);
  const density = random.between(0.25, 0.36);
  // The medial end is thicker and denser.
  addStroke(canvas, path, {
    halfWidth: (t) => halfWidth * (1.35 - 0.6 * smoothstep(0, 0.25, t) + 0.25 * t),
    weight: (t) => density * (1.3 - 0.3 * smoothstep(0, 0.2, t)),
    profile: tube,
  });
}

/** The blade's inner border and body: a broad faint band over the lateral lung. */
function addScapula(canvas: Canvas, lung: Lung, random: Random): void {
  const x = Math.abs(lungEdge(lung, -0.1)) + random.between(-0.025, 0.03);
  const top = lung.middle.y - lung.along + 0.08;
  const at = (px: number, y: number): Point => ({ x: lung.side * px, y });
  const density = random.between(0.08, 0.18);
  addStroke(canvas, bezier(at(x + 0.01, top), at(x - 0.01, top + 0.1), at(x, top + 0.2), at(x + 0.04, top + 0.3), 10), {
    halfWidth: (t) => 0.045 - 0.025 * t,
    weight: () => density,
    profile: (q) => smoothstep(1, 0.75, q),
  });
}
