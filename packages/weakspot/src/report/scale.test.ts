import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisOver, tickText } from './scale.js';

describe('axisOver', () => {
  it('ends at round numbers, or at the values', () => {
    expect(axisOver([0.12, 0.93], 5, true)).toEqual({ low: 0, high: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] });
    expect(axisOver([1, 60], 6, false)).toEqual({ low: 1, high: 60, ticks: [10, 20, 30, 40, 50, 60] });
    expect(axisOver([-30, 170], 5, true).ticks).toEqual([-50, 0, 50, 100, 150, 200]);
  });

  it('puts a single value in the middle and spans 0 to 1 without values', () => {
    expect(axisOver([4, 4], 4, false)).toMatchObject({ low: 2, high: 6 });
    expect(axisOver([0], 4, false)).toMatchObject({ low: -0.5, high: 0.5 });
    expect(axisOver([NaN, Infinity], 5, true)).toMatchObject({ low: 0, high: 1 });
  });

  it('spans all values with 2 to 14 ticks inside it', () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => Math.round(x * 1e4) / 1e4);
    const property = fc.property(fc.array(number, { minLength: 1, maxLength: 9 }), (values) => {
      const { low, high, ticks } = axisOver(values, 5, true);
      const slack = (high - low) * 1e-9;
      expect(low).toBeLessThanOrEqual(Math.min(...values) + slack);
      expect(high).toBeGreaterThanOrEqual(Math.max(...values) - slack);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(14);
      expect(ticks[0]).toBeGreaterThanOrEqual(low - slack);
      expect(ticks.at(-1)).toBeLessThanOrEqual(high + slack);
    });
    fc.assert(property);
  });
});

describe('tickText', () => {
  it('is short and has a true minus sign', () => {
    expect([0.1 + 0.2, -0.5, 1e-7, 120].map(tickText)).toEqual(['0.3', '−0.5', '1e−7', '120']);
  });
});
