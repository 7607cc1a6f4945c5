import { describe, expect, it } from 'vitest';
import { evidenceMap } from './index.js';

describe('evidenceMap', () => {
  const two = Float32Array.of(1, -2, 3, 10, 20, 30);
  const three = Float32Array.of(1, 2, 10, 20, 3, 6);

  it("is the positive class's map, that minus the others' mean, or the others' mean negated", () => {
    expect([...evidenceMap(two, 2, 1, 'positive')]).toEqual([10, 20, 30]);
    expect([...evidenceMap(two, 2, 1, 'difference')]).toEqual([9, 22, 27]);
    expect([...evidenceMap(two, 2, 1, 'negative')]).toEqual([-1, 2, -3]);
    expect([...evidenceMap(two, 2, 0, 'difference')]).toEqual([-9, -22, -27]);
    expect([...evidenceMap(three, 3, 1, 'positive')]).toEqual([10, 20]);
    expect([...evidenceMap(three, 3, 1, 'negative')]).toEqual([-2, -4]);
    expect([...evidenceMap(three, 3, 1, 'difference')]).toEqual([8, 16]);
  });

  it('is a copy', () => {
    evidenceMap(two, 2, 0, 'positive').fill(0);
    expect(two[0]).toBe(1);
  });
});
