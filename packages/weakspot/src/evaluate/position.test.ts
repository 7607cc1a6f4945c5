import { type EvaluatedImage, boxRegion, computeMetrics, responsePoint } from '@weakspot/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PositionGatherer } from './position.js';

const options = { positive: 1, tolerance: { x: 0, y: 0 }, inputWidth: 40, inputHeight: 40 };
const CELLS = 4;

/** A film of 40x40 whose lesion covers one of 4x4 cells; none unless given. */
function film(values: readonly number[], lesion?: number): { image: EvaluatedImage; values: Float32Array } {
  const map = Float32Array.from(values);
  const response = responsePoint(map, CELLS, CELLS, 40, 40);
  const [x, y] = [((lesion ?? 0) % CELLS) * 10, Math.floor((lesion ?? 0) / CELLS) * 10];
  const regions = lesion === undefined ? [] : [boxRegion(x, y, x + 10, y + 10)];
  const probabilities = lesion === undefined ? [0.8, 0.2] : [0.3, 0.7];
  return { image: { label: regions.length, probabilities, response, width: 40, height: 40, regions }, values: map };
}

function diagnosed(films: readonly ReturnType<typeof film>[]) {
  const gatherer = new PositionGatherer(1);
  for (const { image, values } of films) gatherer.add(image, { values, width: CELLS, height: CELLS });
  const metrics = computeMetrics(
    films.map(({ image }) => image),
    options,
  );
  const responses = gatherer.specificResponses();
  return { gatherer, metrics, responses, position: gatherer.diagnose(metrics, responses, options) };
}

const cells = Array.from({ length: CELLS * CELLS }, (_, i) => i);
/** High in one cell whatever the film, with a little more where its lesion is. */
const fixedWithTrace = (fixed: number, lesion: number): number[] =>
  cells.map((cell) => (cell === fixed ? 10 : 0) + (cell === lesion ? 1 : 0));

describe('PositionGatherer', () => {
  it('sees through maps that are always highest in one place to what they say of the single film', () => {
    const lesions = [5, 5, 5, 10, 0, 15];
    const films = lesions.map((lesion) => film(fixedWithTrace(5, lesion), lesion));
    const { metrics, position } = diagnosed([...films, film(fixedWithTrace(5, -1))]);
    expect(metrics.hitRate).toBe(0.5);
    expect(metrics.hitRateFixed).toBe(0.5);
    expect(position).toMatchObject({ mean: { hitRate: 0.5 }, specific: { hitRate: 1 }, isPosition: true });
    // All six rank above the other: under its scores the localization AP is the hit rate.
    expect(position?.specific.locAp).toBe(1);
    expect(position?.mean.locAp).toBeCloseTo(0.5 * 0.5, 12);
  });

  it('does not call a map a position that finds lesions wherever they are', () => {
    const films = [0, 3, 5, 6, 9, 12, 15].map((lesion) => film(fixedWithTrace(lesion, lesion), lesion));
    const { metrics, position } = diagnosed(films);
    expect([metrics.hitRate, position?.specific.hitRate, position?.isPosition]).toEqual([1, 1, false]);
    expect(position?.mean.hitRate).toBeCloseTo(1 / 7, 12);
  });

  it('nor one that hits no more often than random points: that is another fault', () => {
    const { metrics, position } = diagnosed([film(fixedWithTrace(0, -1), 5), film(fixedWithTrace(0, -1), 10)]);
    expect([metrics.hitRate, position?.isPosition]).toEqual([0, false]);
  });

  it('tells nothing of a set without located images, and has responses of located ones only', () => {
    const { position, responses } = diagnosed([film(fixedWithTrace(0, -1)), film(fixedWithTrace(1, -1))]);
    expect([position, responses]).toEqual([undefined, [undefined, undefined]]);
    const { responses: some } = diagnosed([film(fixedWithTrace(0, 5), 5), film(fixedWithTrace(0, -1))]);
    expect(some.map((response) => response !== undefined)).toEqual([true, false]);
    expect(new PositionGatherer(1).meanMap()).toBeUndefined();
  });

  it('has specific responses that no map added to every film moves', () => {
    const map = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: cells.length, maxLength: cells.length });
    const lesion = fc.constantFrom(...cells);
    fc.assert(
      fc.property(fc.array(fc.tuple(map, lesion), { minLength: 1, maxLength: 5 }), map, (films, added) => {
        // Multiples of the count: means, and so differences, are whole and exact.
        const count = films.length;
        const own = films.map(([values, place]) =>
          film(
            values.map((value) => value * count),
            place,
          ),
        );
        const moved = films.map(([values, place]) =>
          film(
            values.map((value, i) => value * count + (added[i] ?? 0)),
            place,
          ),
        );
        expect(diagnosed(moved).responses).toEqual(diagnosed(own).responses);
      }),
    );
  });

  it('has the mean over all films, positive or not', () => {
    const { gatherer } = diagnosed([
      film(cells.map(() => 2)),
      film(
        cells.map((cell) => cell),
        3,
      ),
    ]);
    expect(gatherer.meanMap()).toEqual({
      values: Float32Array.from(cells, (cell) => (2 + cell) / 2),
      width: CELLS,
      height: CELLS,
    });
  });
});
