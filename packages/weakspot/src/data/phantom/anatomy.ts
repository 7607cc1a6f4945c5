import type { Random } from '@weakspot/core';
import type { Point } from './canvas.js';

/** One lung: a sheared squircle cut from below by the diaphragm's dome. All in chest coordinates. */
export interface Lung {
  /** -1 for the lung on the left of the film (the patient's right), +1 for the other. */
  readonly side: -1 | 1;
  readonly middle: Point;
  /** Half-axes across and along. */
  readonly across: number;
  readonly along: number;
  /** Shift outwards per unit of y: the apices lean to the midline. */
  readonly lean: number;
  /** 0 is an ellipse; towards 1 the outline grows square. */
  readonly squareness: number;
  /** The dome's top, and how far it has dropped one half-axis aside. */
  readonly dome: Point;
  readonly domeDrop: number;
}

/** A patient's chest. Lengths are fractions of the film's side; depths are attenuation. */
export interface Anatomy {
  readonly lungs: readonly [Lung, Lung];
  /** An ellipse turned by the angle whose cosine and sine are given. */
  readonly heart: {
    readonly middle: Point;
    readonly across: number;
    readonly along: number;
    readonly cos: number;
    readonly sin: number;
  };
  /** Half-width of the upper mediastinum, and how far the aortic knob stands out of it. */
  readonly mediastinum: number;
  readonly aorticKnob: number;
  readonly body: { readonly neck: number; readonly torso: number; readonly shoulders: number; readonly taper: number };
  /** Depth of soft tissue at the body's thickest, and what the air of a lung takes away. */
  readonly tissue: number;
  readonly air: number;
  readonly gastricBubble: number;
}

/** A patient: lungs vary in width, height and aspect, the heart in size and tilt. */
export function drawAnatomy(random: Random): Anatomy {
  const mediastinum = random.between(0.042, 0.062);
  const across = random.between(0.142, 0.18);
  const along = random.between(0.34, 0.42);
  const middleY = random.between(-0.02, 0.04);
  const domeY = random.between(0.2, 0.3);
  const lean = random.between(0.06, 0.15);
  const squareness = random.between(0.25, 0.6);
  const tilt = random.between(0.3, 0.7);
  const lung = (side: -1 | 1): Lung => {
    const width = across * random.between(0.95, 1.05);
    const x = side * (mediastinum - 0.022 + width);
    return {
      side,
      middle: { x, y: middleY + random.between(-0.008, 0.008) },
      across: width,
      along,
      lean: side * lean,
      squareness,
      // The liver lifts the dome of the patient's right side, the left one on the film.
      dome: { x: x * random.between(0.85, 1), y: domeY + (side === -1 ? -0.015 : 0.015) + random.between(-0.01, 0.01) },
      domeDrop: random.between(0.05, 0.09),
    };
  };
  return {
    lungs: [lung(-1), lung(1)],
    heart: {
      middle: { x: random.between(0.03, 0.055), y: domeY - random.between(0.075, 0.105) },
      across: random.between(0.115, 0.15),
      along: random.between(0.1, 0.13),
      cos: Math.cos(tilt),
      sin: Math.sin(tilt),
    },
    mediastinum,
    aorticKnob: random.between(0.012, 0.03),
    body: {
      neck: random.between(0.11, 0.15),
      torso: 2 * across + mediastinum + random.between(0.06, 0.12),
      shoulders: random.between(0.02, 0.09),
      taper: random.between(-0.04, 0.08),
    },
    tissue: random.between(1.6, 1.85),
    air: random.between(0.95, 1.15),
    gastricBubble: random.uniform() < 0.5 ? random.between(0.2, 0.45) : 0,
  };
}

/** Distance inside a lung's outline, ignoring what overlies it; negative outside. Exact across, short along. */
export function lungDistance(lung: Lung, x: number, y: number): number {
  const down = y - lung.middle.y;
  const u = (x - lung.middle.x - lung.lean * down) / lung.across;
  const v = down / lung.along;
  const level = u * u + v * v - lung.squareness * u * u * v * v;
  const outline = (1 - Math.sqrt(Math.max(level, 0))) * lung.across;
  // Outside the unit square of (u, v) a squircle's level set turns back on itself: the square bounds it.
  const square = Math.min((1 - Math.abs(u)) * lung.across, (1 - Math.abs(v)) * lung.along);
  return Math.min(outline, square, domeHeight(lung, x) - y);
}

/** The y of the diaphragm under a lung, at x. */
export function domeHeight(lung: Lung, x: number): number {
  const aside = (x - lung.dome.x) / lung.across;
  return lung.dome.y + lung.domeDrop * aside * aside;
}

/** Distance outside the heart; negative in it. */
export function heartDistance({ heart }: Anatomy, x: number, y: number): number {
  const dx = x - heart.middle.x;
  const dy = y - heart.middle.y;
  const u = (heart.cos * dx + heart.sin * dy) / heart.across;
  const v = (heart.cos * dy - heart.sin * dx) / heart.along;
  return (Math.sqrt(u * u + v * v) - 1) * heart.along;
}

/** Distance outside the upper mediastinum with its aortic knob; negative in it. */
export function mediastinumDistance(anatomy: Anatomy, x: number, y: number): number {
  const above = (y + 0.14) / 0.04;
  const knob = x > 0 ? anatomy.aorticKnob * Math.exp(-above * above) : 0;
  return Math.abs(x) - anatomy.mediastinum - knob;
}

/** Distance inside the clear lung fields: inside a lung and outside heart, mediastinum and diaphragm. Negative outside. */
export function lungFieldDistance(anatomy: Anatomy, { x, y }: Point): number {
  const lung = anatomy.lungs[x < 0 ? 0 : 1];
  return Math.min(lungDistance(lung, x, y), heartDistance(anatomy, x, y), mediastinumDistance(anatomy, x, y));
}

/** A point of the lung fields at least `margin` from their border, or undefined where 60 throws found none. */
export function drawLungPoint(random: Random, anatomy: Anatomy, margin: number): Point | undefined {
  for (let attempt = 0; attempt < 60; attempt++) {
    const lung = anatomy.lungs[random.uniform() < 0.5 ? 0 : 1];
    const y = lung.middle.y + random.between(-1, 1) * lung.along;
    const x = lung.middle.x + lung.lean * (y - lung.middle.y) + random.between(-1, 1) * lung.across;
    if (lungFieldDistance(anatomy, { x, y }) >= margin) return { x, y };
  }
  return undefined;
}
