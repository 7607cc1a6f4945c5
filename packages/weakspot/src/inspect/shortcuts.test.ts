import { Random } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import { plainImage } from '../data/image.js';
import type { CheckedImage } from './features.js';
import { measureImage } from './measure.js';
import { checkShortcuts } from './shortcuts.js';

const base = measureImage(plainImage(Uint8Array.from([0, 90, 200, 30]), { width: 2, height: 2 }, 255), 10, 'a');
const classes = ['normal', 'lesion'];

/** Images of which `of` says label, patient and what is not as in the others. */
function images(
  count: number,
  of: (i: number, random: Random) => { label: number; patient?: string; name?: string; mean?: number; view?: string },
): CheckedImage[] {
  const random = new Random(2, 'images');
  return Array.from({ length: count }, (_, i) => {
    const { label, patient, name = `${i}.png`, mean = random.uniform(), view } = of(i, random);
    const sample = { name, path: `/${name}`, label, patient, split: undefined, regions: [] };
    return { sample: view === undefined ? sample : { ...sample, view }, measures: { ...base, mean } };
  });
}

describe('checkShortcuts', () => {
  it('warns of a feature that tells the classes apart, and names it first', () => {
    const set = images(80, (i, random) => ({ label: i % 2, mean: (i % 2) * 0.5 + random.uniform() }));
    const check = checkShortcuts(set, { classes }, 1, 0);
    expect(check?.className).toBe('lesion');
    expect(check?.groups).toEqual({ positive: 40, negative: 40 });
    expect(check?.together).toMatchObject({ name: 'all together', warns: true });
    // What is the same for all images tells nothing and is not listed.
    expect(check?.alone.map(({ name, warns }) => [name, warns])).toEqual([['mean', true]]);
    // 1 - 0.5^2 / 2 = .875 for uniform values moved by one half.
    expect(check?.alone[0]?.auc).toBeGreaterThan(0.8);
  });

  it('does not care which way a feature tells', () => {
    const set = images(80, (i, random) => ({ label: i % 2, mean: random.uniform() - (i % 2) }));
    expect(checkShortcuts(set, { classes }, 1, 0)?.alone[0]).toEqual({ name: 'mean', auc: 1, warns: true });
  });

  it('is silent where features say nothing', () => {
    const check = checkShortcuts(
      images(400, (i) => ({ label: i % 2 })),
      { classes },
      1,
      0,
    );
    expect([check?.together, ...(check?.alone ?? [])].some((shortcut) => shortcut?.warns === true)).toBe(false);
    expect(check?.together.auc).toBeGreaterThan(0.4);
    expect(check?.together.auc).toBeLessThan(0.6);
  });

  it('does not take chance for a shortcut where patients are few', () => {
    // Four patients a class, told apart by 14 of 16 pairs: .875, but the standard error of chance is .217.
    const means = [0, 2, 1, 4, 3, 5, 6, 7];
    const set = images(8, (i) => ({ label: Number(i >= 4), mean: means[i] as number }));
    const check = checkShortcuts(set, { classes }, 1, 0);
    expect(check?.alone[0]?.auc).toBeGreaterThan(0.7);
    expect(check?.alone[0]?.warns).toBe(false);
  });

  it('knows a folder by patients that it was not fitted on', () => {
    const bySource = images(60, (i) => ({ label: i % 2, name: `${i % 2 === 0 ? 'a' : 'b'}/${i}.png`, mean: 0 }));
    expect(checkShortcuts(bySource, { classes }, 1, 0)?.alone).toEqual([
      { name: 'source folder', auc: 1, warns: true },
    ]);
    // A folder for each patient knows only its own patient.
    const byPatient = images(120, (i) => {
      const patient = `p${i >> 2}`;
      return { label: (i >> 2) % 2, patient, name: `${patient}/${i}.png`, mean: 0 };
    });
    expect(checkShortcuts(byPatient, { classes }, 1, 0)?.alone).toEqual([
      { name: 'source folder', auc: 0.5, warns: false },
    ]);
    // Folders named after the classes are the labels themselves.
    const byClass = images(60, (i) => ({ label: i % 2, name: `${classes[i % 2]}/${i}.png`, mean: 0 }));
    expect(checkShortcuts(byClass, { classes }, 1, 0)?.alone).toEqual([]);
  });

  it('looks at the view, and tests each patient on others in the regression too', () => {
    const set = images(60, (i) => ({ label: i % 2, view: i % 2 === 0 ? 'PA' : 'AP', mean: 0 }));
    expect(checkShortcuts(set, { classes }, 1, 0)?.alone).toEqual([{ name: 'view', auc: 1, warns: true }]);
    // A feature of the patient that has nothing to do with the label: fitted on all images it would tell some.
    const random = new Random(8, 'patients');
    const means = Array.from({ length: 40 }, () => random.uniform());
    const own = images(400, (i) => ({
      label: Math.floor(i / 10) % 2,
      patient: `p${Math.floor(i / 10)}`,
      mean: means[Math.floor(i / 10)] as number,
    }));
    expect(checkShortcuts(own, { classes }, 1, 0)?.together.warns).toBe(false);
  });

  it('needs two patients of each kind', () => {
    expect(
      checkShortcuts(
        images(9, (i) => ({ label: Number(i > 3), patient: i > 3 ? 'p' : `q${i}` })),
        { classes },
        1,
        0,
      ),
    ).toBeUndefined();
  });

  it('gives the same for the same seed, whatever the order of the images', () => {
    const set = images(90, (i) => ({ label: i % 3 === 0 ? 1 : 0 }));
    const check = checkShortcuts(set, { classes }, 1, 3);
    expect(checkShortcuts(set.toReversed(), { classes }, 1, 3)?.together.auc).toBeCloseTo(check?.together.auc ?? 0, 9);
    expect(checkShortcuts(set, { classes }, 1, 3)).toEqual(check);
  });
});
