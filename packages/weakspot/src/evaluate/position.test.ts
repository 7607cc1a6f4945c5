import {
  type EvaluatedImage,
  type HeatMap,
  boxRegion,
  computeMetrics,
  responsePoint,
  wholeInput,
} from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import { PositionGatherer } from './position.js';

const options = { positive: 1, tolerance: { x: 0, y: 0 }, inputWidth: 40, inputHeight: 40 };
const CELLS = 4;

/** A film of 40x40 whose lesion covers one of 4x4 cells; none unless given. */
function film(values: readonly number[], lesion?: number): { image: EvaluatedImage; map: HeatMap } {
  const map = { values: Float32Array.from(values), width: CELLS, height: CELLS, extent: wholeInput };
  const response = responsePoint(map, { width: 40, height: 40 });
  const [x, y] = [((lesion ?? 0) % CELLS) * 10, Math.floor((lesion ?? 0) / CELLS) * 10];
  const regions = lesion === undefined ? [] : [boxRegion(x, y, x + 10, y + 10)];
  const probabilities = lesion === undefined ? [0.8, 0.2] : [0.3, 0.7];
  return { image: { label: regions.length, probabilities, response, width: 40, height: 40, regions }, map };
}

function diagnosed(films: readonly ReturnType<typeof film>[]) {
  const gatherer = new PositionGatherer();
  for (const { image, map } of films) gatherer.add(image, map);
  const metrics = computeMetrics(
    films.map(({ image }) => image),
    options,
  );
  return { gatherer, metrics, position: gatherer.diagnose(metrics, options) };
}

const cells = Array.from({ length: CELLS * CELLS }, (_, i) => i);
/** High in one cell. */
const peak = (cell: number, height = 10): number[] => cells.map((one) => (one === cell ? height : 0));

describe('PositionGatherer', () => {
  it('finds a position in maps that are highest in one place whatever the film', () => {
    const films = [5, 5, 5, 10, 0, 15].map((lesion) => film(peak(5), lesion));
    const { metrics, position } = diagnosed([...films, film(peak(5))]);
    expect(metrics).toMatchObject({ hitRate: 0.5, hitRateFixed: 0.5 });
    expect(position?.mean.hitRate).toBe(0.5);
    expect(position?.gain).toBeCloseTo(0, 12);
    expect(position?.isPosition).toBe(true);
  });

  it('finds none in maps that follow the lesions', () => {
    const { metrics, position } = diagnosed([0, 3, 5, 6, 9, 12, 15].map((lesion) => film(peak(lesion), lesion)));
    expect([metrics.hitRate, position?.gain, position?.standardError, position?.isPosition]).toEqual([1, 1, 0, false]);
    expect(position?.mean.hitRate).toBeCloseTo(1 / 7, 12);
  });

  it('finds one where the responses wander by chance about the place of the lesions', () => {
    // Nine of twelve lesions lie in a cell that two responses of three fall in, whichever film it is.
    const lesions = [5, 5, 5, 5, 5, 5, 5, 5, 5, 10, 10, 10];
    const { metrics, position } = diagnosed(lesions.map((lesion, i) => film(peak(i % 3 === 0 ? 10 : 5), lesion)));
    expect(metrics.hitRate).toBeCloseTo(7 / 12, 12);
    expect(metrics.hitRateRandom).toBeCloseTo(1 / 16, 12);
    expect(Math.abs(position!.gain!)).toBeLessThan(2 * position!.standardError!);
    expect(position?.isPosition).toBe(true);
  });

  it('and where the mean map would hit more often, although the responses know something of the film', () => {
    // 24 of 36 lesions in one cell. The responses find 6 of 12 elsewhere, at the price of 8 of the 24.
    const lesions = cells
      .concat(cells, cells)
      .slice(0, 36)
      .map((_, i) => (i < 24 ? 5 : i < 30 ? 10 : 15));
    const responses = lesions.map((lesion, i) => (i < 16 ? 5 : i < 24 ? 0 : i < 30 ? lesion : 5));
    const { metrics, position } = diagnosed(lesions.map((lesion, i) => film(peak(responses[i]!), lesion)));
    expect([metrics.hitRate, position?.mean.hitRate]).toEqual([22 / 36, 24 / 36]);
    expect(position!.gain!).toBeGreaterThan(2 * position!.standardError!);
    expect(position?.isPosition).toBe(true);
  });

  it('does not call a position what hits no more often than random points: that is another fault', () => {
    const { metrics, position } = diagnosed([film(peak(0), 5), film(peak(0), 10)]);
    expect([metrics.hitRate, position?.isPosition]).toEqual([0, false]);
  });

  it('tells nothing of a set without located images, and no gain of a single one', () => {
    expect(diagnosed([film(peak(0)), film(peak(1))]).position).toBeUndefined();
    const single = diagnosed([film(peak(5), 5), film(peak(0))]).position;
    expect(single).toMatchObject({ gain: undefined, standardError: undefined });
  });

  it('has the mean over all films, positive or not', () => {
    const { gatherer } = diagnosed([film(cells.map(() => 2)), film(cells, 3)]);
    const values = Float32Array.from(cells, (cell) => (2 + cell) / 2);
    expect(gatherer.meanMap()).toEqual({ values, width: CELLS, height: CELLS, extent: wholeInput });
    expect(new PositionGatherer().meanMap()).toBeUndefined();
  });
});
