import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Value, createGraph, differentiate, float32, sizeOf } from '../graph/index.js';
import { relativeError } from '../graph/testing/cases.js';
import { deterministicUniform } from '../testing/deterministic.js';
import { runGraph } from '../testing/run-graph.js';
import { type Evidence, absentTerm, backgroundTerm, evidenceOf, sizeTerm, variationTerm } from './index.js';

interface Stored {
  readonly shape: [number, number, number, number];
  readonly positive: number;
  readonly cases: readonly {
    readonly term: string;
    readonly multiLabel: boolean;
    readonly targets: readonly (readonly number[])[];
    readonly value: number;
    readonly gradient: readonly number[];
  }[];
}

// Made by scripts/reference/terms.py with PyTorch in float64; this file is compiled to dist/stl/.
const file = new URL('../../src/stl/testing/terms.json', import.meta.url);
const { shape, positive, cases } = JSON.parse(readFileSync(file, 'utf8')) as Stored;

const terms: Readonly<Record<string, (evidence: Evidence) => Value>> = {
  absent: absentTerm,
  'background .5': (evidence) => backgroundTerm(evidence, 0.5),
  'background .33': (evidence) => backgroundTerm(evidence, 0.33),
  'background .01': (evidence) => backgroundTerm(evidence, 0.01),
  'background 1': (evidence) => backgroundTerm(evidence, 1),
  'size .25': (evidence) => sizeTerm(evidence, 0.25),
  'size .6': (evidence) => sizeTerm(evidence, 0.6),
  variation: variationTerm,
};

/** A term of maps, and its gradient with regard to them. */
async function termOf(
  term: (evidence: Evidence) => Value,
  maps: { readonly shape: readonly number[]; readonly data: Float32Array },
  targets: readonly (readonly number[])[],
  multiLabel: boolean,
  of = positive,
) {
  const graph = createGraph();
  const x = graph.input('maps', float32(maps.shape));
  const t = graph.input('targets', float32([targets.length, targets[0]?.length ?? 0]));
  const value = term(evidenceOf(x, t, of, multiLabel));
  graph.output('value', value);
  const [gradient] = differentiate(graph, value, [x]);
  if (gradient !== undefined) graph.output('gradient', gradient);
  const results = await runGraph(graph, { maps: maps.data, targets: Float32Array.from(targets.flat()) });
  return { value: results['value']?.data[0] ?? Number.NaN, gradient: [...(results['gradient']?.data ?? [])] };
}

describe('terms of the cells of maps, against PyTorch in float64', () => {
  it('are all there', () => {
    expect(new Set(cases.map(({ term }) => term))).toEqual(new Set(Object.keys(terms)));
  });

  it.each(cases)('$term, multi-label $multiLabel: value and gradient', async (stored) => {
    const maps = { shape, data: deterministicUniform(sizeOf(shape), 5, 3) };
    const term = terms[stored.term] as (evidence: Evidence) => Value;
    const { value, gradient } = await termOf(term, maps, stored.targets, stored.multiLabel);
    expect(relativeError([value], [stored.value])).toBeLessThan(2e-6);
    expect(gradient).toHaveLength(stored.gradient.length);
    expect(relativeError(gradient, stored.gradient)).toBeLessThan(2e-6);
  });
});

describe('terms of the cells of maps', () => {
  // Two classes, the first one 0 everywhere: z is the second map.
  const two = (...cells: number[]) => ({
    shape: [1, 2, 1, cells.length],
    data: Float32Array.from([...cells.map(() => 0), ...cells]),
  });
  const [normal, lesion] = [[[1, 0]], [[0, 1]]];

  it('absent: speaks of images without the class only, all of whose cells it pushes down', async () => {
    const found = await termOf(absentTerm, two(0, Math.log(3)), normal, false);
    expect(found.value).toBeCloseTo((Math.log(2) + Math.log(4)) / 2, 6);
    [0, 0, 1 / 4, 3 / 8].slice(2).forEach((slope, i) => expect(found.gradient[2 + i]).toBeCloseTo(slope, 6));
    const { value, gradient } = await termOf(absentTerm, two(0, Math.log(3)), lesion, false);
    expect([value, ...gradient.map(Math.abs)]).toEqual([0, 0, 0, 0, 0]);
  });

  it('background: leaves the highest cells of a positive image alone; equal ones share', async () => {
    const found = await termOf((one) => backgroundTerm(one, 0.5), two(5, -1, 7, 0), lesion, false);
    expect(found.value).toBeCloseTo((Math.log1p(Math.exp(-1)) + Math.log(2)) / 2, 6);
    expect(found.gradient.map((slope) => slope !== 0)).toEqual([false, true, false, true, false, true, false, true]);
    const tied = await termOf((one) => backgroundTerm(one, 0.5), two(2, 2, 2, 2), lesion, false);
    tied.gradient.slice(4).forEach((slope) => expect(slope).toBeCloseTo(1 / (1 + Math.exp(-2)) / 4, 6));
    expect((await termOf((one) => backgroundTerm(one, 0.5), two(1, 2), normal, false)).value).toBe(0);
    for (const share of [0, -1, 1.01, Number.NaN]) {
      await expect(termOf((one) => backgroundTerm(one, share), two(1, 2), lesion, false)).rejects.toThrow(
        /in \(0, 1\]/,
      );
    }
  });

  it('size: is the square of what is too much, and nothing below', async () => {
    // Probabilities 3/4 and 1/4: half of the image.
    const half = two(Math.log(3), -Math.log(3));
    const found = await termOf((one) => sizeTerm(one, 0.25), half, lesion, false);
    expect(found.value).toBeCloseTo(1 / 16, 6);
    // 2 (1/2 - 1/4) p (1 - p) / 2 cells
    found.gradient.slice(2).forEach((slope) => expect(slope).toBeCloseTo(3 / 64, 6));
    const below = await termOf((one) => sizeTerm(one, 0.6), half, lesion, false);
    expect([below.value, ...below.gradient.map(Math.abs)]).toEqual([0, 0, 0, 0, 0]);
    expect((await termOf((one) => sizeTerm(one, 0.25), half, normal, false)).value).toBe(0);
    for (const largest of [-0.1, 1, Number.NaN]) {
      await expect(termOf((one) => sizeTerm(one, largest), half, lesion, false)).rejects.toThrow(/in \[0, 1\)/);
    }
  });

  it('variation: is 0 of an even map, and of a single cell; a step counts once, over the cells', async () => {
    expect((await termOf(variationTerm, two(3, 3, 3), lesion, false)).value).toBe(0);
    const one = await termOf(variationTerm, two(4), lesion, false);
    expect([one.value, one.gradient.map(Math.abs)]).toEqual([0, [0, 0]]);
    // From 3/4 to 1/4 in an image with and one without the class.
    for (const targets of [normal, lesion]) {
      const { value } = await termOf(variationTerm, two(Math.log(3), -Math.log(3), -Math.log(3)), targets, false);
      expect(value).toBeCloseTo(0.5 / 3, 6);
    }
  });

  it('are finite for evidence of any size', async () => {
    for (const term of Object.values(terms)) {
      for (const targets of [normal, lesion]) {
        const { value, gradient } = await termOf(term, two(1e4, -1e4, 1e4, -1e4), targets, false);
        expect([value, ...gradient].every(Number.isFinite)).toBe(true);
      }
    }
  });

  it('weigh an image as the cross-entropy does: twice the target, twice the term; no target, nothing', async () => {
    const maps = { shape: [2, 2, 2, 2], data: deterministicUniform(16, 9, 2) };
    for (const term of Object.values(terms)) {
      for (const row of [
        [1, 0],
        [0, 1],
      ]) {
        const once = await termOf(term, maps, [row, [0, 0]], false, 1);
        const twice = await termOf(term, maps, [row.map((t) => 2 * t), [0, 0]], false, 1);
        expect(twice.value).toBeCloseTo(2 * once.value, 6);
        expect(once.gradient.slice(8).every((slope) => Math.abs(slope) === 0)).toBe(true);
      }
    }
  });
});
