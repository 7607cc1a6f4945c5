import { describe, expect, it } from 'vitest';
import { colourMap } from './colour.js';
import { overlayHeat } from './overlay.js';

describe('overlayHeat', () => {
  const viridis = colourMap('viridis');

  it('shows the film where the map is cold and blends in proportion to the heat', () => {
    const rgb = overlayHeat(Uint8Array.of(100, 100, 100), 3, 1, [0, 0.5, 1], { colourMap: viridis, opacity: 0.5 });
    expect([...rgb.subarray(0, 3)]).toEqual([100, 100, 100]);
    const middle = viridis.table.subarray(128 * 3, 129 * 3);
    expect([...rgb.subarray(3, 6)]).toEqual([...middle].map((c) => Math.round(100 * 0.75 + c * 0.25)));
    // (100 + 253) / 2 = 176.5, to even; (100 + 231) / 2 = 165.5; (100 + 37) / 2 = 68.5.
    expect([...rgb.subarray(6, 9)]).toEqual([176, 166, 68]);
  });

  it('clips heat outside 0..1 and treats NaN as cold', () => {
    const rgb = overlayHeat(Uint8Array.of(10, 20, 30), 3, 1, [-2, NaN, 7], { colourMap: viridis, opacity: 1 });
    expect([...rgb]).toEqual([10, 10, 10, 20, 20, 20, 253, 231, 37]);
  });

  it('refuses a heat map of another size', () => {
    expect(() => overlayHeat(new Uint8Array(4), 2, 2, [0, 0])).toThrow(/2 values/);
  });
});
