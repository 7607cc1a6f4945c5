import { Random } from '@weakspot/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample, Split } from './dataset.js';
import { splitSamples } from './split.js';
import { failureOf } from './testing/files.js';

function sample(name: string, label: number, patient?: string, split?: Split): Sample {
  return { name, path: `/${name}`, label, patient, split, regions: [] };
}

function images(count: number, label: number, prefix: string): Sample[] {
  return Array.from({ length: count }, (_, i) => sample(`${prefix}${i}`, label));
}

function counts(samples: readonly Sample[], splits: readonly Split[], label: number): Record<Split, number> {
  const result = { train: 0, validation: 0, test: 0 };
  samples.forEach((item, i) => {
    if (item.label === label) result[splits[i] as Split]++;
  });
  return result;
}

const fractions = { train: 0.7, validation: 0.1, test: 0.2 };
const samplesOf = fc
  .array(fc.record({ label: fc.nat(1), patient: fc.option(fc.nat(12)) }), { minLength: 1, maxLength: 60 })
  .map((items) =>
    items.map(({ label, patient }, i) => sample(`i${i}`, label, patient === null ? undefined : `p${patient}`)),
  );

describe('splitSamples', () => {
  it('gives each class its share of single images', () => {
    const samples = [...images(100, 0, 'n'), ...images(50, 1, 'p')];
    const splits = splitSamples(samples, fractions, 1);
    expect(counts(samples, splits, 0)).toEqual({ train: 70, validation: 10, test: 20 });
    expect(counts(samples, splits, 1)).toEqual({ train: 35, validation: 5, test: 10 });
  });

  it('never parts a patient, and ignores the order of the samples', () => {
    fc.assert(
      fc.property(samplesOf, fc.nat(), (samples, seed) => {
        const splits = splitSamples(samples, fractions, seed);
        const byPatient = new Map<string, Split>();
        samples.forEach(({ patient }, i) => {
          if (patient === undefined) return;
          expect(byPatient.get(patient) ?? splits[i]).toBe(splits[i]);
          byPatient.set(patient, splits[i] as Split);
        });
        const order = new Random(seed, 'order').shuffle([...samples.keys()]);
        const shuffled = splitSamples(
          order.map((i) => samples[i] as Sample),
          fractions,
          seed,
        );
        expect(shuffled).toEqual(order.map((i) => splits[i]));
      }),
    );
  });

  it('is balanced by images where patients have several, both classes in one patient included', () => {
    const random = new Random(4, 'patients');
    const samples = Array.from({ length: 200 }, (_, p) =>
      Array.from({ length: 1 + random.integer(4) }, (__, i) =>
        sample(`${p}-${i}`, p % 3 === 2 ? i % 2 : p % 3, `p${p}`),
      ),
    ).flat();
    const splits = splitSamples(samples, fractions, 2);
    for (const label of [0, 1]) {
      const total = samples.filter((item) => item.label === label).length;
      const found = counts(samples, splits, label);
      for (const split of ['train', 'validation', 'test'] as const) {
        expect(Math.abs(found[split] / total - fractions[split])).toBeLessThan(0.03);
      }
    }
  });

  it('does not keep the largest patients for training', () => {
    const samples = Array.from({ length: 40 }, (_, p) =>
      images(p < 20 ? 4 : 1, 0, `p${p}-`).map((item) => ({ ...item, patient: `p${p}` })),
    ).flat();
    const splits = splitSamples(samples, { train: 0.5, validation: 0, test: 0.5 }, 3);
    const large = samples.filter(({ patient }, i) => Number(patient?.slice(1)) < 20 && splits[i] === 'test').length;
    expect(large).toBe(40);
  });

  it('gives a small validation set each class', () => {
    const samples = [...images(4, 0, 'n'), ...images(30, 1, 'p')];
    const splits = splitSamples(samples, { train: 0.9, validation: 0.05, test: 0.05 }, 1);
    expect(counts(samples, splits, 0)).toEqual({ train: 2, validation: 1, test: 1 });
  });

  it('depends on the seed, and leaves a split of share 0 empty', () => {
    const samples = images(40, 0, 'n');
    const half = { train: 0.5, validation: 0.5, test: 0 };
    const [a, b] = [splitSamples(samples, half, 1), splitSamples(samples, half, 2)];
    expect(a).not.toEqual(b);
    expect(a).toEqual(splitSamples(samples, half, 1));
    expect([...a, ...b]).not.toContain('test');
  });

  it('keeps given splits, lets a patient follow, and takes validation from training alone', () => {
    const given = (split: Split, prefix: string): Sample[] => images(20, 0, prefix).map((item) => ({ ...item, split }));
    const follower = sample('follower', 0, 'p1');
    const leader = sample('leader', 0, 'p1', 'test');
    const samples = [...given('train', 'a'), ...given('test', 'b'), leader, follower];
    const splits = splitSamples(samples, { train: 0.6, validation: 0.2, test: 0.2 }, 7);
    expect(counts(samples.slice(0, 20), splits, 0)).toEqual({ train: 15, validation: 5, test: 0 });
    expect(new Set(splits.slice(20))).toEqual(new Set(['test']));
    const none = splitSamples(samples, { train: 0.8, validation: 0, test: 0.2 }, 7);
    expect(none.slice(0, 20)).toEqual(samples.slice(0, 20).map((item) => item.split));
    const withValidation = [...samples, sample('v', 0, undefined, 'validation')];
    expect(splitSamples(withValidation, fractions, 7).slice(0, 20)).toEqual(none.slice(0, 20));
  });

  it('makes no test set beside given splits', () => {
    const samples = images(20, 0, 'a').map((item, i) => ({
      ...item,
      split: i < 15 ? ('train' as const) : ('validation' as const),
    }));
    expect(splitSamples(samples, fractions, 1)).toEqual(samples.map((item) => item.split));
  });

  it('refuses a patient given to two splits, and fractions that do not add up', async () => {
    const samples = [sample('a', 0, 'p1', 'train'), sample('b', 1, 'p1', 'test')];
    const error = await failureOf(() => splitSamples(samples, fractions, 1));
    expect([error.code, error.message]).toEqual(['data', 'patient p1 is in two splits: test and train']);
    for (const wrong of [
      { train: 0.5, validation: 0.1, test: 0.1 },
      { train: 1.2, validation: -0.2, test: 0 },
      { train: NaN, validation: 0.5, test: 0.5 },
    ]) {
      expect((await failureOf(() => splitSamples([], wrong, 1))).code).toBe('usage');
    }
  });
});
