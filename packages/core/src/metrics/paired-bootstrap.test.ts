import { describe, expect, it } from 'vitest';
import { drawnError } from './paired-bootstrap.js';

describe('drawnError', () => {
  it('is the sample standard deviation of the draws that have a value', () => {
    expect(drawnError([1, Number.NaN, 3])).toBe(Math.SQRT2);
    expect(drawnError(Float64Array.of(2, 2, 2))).toBe(0);
    expect([drawnError([]), drawnError([1, Number.NaN])]).toEqual([undefined, undefined]);
  });
});
