import { Random } from '@weakspot/core';
import type { MeasuredImage } from './measure.js';

/** A test image with every method's answer; undefined where no run of the method was tested on it. */
export interface AnsweredImage {
  readonly answers: readonly (MeasuredImage | undefined)[];
}

export type ExampleKind = 'found' | 'divided' | 'missed' | 'false-alarm';

/** At least as probable as this counts as called positive. */
export const CALLED = 0.5;

/** A lesion counts as found where the image is called positive and the response hits. */
export function isFound({ positive, score, hit }: MeasuredImage): boolean {
  return positive && score >= CALLED && hit === true;
}

/**
 * What an image is an example of: a located positive one that all methods find, some find, or none finds; a negative one that
 * at least half of them call positive. Others are an example of nothing.
 */
export function kindOfExample({ answers }: AnsweredImage): ExampleKind | undefined {
  const given = answers.filter((answer) => answer !== undefined);
  const [first] = given;
  if (first === undefined) return undefined;
  if (!first.positive) {
    const called = given.filter(({ score }) => score >= CALLED).length;
    return called > 0 && called >= given.length / 2 ? 'false-alarm' : undefined;
  }
  if (first.hit === undefined) return undefined;
  const found = given.filter(isFound).length;
  return found === given.length ? 'found' : found === 0 ? 'missed' : 'divided';
}

/**
 * Examples of each kind, `count` in all: the kinds get equal numbers as far as there are images, and which images is drawn
 * from the seed. A kind's examples come in the order of their names.
 */
export function chooseExamples<T extends AnsweredImage>(
  images: readonly T[],
  count: number,
  seed: number,
): ReadonlyMap<ExampleKind, readonly T[]> {
  const kinds: readonly ExampleKind[] = ['found', 'divided', 'missed', 'false-alarm'];
  const sets = kinds.map((kind) => images.filter((image) => kindOfExample(image) === kind));
  const shares = shareOut(
    count,
    sets.map((set) => set.length),
  );
  const nameOf = (image: T): string => image.answers.find((answer) => answer !== undefined)?.sample.name ?? '';
  return new Map(
    kinds.map((kind, i) => {
      const ordered = (sets[i] as T[]).toSorted((a, b) => compareText(nameOf(a), nameOf(b)));
      const drawn = new Random(seed, 'report', kind).shuffle(ordered).slice(0, shares[i]);
      return [kind, drawn.toSorted((a, b) => compareText(nameOf(a), nameOf(b)))];
    }),
  );
}

/** Deals `count` out to places that hold so many, one each in turn. */
export function shareOut(count: number, room: readonly number[]): number[] {
  const shares = room.map(() => 0);
  let left = Math.min(
    count,
    room.reduce((sum, one) => sum + one, 0),
  );
  while (left > 0) {
    for (let i = 0; i < room.length && left > 0; i++) {
      if ((shares[i] as number) >= (room[i] as number)) continue;
      shares[i] = (shares[i] as number) + 1;
      left--;
    }
  }
  return shares;
}

/** What went most wrong with one run: each list from the worst on. */
export interface WorstErrors {
  /** Negative images of the highest probabilities. */
  readonly falseAlarms: readonly MeasuredImage[];
  /** Positive images of the lowest probabilities. */
  readonly overlooked: readonly MeasuredImage[];
  /** Images called positive whose response lies farthest from every lesion. */
  readonly astray: readonly MeasuredImage[];
}

/** The errors only: an image on the right side of 0.5, or a response that hits, is none, however close. */
export function worstErrors(images: readonly MeasuredImage[], each: number): WorstErrors {
  const worst = (
    wrong: (image: MeasuredImage) => boolean,
    badness: (image: MeasuredImage) => number,
  ): MeasuredImage[] =>
    images
      .filter(wrong)
      .toSorted((a, b) => badness(b) - badness(a) || compareText(a.sample.name, b.sample.name))
      .slice(0, each);
  return {
    falseAlarms: worst(
      ({ positive, score }) => !positive && score >= CALLED,
      ({ score }) => score,
    ),
    overlooked: worst(
      ({ positive, score }) => positive && score < CALLED,
      ({ score }) => -score,
    ),
    astray: worst(
      ({ positive, score, hit }) => positive && score >= CALLED && hit === false,
      ({ distance = 0 }) => distance,
    ),
  };
}

/** By code units: the same order on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
