import { describe, expect, it } from 'vitest';
import { comparisonOf, differenceOf, methodOf, scoreOf } from './testing/comparisons.js';
import { verdictOf } from './verdict.js';

const settings = ['A', 'B'];
const setOf = (name: string, comparison: ReturnType<typeof comparisonOf>) => ({ name, comparison });
const gains = (...values: number[]) => scoreOf(values);

describe('verdictOf', () => {
  it('is the mean of the sets, each counting alike, with errors that add up as independent ones do', () => {
    const one = comparisonOf([methodOf('A', gains(0.7), scoreOf([0.5, 0.3], 0.03))]);
    const other = comparisonOf([methodOf('A', gains(0.9), scoreOf([0.1, 0.7, 0.7], 0.04))]);
    const [row] = verdictOf([setOf('x', one), setOf('y', other)], ['A'], 0.95).overall.inRegion;
    // sqrt(.03^2 + .04^2) / 2, and 1.959964 of it on either side.
    expect(row?.gain).toMatchObject({
      tests: 2,
      mean: expect.closeTo(0.45, 12),
      standardError: expect.closeTo(0.025, 12),
    });
    expect([row?.gain?.low, row?.gain?.high]).toEqual([expect.closeTo(0.4010009, 6), expect.closeTo(0.4989991, 6)]);
    expect(row?.hitRate?.mean).toBeCloseTo(0.8, 12);
    expect(row?.worst).toEqual({ title: 'y', gain: 0.1 });
    expect(row?.differences).toBeNull();
  });

  it('leaves out what a set cannot tell, and knows no interval where one set has none', () => {
    const blind = comparisonOf([methodOf('A', null, null)]);
    const bare = comparisonOf([methodOf('A', gains(0.5), scoreOf([0.2], null))]);
    const [row] = verdictOf([setOf('x', blind), setOf('y', bare)], ['A'], 0.95).overall.inRegion;
    expect(row?.gain).toEqual({ tests: 1, mean: 0.2, low: null, high: null, standardError: null });
    expect(row?.auc?.tests).toBe(2);
    expect(verdictOf([setOf('x', blind)], ['A'], 0.95).overall.inRegion[0]).toMatchObject({
      gain: null,
      worst: null,
      beaten: [],
    });
  });

  it('marks a hit rate that a point which has learned nothing reaches', () => {
    const of = (hit: number, points = {}) => {
      const { tests, overall } = verdictOf(
        [setOf('x', comparisonOf([methodOf('A', gains(hit), gains(0.1), points)]))],
        ['A'],
        0.95,
      );
      return [tests[0]?.rows[0]?.inRegion.beatenBy, overall.inRegion[0]?.beaten];
    };
    expect(of(0.41)).toEqual([[], []]);
    expect(of(0.4)).toEqual([['fixed'], ['x']]);
    expect(of(0.25)).toEqual([['fixed', 'brightest'], ['x']]);
    expect(of(0.41, { hitRateDarkest: 0.5, hitRateFixed: null })).toEqual([['darkest'], ['x']]);
  });

  it('reads hits in the region and with the tolerance apart', () => {
    const comparison = comparisonOf(
      [methodOf('A', gains(0.2), gains(0.1))],
      [],
      [methodOf('A', gains(0.9), gains(0.6))],
    );
    const { tests, overall } = verdictOf([setOf('x', comparison)], ['A'], 0.95);
    const [row] = tests[0]?.rows ?? [];
    expect([row?.inRegion.hitRate?.mean, row?.atTolerance.hitRate?.mean]).toEqual([0.2, 0.9]);
    expect([overall.inRegion[0]?.gain?.mean, overall.atTolerance[0]?.gain?.mean]).toEqual([0.1, 0.6]);
    expect([row?.inRegion.beatenBy, row?.atTolerance.beatenBy]).toEqual([['fixed', 'brightest'], []]);
  });

  it('combines paired differences over sets, over images and over trainings', () => {
    const both = [methodOf('A', gains(0.5), gains(0.3)), methodOf('B', gains(0.5), gains(0.3))];
    const of = (difference: number, error: number, freedom: number) =>
      comparisonOf(both, [differenceOf('B', difference, error, { standardError: 2 * error, freedom })]);
    const { overall } = verdictOf([setOf('x', of(0.2, 0.03, 4)), setOf('y', of(0.1, 0.04, 9))], settings, 0.95);
    const [first, second] = overall.inRegion;
    expect(first?.differences).toBeNull();
    const gain = second?.differences?.gain;
    expect(gain).toMatchObject({ tests: 2, difference: expect.closeTo(0.15, 12) });
    // z = 6.
    expect(gain?.images).toMatchObject({ standardError: expect.closeTo(0.025, 12), p: expect.closeTo(1.973e-9, 12) });
    // t = 3 with (.06^2 + .08^2)^2 / (.06^4 / 4 + .08^4 / 9) = 12.83514 degrees of freedom; p by integrating the density.
    expect(gain?.trainings).toMatchObject({
      standardError: expect.closeTo(0.05, 12),
      freedom: expect.closeTo(12.83514, 5),
      p: expect.closeTo(0.0103647, 6),
    });
    expect(gain?.holds).toBe('images and trainings');
    expect(second?.differences?.auc).toBeNull();
  });

  it('asks more of each difference the more settings there are', () => {
    const names = ['A', 'B', 'C', 'D'];
    const rows = names.map((name) => methodOf(name, gains(0.5), gains(0.3)));
    // p = .0357 alone.
    const differences = names.slice(1).map((name) => differenceOf(name, 0.0021, 0.001));
    const gainsOf = (compared: readonly string[]) =>
      verdictOf([setOf('x', comparisonOf(rows, differences))], compared, 0.95).overall.inRegion.map(
        (row) => row.differences?.gain,
      );
    expect(gainsOf(['A', 'B'])[1]).toMatchObject({ holds: 'images', images: { p: expect.closeTo(0.0357, 4) } });
    expect(gainsOf(names)[1]).toMatchObject({
      holds: 'nowhere',
      images: { pAdjusted: expect.closeTo(3 * 0.03573, 4) },
    });
  });

  it('names test sets by their set, and where it has several by both', () => {
    const comparison = comparisonOf([methodOf('A', gains(0.5), gains(0.3))]);
    const [own] = comparison.tests;
    const two = { ...comparison, tests: [own!, { ...own!, name: 'clinic', path: '/clinic' }] };
    const titles = verdictOf([setOf('x', comparison), setOf('y', two)], ['A'], 0.95).tests.map(({ title }) => title);
    expect(titles).toEqual(['x', 'y: own test part', 'y: clinic']);
  });
});
