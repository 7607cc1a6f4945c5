import { describe, expect, it } from 'vitest';
import { studentQuantile, studentTails } from './distributions.js';
import { comparisonReference } from './testing/comparison.js';

const relative = (found: number, expected: number): number => Math.abs(found / expected - 1);

describe('Student’s distribution', () => {
  it('has the tails that integration of its density gives', () => {
    for (const { t, freedom, tails } of comparisonReference.student) {
      const name = `t ${t}, ${freedom} degrees of freedom`;
      expect(relative(studentTails(t, freedom ?? Infinity), tails), name).toBeLessThan(1e-11);
      expect(studentTails(-t, freedom ?? Infinity), name).toBe(studentTails(t, freedom ?? Infinity));
    }
  });

  it('has the quantiles of tables', () => {
    for (const { level, freedom, t } of comparisonReference.quantiles) {
      expect(relative(studentQuantile(level, freedom ?? Infinity), t), `${level}, ${freedom}`).toBeLessThan(1e-9);
    }
    // Any printed table has these.
    expect(studentQuantile(0.95)).toBeCloseTo(1.959963985, 9);
    expect(studentQuantile(0.95, 2)).toBeCloseTo(4.30265273, 9);
  });

  it('nears the normal one as the degrees of freedom grow, on both sides of the switch to it', () => {
    for (const t of [0.5, 2, 6]) {
      expect(relative(studentTails(t, 9.9e5), studentTails(t))).toBeLessThan(1e-3);
      expect(studentTails(t, 1.1e6)).toBe(studentTails(t));
    }
  });

  it('has its limits, and refuses what is no distribution', () => {
    expect([studentTails(0, 3), studentTails(Infinity, 3), studentTails(1e200)]).toEqual([1, 0, 0]);
    expect(studentTails(Number.NaN, 3)).toBeNaN();
    expect(() => studentTails(1, 0)).toThrow(/0 degrees of freedom/);
    expect(() => studentQuantile(1, 3)).toThrow(/level 1/);
  });
});
