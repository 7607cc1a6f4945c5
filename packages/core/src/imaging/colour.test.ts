import { describe, expect, it } from 'vitest';
import { colourMap } from './colour.js';

const entry = (table: Uint8Array, i: number): number[] => [...table.subarray(i * 3, i * 3 + 3)];

describe('colourMap', () => {
  it("has Matplotlib's first and last colours of inferno and viridis", () => {
    const inferno = colourMap('inferno').table;
    expect(inferno).toHaveLength(768);
    expect([entry(inferno, 0), entry(inferno, 255)]).toEqual([
      [0, 0, 4],
      [252, 255, 164],
    ]);
    const viridis = colourMap('viridis').table;
    expect([entry(viridis, 0), entry(viridis, 255)]).toEqual([
      [68, 1, 84],
      [253, 231, 37],
    ]);
  });

  it('runs from blue over green to red in turbo', () => {
    const { table } = colourMap('turbo');
    const [r0, , b0] = entry(table, 20);
    const [r1, g1, b1] = entry(table, 128);
    const [r2, , b2] = entry(table, 245);
    expect(b0! > r0! && g1! > r1! && g1! > b1! && r2! > b2!).toBe(true);
  });

  it('grows lighter along inferno', () => {
    const { table } = colourMap('inferno');
    const light = (i: number): number => entry(table, i).reduce((sum, x) => sum + x, 0);
    for (let i = 16; i < 256; i += 16) expect(light(i)).toBeGreaterThan(light(i - 16));
  });
});
