import { Random, boxRegion } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import { type CopiedImage, checkBackground, chooseForBackground } from './background.js';
import { COPY_SIDE } from './patches.js';

interface Made {
  readonly positive: boolean;
  /** Added to what lies in the region of a positive image, 0..1. */
  readonly lesion?: number;
  /** Added to all pixels. */
  readonly level?: number;
  readonly patient?: string;
  readonly regions?: CopiedImage['sample']['regions'];
  /** Of a pixel. */
  readonly at?: (x: number, y: number) => number;
}

const region = boxRegion(24, 24, 40, 40);
const isWithin = (x: number, y: number): boolean => x >= 24 && x < 40 && y >= 24 && y < 40;

/** Noise, drawn by the image's number alone, and the lesion. */
function imageOf({ positive, lesion = 0, level = 0, patient, regions, at = () => 0.3 }: Made, i: number): CopiedImage {
  const random = new Random(5, 'pixels', i);
  const plain = Uint16Array.from({ length: COPY_SIDE ** 2 }, (_, pixel) => {
    const [x, y] = [pixel % COPY_SIDE, Math.floor(pixel / COPY_SIDE)];
    const value = at(x, y) + level + 0.05 * random.normal() + (positive && isWithin(x, y) ? lesion : 0);
    return 65535 * Math.min(Math.max(value, 0), 1);
  });
  const sample = {
    name: `${i}.png`,
    path: `/${i}.png`,
    label: Number(positive),
    patient,
    split: undefined,
    regions: regions ?? (positive ? [region] : []),
  };
  return {
    sample,
    measures: { width: COPY_SIDE, height: COPY_SIDE } as CopiedImage['measures'],
    copies: { plain, clahe: plain },
  };
}

const set = { classes: ['clear', 'lesion'], positive: 1 };
const check = (made: readonly Made[]) => checkBackground(made.map(imageOf), set, 0);
const setOf = (count: number, of: (positive: boolean, i: number) => Partial<Made>): Made[] =>
  Array.from({ length: count }, (_, i) => ({ positive: i % 2 === 1, ...of(i % 2 === 1, i) }));
const leaking = (found: ReturnType<typeof checkBackground>): string[] =>
  found?.normalizations.filter(({ leaks }) => leaks).map(({ normalization }) => normalization) ?? [];
const isNearHalf = (auc: number | undefined): boolean => Math.abs((auc ?? 0) - 0.5) < 0.25;

describe('checkBackground', () => {
  it('finds that a lesion which changes the numbers of its image gives the label away everywhere', () => {
    const found = check(setOf(60, () => ({ lesion: 0.4 })));
    expect(found).toMatchObject({ className: 'lesion', images: { positive: 30, negative: 30 } });
    const [bySet, own, percentiles] = found?.normalizations ?? [];
    expect(bySet).toMatchObject({ normalization: "none, or the set's", leaks: false });
    expect(isNearHalf(bySet?.auc)).toBe(true);
    expect(own?.auc).toBe(1);
    expect(isNearHalf(own?.without?.auc)).toBe(true);
    expect(own?.without?.difference).toBeCloseTo(1 - (own?.without?.auc ?? 0), 12);
    expect(own?.without?.low).toBeGreaterThan(0);
    expect(percentiles?.auc).toBe(1);
    // The copies are the same here: so is what each way finds.
    expect(leaking(found)).toEqual(["each image's own", "each image's percentiles", "CLAHE, then each image's own"]);
  });

  it('finds that a dark lesion does so too', () => {
    expect(leaking(check(setOf(60, () => ({ lesion: -0.25 }))))).toContain("each image's own");
  });

  it('finds nothing where the region is as its surroundings', () => {
    const found = check(setOf(60, () => ({})));
    for (const { auc } of found?.normalizations ?? []) expect(isNearHalf(auc)).toBe(true);
    expect(leaking(found)).toEqual([]);
  });

  it('blames no normalisation for a difference that is there before it', () => {
    const found = check(setOf(60, (positive) => ({ level: positive ? 0.3 : 0 })));
    expect(found?.normalizations[0]?.auc).toBe(1);
    expect(leaking(found)).toEqual([]);
  });

  it('judges the other images where the positive ones are judged, not where lesions lie', () => {
    // All images are bright where the lesions are, which says nothing.
    const found = check(setOf(80, () => ({ at: (x, y) => (isWithin(x, y) ? 0.9 : 0.2) })));
    for (const { auc } of found?.normalizations ?? []) expect(isNearHalf(auc)).toBe(true);
    expect(leaking(found)).toEqual([]);
  });

  it('learns from other patients only', () => {
    // A level of the patient that has nothing to do with the label: of the same patient it would tell.
    const random = new Random(8, 'levels');
    const levels = Array.from({ length: 12 }, () => 0.5 * random.uniform());
    const found = check(
      Array.from({ length: 240 }, (_, i): Made => {
        const patient = Math.floor(i / 20);
        return { positive: patient % 2 === 1, patient: `p${patient}`, level: levels[patient] as number };
      }),
    );
    expect(found?.normalizations[0]?.auc).toBeLessThan(0.8);
    expect(leaking(found)).toEqual([]);
  });

  it('needs ten images with regions, and ten others; leaves out what has none to be judged by', () => {
    expect(check(setOf(19, () => ({})))).toBeUndefined();
    expect(check(setOf(20, () => ({})))).toBeDefined();
    // Positives without regions may show a lesion anywhere, and one that is all lesion has no background.
    const everywhere = [boxRegion(0, 0, 64, 64)];
    const unknown = setOf(24, (positive, i) => (positive && i < 8 ? { regions: i < 4 ? [] : everywhere } : {}));
    expect(check(unknown)).toBeUndefined();
    expect(check([...unknown, ...setOf(4, () => ({}))])?.images).toEqual({ positive: 10, negative: 14 });
  });

  it('looks at a thousand images of either kind at most, spread over the set', () => {
    const sampleOf = (i: number, positive: boolean, located: boolean) =>
      imageSample({ positive, regions: located ? [region] : [] }, i);
    const many = Array.from({ length: 5000 }, (_, i) => sampleOf(i, i % 2 === 1, i % 4 === 1));
    const chosen = chooseForBackground({ samples: many, positive: 1 });
    expect([...chosen].filter(({ label }) => label === 1)).toHaveLength(1000);
    expect([...chosen].filter(({ label }) => label === 0)).toHaveLength(1000);
    expect([...chosen].every(({ label, regions }) => (label === 1) === regions.length > 0)).toBe(true);
    expect(Math.max(...[...chosen].map(({ name }) => Number.parseInt(name, 10)))).toBeGreaterThan(4980);
    expect(chooseForBackground({ samples: many.slice(0, 36), positive: 1 }).size).toBe(0);
  });

  it('gives the same for the same seed', () => {
    const made = setOf(40, () => ({ lesion: 0.1 }));
    expect(check(made)).toEqual(check(made));
  });
});

function imageSample({ positive, regions = [] }: Made, i: number): CopiedImage['sample'] {
  const place = { name: `${i}.png`, path: `/${i}.png`, patient: undefined, split: undefined };
  return { ...place, label: Number(positive), regions };
}
