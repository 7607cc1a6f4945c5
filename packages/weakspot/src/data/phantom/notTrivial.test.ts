import { describe, expect, it } from 'vitest';
import { makePhantom, type Phantom } from './film.js';
import { argmax, blur, dot, inBoxes, pairwiseAuc, ridge, shrink } from './testing/baselines.js';

const SIZE = 128;
/** Half the stride of a network of stride 16. */
const MARGIN = 8;

/** A response that hits less often does not find the lesions; random ones hit about 0.12. */
const FEW = 1 / 3;

const films = (seed: number, count: number): Phantom[] =>
  Array.from({ length: count }, (_, index) => makePhantom(seed, index, { size: SIZE }));
const train = films(101, 400);
const test = films(102, 240);
const diseased = test.filter((film) => film.label === 'lesion');
const labels = test.map((film) => film.label === 'lesion');

/** Whether a response (a pixel index) lies in a grown box of the film. */
function hits(film: Phantom, response: number): boolean {
  return inBoxes(film.boxes, (response % SIZE) + 0.5, Math.floor(response / SIZE) + 0.5, MARGIN);
}

/** Share of the diseased films whose response hits. */
function hitRate(response: (film: Phantom) => number): number {
  return diseased.filter((film) => hits(film, response(film))).length / diseased.length;
}

/** What a uniformly random response hits. */
function randomRate(): number {
  let inside = 0;
  for (const film of diseased) {
    for (let i = 0; i < SIZE * SIZE; i += 7) {
      if (inBoxes(film.boxes, (i % SIZE) + 0.5, Math.floor(i / SIZE) + 0.5, MARGIN)) inside++;
    }
  }
  return inside / (diseased.length * Math.ceil((SIZE * SIZE) / 7));
}

/** Deviations from the training set's mean, feature by feature. */
function standardiser(rows: readonly Float64Array[]): (row: Float64Array) => Float64Array {
  const mean = new Float64Array(rows[0]!.length);
  const square = new Float64Array(mean.length);
  for (const row of rows) {
    row.forEach((value, k) => {
      mean[k]! += value / rows.length;
      square[k]! += (value * value) / rows.length;
    });
  }
  return (row) => row.map((value, k) => (value - mean[k]!) / (Math.sqrt(square[k]! - mean[k]! ** 2) + 1e-9));
}

/** A film's pixels with mean 0 and deviation 1, averaged over 32 x 32 cells. */
function thumbnail(film: Phantom): Float64Array {
  const { mean, deviation } = statistics(film);
  return shrink(film.pixels, SIZE, 32).map((value) => (value - mean) / deviation);
}

function statistics({ pixels }: Phantom): { mean: number; deviation: number; max: number } {
  let [sum, squares, max] = [0, 0, 0];
  for (const value of pixels) {
    sum += value;
    squares += value * value;
    max = Math.max(max, value);
  }
  const mean = sum / pixels.length;
  return { mean, deviation: Math.sqrt(squares / pixels.length - mean * mean), max };
}

const thumbnails = new Map([...train, ...test].map((film) => [film, thumbnail(film)]));

/** The normalised film at 16 x 16 or 32 x 32. */
function view(film: Phantom, side: number): Float64Array {
  const small = thumbnails.get(film) as Float64Array;
  return side === 32 ? small : shrink(small, 32, side);
}

describe('phantom films are not trivial', () => {
  const byChance = randomRate();

  it('a random response rarely hits', () => {
    expect(byChance).toBeGreaterThan(0.02);
    expect(byChance).toBeLessThan(0.12);
  });

  it.each([0, 1, 2, 3, 4])('the brightest spot at blur radius %i is no lesion', (radius) => {
    const rate = hitRate((film) => argmax(blur(Float64Array.from(film.pixels), SIZE, radius)));
    expect(rate).toBeLessThan(byChance + 0.03);
  });

  it.each([
    [1, 4],
    [2, 5],
    [2, 8],
    [3, 8],
    [4, 12],
  ])('the spot that stands out most (blur radius %i against %i) is seldom a lesion', (near, far) => {
    const rate = hitRate((film) => {
      const pixels = Float64Array.from(film.pixels);
      const background = blur(pixels, SIZE, far);
      return argmax(blur(pixels, SIZE, near).map((value, i) => value - background[i]!));
    });
    expect(rate).toBeLessThan(FEW);
  });

  it.each(['mean', 'deviation', 'max'] as const)("a film's %s does not tell its label", (statistic) => {
    const auc = pairwiseAuc(
      test.map((film) => statistics(film)[statistic]),
      labels,
    );
    expect(Math.max(auc, 1 - auc)).toBeLessThan(0.6);
  });

  it.each([
    [16, 0.1],
    [16, 1],
    [32, 0.1],
    [32, 1],
  ])('a linear model of the film at side %i (ridge %f) neither classifies nor localizes', (side, strength) => {
    const rows = train.map((film) => view(film, side));
    const standardise = standardiser(rows);
    const weights = ridge(
      rows.map(standardise),
      train.map((film) => (film.label === 'lesion' ? 1 : -1)),
      strength * rows.length,
    );
    const features = (film: Phantom): Float64Array => standardise(view(film, side));

    const scores = test.map((film) => dot(weights, features(film)));
    expect(pairwiseAuc(scores, labels)).toBeLessThan(0.65);

    // Weight times pixel, as a map whose peak is the response.
    const cell = SIZE / side;
    const rate = hitRate((film) => {
      const best = argmax(features(film).map((value, k) => value * weights[k]!));
      const [column, row] = [best % side, Math.floor(best / side)];
      return Math.floor((row + 0.5) * cell) * SIZE + Math.floor((column + 0.5) * cell);
    });
    expect(rate).toBeLessThan(FEW);
  });

  it('the linear model does find what is linear: a mark that always lies in one place', () => {
    const marked = (film: Phantom): Float64Array => {
      const small = view(film, 16);
      if (film.label === 'lesion') small[100]! += 1.5;
      return small;
    };
    const rows = train.map(marked);
    const standardise = standardiser(rows);
    const targets = train.map((film) => (film.label === 'lesion' ? 1 : -1));
    const weights = ridge(rows.map(standardise), targets, 0.1 * rows.length);
    const scores = test.map((film) => dot(weights, standardise(marked(film))));
    expect(pairwiseAuc(scores, labels)).toBeGreaterThan(0.9);
    expect(argmax(weights)).toBe(100);
  });
});
