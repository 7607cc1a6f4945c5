import { regionBounds } from '@weakspot/core';
import { hasClass } from '../data/classes.js';
import type { Dataset, Sample, Split } from '../data/dataset.js';
import type { Spread } from './summary.js';
import { spreadOf, tally } from './summary.js';

export interface ClassCount {
  readonly name: string;
  readonly images: number;
  /** Known ones. */
  readonly patients: number;
  /** Images with ground truth. */
  readonly located: number;
  /** Images of each part, as training would divide them. */
  readonly parts: Readonly<Record<Split, number>>;
}

export interface Counts {
  readonly images: number;
  readonly patients: number;
  /** Images whose patient is not known: each counts as a patient of its own when the set is divided. */
  readonly withoutPatient: number;
  readonly classes: readonly ClassCount[];
  /** Of all images; in a multi-label set an image may count for several classes, or for none. */
  readonly all: Omit<ClassCount, 'name'>;
  /** Empty where the set names no views. */
  readonly views: readonly { readonly view: string; readonly images: number }[];
  /** Images whose part the data set itself says. */
  readonly givenParts: number;
  /** Ground truth: how many regions, and their diameters (root of the area of the box around them) in stored pixels. */
  readonly regions: { readonly count: number; readonly diameter?: Spread };
}

/** @param parts Of each sample; undefined where the set cannot be divided. */
export function countSamples(
  { samples, classes }: Pick<Dataset, 'samples' | 'classes'>,
  parts: readonly Split[] | undefined,
): Counts {
  const patientsOf = (some: readonly Sample[]): number =>
    new Set(some.map(({ patient }) => patient).filter((patient) => patient !== undefined)).size;
  const countWhere = (belongs: (sample: Sample) => boolean): Omit<ClassCount, 'name'> => {
    const mine = samples.filter(belongs);
    const inPart = (part: Split): number =>
      samples.filter((sample, i) => belongs(sample) && parts?.[i] === part).length;
    return {
      images: mine.length,
      patients: patientsOf(mine),
      located: mine.filter((sample) => sample.regions.length > 0).length,
      parts: { train: inPart('train'), validation: inPart('validation'), test: inPart('test') },
    };
  };
  const regions = samples.flatMap((sample) => sample.regions);
  const diameters = regions.map((region) => {
    const { x0, y0, x1, y1 } = regionBounds(region);
    return Math.sqrt((x1 - x0) * (y1 - y0));
  });
  const hasViews = samples.some(({ view }) => view !== undefined);
  return {
    images: samples.length,
    patients: patientsOf(samples),
    withoutPatient: samples.filter(({ patient }) => patient === undefined).length,
    classes: classes.map((name, index) => ({
      name,
      ...countWhere((sample) => hasClass(sample, index)),
    })),
    all: countWhere(() => true),
    views: hasViews
      ? tally(samples.map(({ view = 'not known' }) => view)).map(({ key, count }) => ({ view: key, images: count }))
      : [],
    givenParts: samples.filter(({ split }) => split !== undefined).length,
    regions: { count: regions.length, ...(diameters.length === 0 ? {} : { diameter: spreadOf(diameters) }) },
  };
}
