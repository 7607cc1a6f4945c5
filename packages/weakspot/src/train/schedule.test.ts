import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../run/defaults.js';
import { learningRateAt } from './schedule.js';

const base = defaultConfig('compact', 10, 1).optimizer;
const rate = (changes: Partial<typeof base>, epoch: number, step = 0): number =>
  learningRateAt({ epochs: 10, optimizer: { ...base, learningRate: 0.8, ...changes } }, { epoch, step, steps: 4 });

describe('learningRateAt', () => {
  it('constant: the same throughout', () => {
    expect([rate({}, 0), rate({}, 4, 3), rate({}, 9, 3)]).toEqual([0.8, 0.8, 0.8]);
  });

  it('step: multiplies from the first step of each epoch of `at`, in any order', () => {
    const schedule = { kind: 'step' as const, at: [6, 3], factor: 0.5 };
    expect([rate({ schedule }, 2, 3), rate({ schedule }, 3), rate({ schedule }, 5, 3), rate({ schedule }, 6)]).toEqual([
      0.8, 0.4, 0.4, 0.2,
    ]);
  });

  it('cosine: full at the start, half in the middle, near 0 at the last step, falling at every step', () => {
    const schedule = { kind: 'cosine' } as const;
    expect(rate({ schedule }, 0)).toBe(0.8);
    expect(rate({ schedule }, 5)).toBeCloseTo(0.4, 12);
    // 0.8 (1 + cos(39 pi / 40)) / 2
    expect(rate({ schedule }, 9, 3)).toBeCloseTo(0.0012332, 6);
    const all = Array.from({ length: 40 }, (_, i) => rate({ schedule }, Math.floor(i / 4), i % 4));
    expect(all.every((value, i) => i === 0 || value < (all[i - 1] as number))).toBe(true);
  });

  it('warm-up: rises by equal amounts to the full rate at the last of its steps', () => {
    const rates = Array.from({ length: 10 }, (_, i) => rate({ warmup: 2 }, Math.floor(i / 4), i % 4));
    [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.8, 0.8].forEach((expected, i) =>
      expect(rates[i]).toBeCloseTo(expected, 12),
    );
  });

  it('warm-up and schedule multiply', () => {
    const schedule = { kind: 'step' as const, at: [1], factor: 0.1 };
    expect(rate({ schedule, warmup: 4 }, 1, 3)).toBeCloseTo(0.8 * 0.1 * 0.5, 12);
  });
});
