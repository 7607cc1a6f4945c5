import type { Random } from '@weakspot/core';
import { type Anatomy, type Lung, lungFieldDistance } from './anatomy.js';
import { addSpot, addStroke, type Canvas, type Point, smoothstep } from './canvas.js';

/** Adds the hila and the vessels that branch from them into the lungs, and vessels met end-on. */
export function addVessels(canvas: Canvas, anatomy: Anatomy, random: Random): void {
  const density = random.between(0.13, 0.22);
  for (const lung of anatomy.lungs) {
    const hilum = { x: lung.side * (anatomy.mediastinum + 0.012), y: random.between(-0.045, 0.01) };
    addSpot(canvas, hilum, 0.05, (u, v) => 0.16 * smoothstep(1, 0.2, Math.hypot(1.5 * u, v)));
    const branches = 6 + random.integer(3);
    for (let k = 0; k < branches; k++) {
      // Fanned from steeply up to steeply down, 0 pointing sideways; the lower ones are the larger.
      const angle = -1.3 + (2.75 * (k + random.between(0.2, 0.8))) / branches;
      const start = { x: hilum.x, y: hilum.y + 0.02 * angle };
      addBranch(canvas, anatomy, lung, random, start, angle, { halfWidth: 0.0075, density, level: 0 });
    }
    for (let k = random.integer(4); k > 0; k--) {
      const at = { x: hilum.x + lung.side * random.between(0.01, 0.09), y: hilum.y + random.between(-0.08, 0.1) };
      const height = density * random.between(0.6, 1.2);
      addSpot(canvas, at, random.between(0.006, 0.01), (u, v) => height * smoothstep(1, 0.5, Math.hypot(u, v)));
    }
  }
}

interface Branch {
  readonly halfWidth: number;
  readonly density: number;
  /** 0 at the hilum; each fork adds 1. */
  readonly level: number;
}

const STEP = 0.018;

/** One vessel: a wandering, tapering line that gives off thinner ones until it reaches the lung's border. */
function addBranch(
  canvas: Canvas,
  anatomy: Anatomy,
  lung: Lung,
  random: Random,
  start: Point,
  angle: number,
  branch: Branch,
): void {
  const steps = Math.round(random.between(8, 13) * 0.62 ** branch.level);
  const points: Point[] = [start];
  let heading = angle;
  let here = start;
  for (let i = 0; i < steps; i++) {
    heading += random.between(-0.22, 0.22);
    here = { x: here.x + lung.side * STEP * Math.cos(heading), y: here.y + STEP * Math.sin(heading) };
    if (i > 1 && lungFieldDistance(anatomy, here) < 0.012) break;
    points.push(here);
    if (branch.level < 2 && i > 0 && random.uniform() < 0.5) {
      const turn = random.between(0.45, 0.9) * (random.uniform() < 0.5 ? -1 : 1);
      addBranch(canvas, anatomy, lung, random, here, heading + turn, {
        halfWidth: branch.halfWidth * (1 - (0.5 * i) / steps) * 0.72,
        density: branch.density * 0.8,
        level: branch.level + 1,
      });
    }
  }
  if (points.length < 2) return;
  addStroke(canvas, points, {
    halfWidth: (t) => branch.halfWidth * (1 - 0.6 * t),
    weight: (t) => branch.density * (1 - 0.65 * t),
    profile: (q) => Math.sqrt(1 - q * q) * smoothstep(1, 0.5, q),
  });
}
