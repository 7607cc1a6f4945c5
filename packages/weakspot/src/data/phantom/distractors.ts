import type { Random } from '@weakspot/core';
import { type Anatomy, drawLungPoint } from './anatomy.js';
import { addSpot, addStroke, bezier, type Canvas, type Point, smoothstep } from './canvas.js';
import type { Lesion } from './lesions.js';

/**
 * Adds what a film shows besides anatomy and disease: calcified granulomas, nipple shadows, a pacemaker, electrode
 * pads, wires, buttons and healed scars. None of it knows the label: scars keep off the `sites` where the patient has
 * lesions, or would have them.
 */
export function addDistractors(canvas: Canvas, anatomy: Anatomy, sites: readonly Site[], random: Random): void {
  for (let k = 2 + random.integer(2); k > 0; k--) addScar(canvas, anatomy, sites, random);
  for (let k = random.integer(4); k > 0; k--) addGranuloma(canvas, anatomy, random);
  if (random.uniform() < 0.3) addNipples(canvas, anatomy, random);
  if (random.uniform() < 0.12) addPacemaker(canvas, anatomy, random);
  for (let k = random.uniform() < 0.6 ? 1 + random.integer(3) : 0; k > 0; k--) addPad(canvas, random);
  if (random.uniform() < 0.3) addLeads(canvas, random);
  for (let k = random.uniform() < 0.3 ? 1 + random.integer(3) : 0; k > 0; k--) addButton(canvas, random);
}

/** The lead letter in a corner of every film, often the brightest thing on it: fixed to the film, not to the patient. */
export function addMarker(canvas: Canvas, random: Random): void {
  const film: Canvas = { ...canvas, pose: { cos: 1, sin: 0, scale: 1, dx: 0, dy: 0 } };
  const [x, y] = [(random.uniform() < 0.5 ? -1 : 1) * random.between(0.39, 0.45), random.between(-0.45, -0.38)];
  const [width, height] = [random.between(0.015, 0.023), random.between(0.024, 0.036)];
  const pen = { halfWidth: () => 0.0085, weight: () => 2.2, profile: (q: number) => smoothstep(1, 0.6, q) };
  const corner = (u: number, v: number): Point => ({ x: x + u * width, y: y + v * height });
  addStroke(film, [corner(-1, -1), corner(-1, 1)], pen);
  // An L, or an R without its bowl's curve.
  if (random.uniform() < 0.5) addStroke(film, [corner(-1, 1), corner(1, 1)], pen);
  else addStroke(film, [corner(-1, -1), corner(1, -1), corner(1, 0), corner(-1, 0), corner(1, 1)], pen);
}

/** A disc that is taken. */
type Site = Pick<Lesion, 'centre' | 'radius'>;

/** An old, healed focus: as wide as a lesion, solid, smooth and brighter. */
function addScar(canvas: Canvas, anatomy: Anatomy, sites: readonly Site[], random: Random): void {
  const radius = random.between(0.04, 0.085);
  const centre = drawLungPoint(random, anatomy, radius);
  const height = random.between(1, 1.7);
  const [stretch, turn] = [random.between(1, 1.6), random.between(0, Math.PI)];
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  if (centre === undefined) return;
  if (
    sites.some((site) => Math.hypot(site.centre.x - centre.x, site.centre.y - centre.y) < 0.8 * (site.radius + radius))
  )
    return;
  addSpot(
    canvas,
    centre,
    radius,
    (u, v) => height * smoothstep(1, 0.35, Math.hypot(c * u + s * v, stretch * (c * v - s * u))),
  );
}

/** Smaller, sharper and denser than a lesion. */
function addGranuloma(canvas: Canvas, anatomy: Anatomy, random: Random): void {
  const centre = drawLungPoint(random, anatomy, 0.01);
  const radius = random.between(0.008, 0.014);
  const height = random.between(0.9, 1.7);
  if (centre !== undefined) addSpot(canvas, centre, radius, (u, v) => height * smoothstep(1, 0.75, Math.hypot(u, v)));
}

/** Two faint discs at the same height, one on each side. */
function addNipples(canvas: Canvas, anatomy: Anatomy, random: Random): void {
  const [x, y] = [random.between(0.16, 0.24), random.between(0.1, 0.18)];
  const radius = random.between(0.012, 0.018);
  const height = random.between(0.14, 0.24);
  for (const lung of anatomy.lungs) {
    const centre = { x: lung.side * (x + random.between(-0.01, 0.01)), y: y + random.between(-0.01, 0.01) };
    addSpot(canvas, centre, radius, (u, v) => height * smoothstep(1, 0.7, Math.hypot(u, v)));
  }
}

/** A can below one clavicle with a lead to the heart. */
function addPacemaker(canvas: Canvas, anatomy: Anatomy, random: Random): void {
  const side = random.uniform() < 0.75 ? 1 : -1;
  const centre = { x: side * random.between(0.2, 0.26), y: random.between(-0.27, -0.2) };
  const turn = random.between(-0.4, 0.4);
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  addSpot(canvas, centre, 0.075, (u, v) => {
    const [a, b] = [Math.abs(c * u + s * v) / 0.62, Math.abs(c * v - s * u) / 0.48];
    return 1.8 * smoothstep(1, 0.9, Math.sqrt(Math.sqrt(a ** 4 + b ** 4)));
  });
  const tip = { x: anatomy.heart.middle.x + 0.02, y: anatomy.heart.middle.y + 0.05 };
  const path = bezier(centre, { x: side * 0.12, y: -0.4 }, { x: -0.03, y: -0.2 }, tip, 20);
  addStroke(canvas, path, { halfWidth: () => 0.0035, weight: () => 0.8, profile: (q) => smoothstep(1, 0.4, q) });
}

/** An electrode's pad on the skin: a flat disc as wide as a lesion, but with a sharp edge and a metal snap. */
function addPad(canvas: Canvas, random: Random): void {
  const side = random.uniform() < 0.5 ? -1 : 1;
  const places: readonly Point[] = [
    { x: side * random.between(0.25, 0.42), y: random.between(-0.4, -0.3) },
    { x: side * random.between(0.34, 0.44), y: random.between(-0.1, 0.4) },
    { x: side * random.between(0.08, 0.35), y: random.between(0.3, 0.42) },
  ];
  const radius = random.between(0.025, 0.034);
  const height = random.between(0.7, 1.1);
  addSpot(canvas, places[random.integer(places.length)] as Point, radius, (u, v) => {
    const r = Math.hypot(u, v);
    return height * smoothstep(1, 0.9, r) + 0.9 * smoothstep(0.4, 0.3, r);
  });
}

/** One to three thin wires that run off the film, each with a clip at its end. */
function addLeads(canvas: Canvas, random: Random): void {
  for (let k = 1 + random.integer(3); k > 0; k--) {
    const side = random.uniform() < 0.5 ? -1 : 1;
    const end = { x: side * random.between(0.05, 0.33), y: random.between(-0.28, 0.3) };
    const exit = { x: side * random.between(0.2, 0.56), y: random.uniform() < 0.5 ? -0.56 : 0.56 };
    const bow = (share: number): Point => ({
      x: end.x + share * (exit.x - end.x) + random.between(-0.1, 0.1),
      y: end.y + share * (exit.y - end.y) + random.between(-0.1, 0.1),
    });
    const pen = { halfWidth: () => 0.0035, weight: () => 0.55, profile: (q: number) => smoothstep(1, 0.4, q) };
    addStroke(canvas, bezier(end, bow(0.33), bow(0.66), exit, 20), pen);
    addSpot(canvas, end, 0.012, (u, v) => 1.3 * smoothstep(1, 0.85, Math.hypot(u, v)));
  }
}

/** A button or snap of the clothing, off the lungs: on the shoulders, the midline or the abdomen. */
function addButton(canvas: Canvas, random: Random): void {
  const places: readonly Point[] = [
    { x: random.between(-0.02, 0.02), y: random.between(-0.45, 0.45) },
    { x: random.between(-0.4, 0.4), y: random.between(0.4, 0.47) },
    { x: random.between(0.36, 0.44) * (random.uniform() < 0.5 ? -1 : 1), y: random.between(-0.35, -0.25) },
  ];
  const radius = random.between(0.009, 0.016);
  const height = random.between(0.7, 1.5);
  addSpot(canvas, places[random.integer(places.length)] as Point, radius, (u, v) => {
    const r = Math.hypot(u, v);
    return height * smoothstep(1, 0.85, r) * (r < 0.3 ? 0.6 : 1);
  });
}
