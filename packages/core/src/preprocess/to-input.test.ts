import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WeakspotError } from '../errors.js';
import type { Preprocessing } from './settings.js';
import { settings } from './testing/settings.js';
import { toInput } from './to-input.js';

describe('toInput', () => {
  it('normalises by fixed numbers', () => {
    const out = new Float32Array(4).fill(7);
    const fixed: Preprocessing = { ...settings(2, 1), normalization: { kind: 'fixed', mean: 0.5, std: 0.25 } };
    toInput(Uint16Array.from([0, 65535]), fixed, out, 1);
    expect([...out]).toEqual([7, -2, 2, 7]);
  });

  it('takes the numbers of a set as fixed ones, and refuses a set without them', () => {
    const out = new Float32Array(2);
    const set: Preprocessing = { ...settings(2, 1), normalization: { kind: 'set', mean: 0.5, std: 0.25 } };
    toInput(Uint16Array.from([0, 65535]), set, out, 0);
    expect([...out]).toEqual([-2, 2]);
    const open: Preprocessing = { ...settings(2, 1), normalization: { kind: 'set' } };
    expect(() => toInput(new Uint16Array(2), open, out, 0)).toThrow('without its mean and standard deviation');
  });

  it("normalises by the image's own mean and deviation, to mean 0 and deviation 1", () => {
    const images = fc
      .uint16Array({ minLength: 12, maxLength: 12 })
      .filter((pixels) => Math.max(...pixels) - Math.min(...pixels) > 2000);
    fc.assert(
      fc.property(images, (pixels) => {
        const out = new Float32Array(12);
        toInput(pixels, settings(4, 3), out, 0);
        const mean = out.reduce((sum, value) => sum + value, 0) / 12;
        const variance = out.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 12;
        expect(mean).toBeCloseTo(0, 5);
        expect(variance).toBeCloseTo(1, 5);
      }),
    );
  });

  it('does not raise the noise of a flat image: the deviation is 0.001 at least', () => {
    const out = new Float32Array(2);
    toInput(Uint16Array.from([1000, 1002]), settings(2, 1), out, 0);
    expect(out[1]).toBeCloseTo(1 / 65535 / 1e-3, 6);
  });

  it('refuses pixels of another size, and an output without room', () => {
    const call = (pixels: number, room: number, offset: number) => () =>
      toInput(new Uint16Array(pixels), settings(2, 2), new Float32Array(room), offset);
    for (const wrong of [call(3, 9, 0), call(4, 5, 2), call(4, 9, -1)]) expect(wrong).toThrow(WeakspotError);
  });
});
