import { Random, formatIssue } from '@weakspot/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample, Split } from './dataset.js';
import { foldSamples, splitSamples } from './split.js';
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

  it('keeps copies of one image, and with them their patients, together', () => {
    fc.assert(
      fc.property(
        samplesOf,
        fc.array(fc.tuple(fc.nat(59), fc.nat(59)), { maxLength: 8 }),
        fc.nat(),
        (samples, pairs, seed) => {
          const copies = pairs
            .filter(([a, b]) => a !== b && a < samples.length && b < samples.length)
            .map(([a, b]) => [`i${a}`, `i${b}`]);
          const splits = splitSamples(samples, fractions, seed, copies);
          const splitOf = (name: string | undefined): Split | undefined => splits[Number(name?.slice(1))];
          for (const [a, b] of copies) expect(splitOf(a)).toBe(splitOf(b));
          const byPatient = new Map(samples.map(({ patient }, i) => [patient, splits[i]]));
          samples.forEach(({ patient }, i) => {
            if (patient !== undefined) expect(splits[i]).toBe(byPatient.get(patient));
          });
        },
      ),
    );
  });

  it('names both files where copies, or patients that copies connect, have different splits', async () => {
    const samples = [
      sample('a', 0, 'p1', 'train'),
      sample('b', 0, 'p1'),
      sample('c', 0, 'p2'),
      sample('d', 0, 'p2', 'test'),
      sample('e', 1, undefined, 'train'),
      sample('f', 1, undefined, 'validation'),
    ];
    const error = await failureOf(() =>
      splitSamples(samples, fractions, 1, [
        ['b', 'c'],
        ['e', 'f'],
      ]),
    );
    expect(error.issues.map(formatIssue)).toEqual([
      '/f: "f" is in validation, "e" in train: they are the same image',
      '/d: "d" is in test, "a" in train: copies of one image connect their patients',
    ]);
  });

  it('refuses a patient given to two splits, and fractions that do not add up', async () => {
    const samples = [sample('a', 0, 'p1', 'train'), sample('b', 1, 'p1', 'test')];
    const error = await failureOf(() => splitSamples(samples, fractions, 1));
    expect(error.code).toBe('data');
    expect(error.issues.map(formatIssue)).toEqual(['/b: "b" is in test, "a" in train: they are of one patient']);
    for (const wrong of [
      { train: 0.5, validation: 0.1, test: 0.1 },
      { train: 1.2, validation: -0.2, test: 0 },
      { train: NaN, validation: 0.5, test: 0.5 },
    ]) {
      expect((await failureOf(() => splitSamples([], wrong, 1))).code).toBe('usage');
    }
  });
});

describe('foldSamples', () => {
  const size = (samples: readonly Sample[], patient: string | undefined, name: string): number =>
    samples.filter((item) => (patient === undefined ? item.name === name : item.patient === patient)).length;

  it('puts each image into one fold, no patient into two, and deals each kind of patient out evenly', () => {
    fc.assert(
      fc.property(samplesOf, fc.integer({ min: 2, max: 7 }), fc.nat(), (samples, folds, seed) => {
        const patients = new Set(samples.map(({ patient, name }) => patient ?? name));
        fc.pre(patients.size >= folds);
        const numbers = foldSamples(samples, folds, seed);
        expect(numbers).toHaveLength(samples.length);
        // Each fold is there, and there is no other.
        expect([...new Set(numbers)].toSorted((a, b) => a - b)).toEqual(Array.from({ length: folds }, (_, k) => k));
        const labels = new Map<string, Set<number>>();
        const foldOf = new Map<string, number>();
        samples.forEach(({ patient, name, label }, i) => {
          const id = patient ?? name;
          expect(foldOf.get(id) ?? numbers[i]).toBe(numbers[i]);
          foldOf.set(id, numbers[i] as number);
          labels.set(id, (labels.get(id) ?? new Set()).add(label));
        });
        // Of the patients with the same labels, each fold has its share of images, to within one patient.
        const kindOf = ({ patient, name }: Sample): string =>
          [...(labels.get(patient ?? name) ?? [])].toSorted((a, b) => a - b).join();
        for (const kind of new Set(samples.map(kindOf))) {
          const members = samples.filter((item) => kindOf(item) === kind);
          const largest = Math.max(...members.map(({ patient, name }) => size(samples, patient, name)));
          const sizes = Array.from(
            { length: folds },
            (_, k) => members.filter((item) => foldOf.get(item.patient ?? item.name) === k).length,
          );
          for (const count of sizes) expect(Math.abs(count - members.length / folds)).toBeLessThanOrEqual(largest);
        }
      }),
    );
  });

  it('gives the remainders of the classes to different folds', () => {
    const samples = [...images(11, 0, 'n'), ...images(11, 1, 'p')];
    const numbers = foldSamples(samples, 10, 3);
    const sizes = Array.from({ length: 10 }, (_, k) => numbers.filter((fold) => fold === k).length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBe(1);
  });

  it('depends on the seed, not on the order of the samples', () => {
    const samples = images(40, 0, 'n');
    const numbers = foldSamples(samples, 4, 1);
    expect(foldSamples(samples.toReversed(), 4, 1).toReversed()).toEqual(numbers);
    expect(foldSamples(samples, 4, 2)).not.toEqual(numbers);
  });

  it('refuses more folds than patients', async () => {
    const samples = images(6, 0, 'n').map((item, i) => ({ ...item, patient: `p${i % 2}` }));
    expect((await failureOf(() => foldSamples(samples, 3, 1))).code).toBe('usage');
    expect((await failureOf(() => foldSamples(samples, 1, 1))).code).toBe('usage');
    expect(new Set(foldSamples(samples, 2, 1)).size).toBe(2);
    // Copies can make one patient of two.
    expect((await failureOf(() => foldSamples(samples, 2, 1, [['n0', 'n1']]))).message).toContain('1 patients');
  });
});
