import type { Box, Random } from '@weakspot/core';
import { type Anatomy, drawLungPoint } from './anatomy.js';
import { addSpot, type Canvas, type Point, smoothstep } from './canvas.js';
import { Lattice } from './texture.js';

/** Height of a lesion at (u, v) in its unit disc, about 0 to 1. */
type Shape = (u: number, v: number) => number;

/** A lesion of the lung: where, how wide, how dense, what shape. */
export interface Lesion {
  readonly centre: Point;
  /** Of the disc that holds it, as a fraction of the film's side. */
  readonly radius: number;
  /** Attenuation of its densest part, above that of the rarefied lung around it. */
  readonly density: number;
  readonly shape: Shape;
}

/** Where a lesion's window begins to fall off, as a fraction of its radius. */
const FADE = 0.7;

const SHAPES: readonly ((random: Random) => Shape)[] = [nodule, spiculated, infiltrate, cavity];

/** One to three lesions (66, 24, 10 %), wholly inside the lung fields and apart from each other. */
export function drawLesions(random: Random, anatomy: Anatomy): Lesion[] {
  const draw = random.uniform();
  const count = draw < 0.66 ? 1 : draw < 0.9 ? 2 : 3;
  const lesions: Lesion[] = [];
  for (let attempt = 0; lesions.length < count && (attempt < 8 || lesions.length === 0); attempt++) {
    const radius = random.between(0.075, 0.11);
    const shape = (SHAPES[random.integer(SHAPES.length)] as (random: Random) => Shape)(random);
    const density = random.between(1.3, 1.9);
    const centre = drawLungPoint(random, anatomy, radius);
    if (centre === undefined) continue;
    const apart = lesions.every(
      (other) => Math.hypot(other.centre.x - centre.x, other.centre.y - centre.y) > radius + other.radius,
    );
    if (apart) lesions.push({ centre, radius, density, shape });
  }
  return lesions;
}

/**
 * Adds a lesion and returns the box of the pixels that it changed. Unless it is to be bright, the lung around and between its
 * dense parts is rarefied so that the whole adds no density: what tells a lesion is its pattern, not its brightness.
 */
export function addLesion(canvas: Canvas, lesion: Lesion, bright: boolean): Box {
  const { size } = canvas;
  const blank = (): Canvas => ({ ...canvas, depth: new Float32Array(size * size) });
  const [dense, window] = [blank(), blank()];
  const fade = (u: number, v: number): number => smoothstep(1, FADE, Math.hypot(u, v));
  addSpot(window, lesion.centre, lesion.radius, fade);
  addSpot(dense, lesion.centre, lesion.radius, (u, v) => lesion.density * fade(u, v) * lesion.shape(u, v));
  const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);
  const rarefied = bright ? 0 : sum(dense.depth) / sum(window.depth);
  let [x0, y0, x1, y1] = [size, size, 0, 0];
  for (let i = 0; i < window.depth.length; i++) {
    if (window.depth[i] === 0) continue;
    canvas.depth[i]! += dense.depth[i]! - rarefied * window.depth[i]!;
    const column = i % size;
    const row = (i - column) / size;
    x0 = Math.min(x0, column);
    y0 = Math.min(y0, row);
    x1 = Math.max(x1, column + 1);
    y1 = Math.max(y1, row + 1);
  }
  return { x0, y0, x1, y1 };
}

/** Round with a soft edge, slightly lobed. */
function nodule(random: Random): Shape {
  const outline = lobes(random, 0.2, 2, 4);
  const texture = mottle(random, 0.2);
  const soft = random.between(0.25, 0.5);
  return (u, v) => smoothstep(1, soft, Math.hypot(u, v) / outline(u, v)) * texture(u, v);
}

/** A dense core with an irregular, rayed outline. */
function spiculated(random: Random): Shape {
  const outline = lobes(random, 0.6, 5, 9);
  const texture = mottle(random, 0.3);
  return (u, v) => smoothstep(1, 0.2, Math.hypot(u, v) / outline(u, v)) * texture(u, v);
}

/** Small soft spots, partly merged, in a faint haze. */
function infiltrate(random: Random): Shape {
  const spots = Array.from({ length: 7 + random.integer(7) }, () => {
    const angle = random.between(0, 2 * Math.PI);
    const distance = 0.68 * Math.sqrt(random.uniform());
    const radius = random.between(0.24, 0.36);
    return { x: distance * Math.cos(angle), y: distance * Math.sin(angle), radius, height: random.between(0.6, 1) };
  });
  return (u, v) => {
    let height = 0.3 * smoothstep(1, 0.4, Math.hypot(u, v));
    for (const spot of spots) {
      const near = smoothstep(1, 0.1, Math.hypot(u - spot.x, v - spot.y) / spot.radius) * spot.height;
      height += near * (1 - height);
    }
    return height;
  };
}

/** A wall around a lighter middle. */
function cavity(random: Random): Shape {
  const outline = lobes(random, 0.2, 2, 5);
  const texture = mottle(random, 0.2);
  const wall = random.between(0.6, 0.7);
  return (u, v) => {
    const r = Math.hypot(u, v) / outline(u, v);
    return Math.max(smoothstep(0.34, 0.06, Math.abs(r - wall)), 0.12 * smoothstep(wall, wall - 0.2, r)) * texture(u, v);
  };
}

/** An outline r(angle) in (0, 1], `strength` deep, made of the harmonics `low` to `high`. */
function lobes(random: Random, strength: number, low: number, high: number): Shape {
  const waves = Array.from({ length: high - low + 1 }, (_, i) => ({
    order: low + i,
    phase: random.between(0, 2 * Math.PI),
  }));
  return (u, v) => {
    const angle = Math.atan2(v, u);
    let sum = 0;
    for (const wave of waves) sum += Math.cos(wave.order * angle + wave.phase);
    return 1 - strength * (0.5 - (0.5 * sum) / waves.length);
  };
}

/** A factor around 1 that varies by up to `strength` over a quarter of the lesion. */
function mottle(random: Random, strength: number): Shape {
  const lattice = new Lattice(random, 6);
  return (u, v) => 1 + strength * lattice.at((u + 1) / 2, (v + 1) / 2);
}
