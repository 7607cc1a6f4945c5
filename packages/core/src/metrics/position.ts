import { growBox, regionBounds, regionContains } from '../imaging/index.js';
import type { LocalizedImage } from './localization.js';
import { hits, isLocated } from './localization.js';
import { mean, variance } from './moments.js';

/** A point given in every image, and how often it hits. */
export interface FixedPosition {
  /** From the image's left and top edge, as shares of its width and height. */
  readonly x: number;
  readonly y: number;
  /** The share of located images in which it hits. */
  readonly hitRate: number;
}

/** Positions that are tried along each side. */
const GRID = 64;

/**
 * The point that hits most often when it is given in every image, of 64 x 64 in the middles of equal parts of the image;
 * of equal ones that nearest to their mean. It is chosen by the ground truth that it is measured with: no response that
 * knows nothing of the single image does better, but for the grid. Where lesions keep to one place, as those of
 * tuberculosis to the upper lung, this is far above random points (`randomHitRate`), and a hit rate below it may be nothing
 * but a position that was learned.
 *
 * @returns Undefined where no positive image has ground truth.
 */
export function fixedPosition(images: readonly LocalizedImage[]): FixedPosition | undefined {
  const located = images.filter(isLocated);
  if (located.length === 0) return undefined;
  const counts = new Uint32Array(GRID * GRID);
  // The last image that each position hit, so that one with overlapping regions is counted once.
  const counted = new Int32Array(GRID * GRID).fill(-1);
  for (const [i, { regions, tolerance, width, height }] of located.entries()) {
    for (const region of regions) {
      const bounds = growBox(regionBounds(region), tolerance.x, tolerance.y);
      const [left, right] = placesBetween(bounds.x0 / width, bounds.x1 / width);
      const [top, bottom] = placesBetween(bounds.y0 / height, bounds.y1 / height);
      for (let row = top; row <= bottom; row++) {
        const y = ((row + 0.5) * height) / GRID;
        for (let column = left; column <= right; column++) {
          const place = row * GRID + column;
          if (counted[place] === i) continue;
          const x = ((column + 0.5) * width) / GRID;
          if (!regionContains(region, x, y, tolerance.x, tolerance.y)) continue;
          counted[place] = i;
          counts[place] = (counts[place] as number) + 1;
        }
      }
    }
  }
  const most = counts.reduce((highest, count) => Math.max(highest, count), 0);
  const best = Array.from(counts.keys()).filter((place) => counts[place] === most);
  const [meanX, meanY] = [columnOf, rowOf].map((of) => best.reduce((sum, place) => sum + of(place), 0) / best.length);
  const distance = (place: number): number =>
    (columnOf(place) - (meanX as number)) ** 2 + (rowOf(place) - (meanY as number)) ** 2;
  const place = best.reduce((nearest, other) => (distance(other) < distance(nearest) ? other : nearest));
  return { x: (columnOf(place) + 0.5) / GRID, y: (rowOf(place) + 0.5) / GRID, hitRate: most / located.length };
}

/** How often responses hit that belong to other images, and what an image's own is worth beyond that. */
export interface ShuffledPointing {
  /**
   * Per image, the share of the other located images' responses that hit in it, given at the same shares of its width and
   * height; NaN of images that are not located.
   */
  readonly shares: Float64Array;
  /** Their mean: the hit rate to expect of the same responses dealt to the located images at random. */
  readonly hitRate: number;
  /** By how much the hit rate is above that: -1..1. */
  readonly gain: number;
  /** Of the gain over images, each for its own and the others' responses as they are. */
  readonly standardError: number;
}

/**
 * What the responses know of the single image. A response that is independent of where the image's lesion lies hits as often
 * in another image as in its own, wherever it tends to be: so the hit rate less that of the responses of other images is 0 in
 * expectation, unless the response follows the lesion, or something that its place goes along with (the shuffled baseline
 * of Tatler et al., Vision Research 2005, who took fixations of other images; the idea is that of Fisher's permutation tests).
 *
 * @returns Undefined where fewer than two positive images have ground truth.
 */
export function shuffledPointing(images: readonly LocalizedImage[]): ShuffledPointing | undefined {
  const located = images.filter(isLocated);
  const others = located.length - 1;
  if (others < 1) return undefined;
  // Maps have few cells, so that many responses are equal: each is looked at once.
  const points = new Map<string, { x: number; y: number; count: number }>();
  for (const { response, width, height } of located) {
    const [x, y] = [response.x / width, response.y / height];
    const key = `${x} ${y}`;
    const known = points.get(key);
    if (known === undefined) points.set(key, { x, y, count: 1 });
    else known.count++;
  }
  const gains: number[] = [];
  const shares = Float64Array.from(images, (image) => {
    if (!isLocated(image)) return Number.NaN;
    const { response, width, height } = image;
    const isHitAt = (x: number, y: number): boolean => hits({ ...image, response: { x: x * width, y: y * height } });
    // Its own is among the points and taken out as it went in, rounded to shares and back.
    let hit = isHitAt(response.x / width, response.y / height) ? -1 : 0;
    for (const { x, y, count } of points.values()) if (isHitAt(x, y)) hit += count;
    gains.push((hits(image) ? 1 : 0) - hit / others);
    return hit / others;
  });
  const gain = mean(gains);
  return {
    shares,
    hitRate: mean([...shares].filter((share) => !Number.isNaN(share))),
    gain,
    standardError: Math.sqrt(variance(gains) / gains.length),
  };
}

/** The first and the last position that may lie between two shares of a side. */
function placesBetween(low: number, high: number): [first: number, last: number] {
  return [Math.max(0, Math.floor(low * GRID - 0.5)), Math.min(GRID - 1, Math.ceil(high * GRID - 0.5))];
}

const columnOf = (place: number): number => place % GRID;
const rowOf = (place: number): number => Math.floor(place / GRID);
