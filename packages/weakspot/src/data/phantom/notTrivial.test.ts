import { describe, expect, it } from 'vitest';
import { makePhantom, type Phantom } from './film.js';
import { argmax, blur, dot, inBoxes, pairwiseAuc, ridge, shrink } from './testing/baselines.js';

const SIZE = 128;
/** Half the stride of a network of stride 16. */
const MARGIN = 8;

const films = (seed: number, count: number): Phantom[] =>
  Array.from({ length: count }, (_, index) => makePhantom(seed, index, { size: SIZE }));
const train = films(101, 400);
const test = films(102, 200);
const diseased = test.filter((film) => film.label === 'lesion');
const labels = test.map((film) => film.label === 'lesion');

/** Share of the diseased films whose response (a pixel index) lies in a grown box. */
function hitRate(response: (film: Phantom) => number): number {
  const hits = diseased.filter((film) => {
    const at = response(film);
    return inBoxes(film.boxes, (at % SIZE) + 0.5, Math.floor(at / SIZE) + 0.5, MARGIN);
  });
  return hits.length / diseased.length;
}

/** What a uniformly random response hits. */
function randomRate(): number {
  let hits = 0;
  for (const film of diseased) {
    for (let i = 0; i < SIZE * SIZE; i += 7) {
      if (inBoxes(film.boxes, (i % SIZE) + 0.5, Math.floor(i / SIZE) + 0.5, MARGIN)) hits++;
    }
  }
  return hits / (diseased.length * Math.ceil((SIZE * SIZE) / 7));
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

/** A film's pixels with mean 0 and deviation 1. */
function normalised(film: Phantom): Float64Array {
  const { mean, deviation } = statistics(film);
  return Float64Array.from(film.pixels, (value) => (value - mean) / deviation);
}

function statistics({ pixels }: Phantom): { mean: number; deviation: number; max: number } {
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  const variance = pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / pixels.length;
  return { mean, deviation: Math.sqrt(variance), max: pixels.reduce((most, value) => Math.max(most, value), 0) };
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
    [0, 4],
    [1, 4],
    [1, 8],
    [2, 5],
    [2, 8],
    [3, 8],
    [3, 12],
    [4, 12],
  ])('the spot that stands out most (blur radius %i against %i) is seldom a lesion', (near, far) => {
    const rate = hitRate((film) => {
      const pixels = Float64Array.from(film.pixels);
      const background = blur(pixels, SIZE, far);
      return argmax(blur(pixels, SIZE, near).map((value, i) => value - background[i]!));
    });
    expect(rate).toBeLessThan(byChance + 0.12);
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
    const rows = train.map((film) => shrink(normalised(film), SIZE, side));
    const standardise = standardiser(rows);
    const weights = ridge(
      rows.map(standardise),
      train.map((film) => (film.label === 'lesion' ? 1 : -1)),
      strength * rows.length,
    );
    const features = (film: Phantom): Float64Array => standardise(shrink(normalised(film), SIZE, side));

    const auc = pairwiseAuc(
      test.map((film) => dot(weights, features(film))),
      labels,
    );
    expect(auc).toBeLessThan(0.65);

    const cell = SIZE / side;
    const rate = hitRate((film) => {
      const best = argmax(features(film).map((value, k) => value * weights[k]!));
      const [column, row] = [best % side, Math.floor(best / side)];
      return Math.floor((row + 0.5) * cell) * SIZE + Math.floor((column + 0.5) * cell);
    });
    expect(rate).toBeLessThan(byChance + 0.15);
  });

  it('the linear model does find what is linear: a mark that always lies in one place', () => {
    const marked = (film: Phantom): Float64Array => {
      const small = shrink(normalised(film), SIZE, 16);
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
