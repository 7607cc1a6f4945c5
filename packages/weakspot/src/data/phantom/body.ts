import type { Random } from '@weakspot/core';
import { type Anatomy, domeHeight, heartDistance, lungDistance, mediastinumDistance } from './anatomy.js';
import { type Canvas, smoothstep, toChest } from './canvas.js';
import { Lattice } from './texture.js';

/** Adds the soft tissue, the air of the lungs, heart, mediastinum, trachea, liver and the tissue's texture. */
export function addBody(canvas: Canvas, anatomy: Anatomy, random: Random): void {
  const { size, depth } = canvas;
  // The coarse lattices hide from a film's local means what lesions add to them; the fine one is the lung's grain.
  const broad = new Lattice(random, 5);
  const regional = new Lattice(random, 10);
  const fine = new Lattice(random, 44);
  const origin = toChest(canvas, { x: 0.5, y: 0.5 });
  const right = toChest(canvas, { x: 1.5, y: 0.5 });
  // Chest coordinates change by (dx, dy) from one column to the next and by (-dy, dx) from one row to the next.
  const [dx, dy] = [right.x - origin.x, right.y - origin.y];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const x = origin.x + column * dx - row * dy;
      const y = origin.y + column * dy + row * dx;
      const thickness = bodyThickness(anatomy, x, y);
      if (thickness === 0) continue;
      const heart = heartDistance(anatomy, x, y);
      const mediastinum = mediastinumDistance(anatomy, x, y);
      const air = lungAir(anatomy, x, y, Math.min(heart, mediastinum));
      const texture =
        0.26 * broad.at(x + 0.5, y + 0.5) +
        0.22 * regional.at(x + 0.5, y + 0.5) +
        (0.025 + 0.045 * air) * fine.at(x + 0.5, y + 0.5);
      depth[row * size + column]! +=
        anatomy.tissue * thickness -
        anatomy.air * air +
        organs(anatomy, x, y, heart, mediastinum) +
        texture * thickness;
    }
  }
}

/** Thickness of the body along the ray, 1 at its thickest, 0 beside it. */
function bodyThickness({ body }: Anatomy, x: number, y: number): number {
  const shoulder = (y + 0.3) / 0.13;
  const torso = body.torso - body.taper * y + body.shoulders * Math.exp(-shoulder * shoulder);
  const half = body.neck + (torso - body.neck) * smoothstep(-0.55, -0.33, y);
  const e = x / half;
  const profile = 1 - e * e * e * e;
  return profile <= 0 ? 0 : Math.sqrt(profile);
}

/**
 * Share of a lung's air along the ray, 0 to 1: less near the borders, and little where the heart
 * or the mediastinum takes the lung's place (`clear`: distance outside of both).
 */
function lungAir(anatomy: Anatomy, x: number, y: number, clear: number): number {
  const inside = lungDistance(anatomy.lungs[x < 0 ? 0 : 1], x, y);
  if (inside <= -0.008) return 0;
  const lung = smoothstep(-0.008, 0.012, inside) * (0.78 + 0.22 * smoothstep(0, 0.1, inside));
  return lung * (0.2 + 0.8 * smoothstep(-0.012, 0.012, clear));
}

/** Depth that heart, mediastinum (given the distances outside them), trachea, liver and gastric bubble add. */
function organs(anatomy: Anatomy, x: number, y: number, outsideHeart: number, outsideMediastinum: number): number {
  const heart = 0.22 * smoothstep(0.01, -0.06, outsideHeart);
  const mediastinum = 0.16 * smoothstep(0.012, -0.02, outsideMediastinum);
  const trachea = -0.3 * smoothstep(0.02, 0.008, Math.abs(x + 0.004)) * smoothstep(-0.1, -0.14, y);
  const lung = anatomy.lungs[x < 0 ? 0 : 1];
  const below = y - domeHeight(lung, x);
  const abdomen = (x < 0 ? 0.28 : 0.18) * smoothstep(-0.01, 0.05, below);
  const [u, v] = [(x - lung.dome.x) / 0.07, (below - 0.07) / 0.035];
  const bubble = x < 0 ? 0 : -anatomy.gastricBubble * smoothstep(1.1, 0.6, Math.sqrt(u * u + v * v));
  return heart + mediastinum + trachea + abdomen + bubble;
}
