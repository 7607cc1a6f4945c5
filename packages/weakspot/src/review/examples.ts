import type { DataIssue } from '@weakspot/core';
import { throwIfAborted } from '../data/concurrency.js';
import { leftOut } from '../data/left-out.js';
import type { PageCell, PageFigure, PageFigures } from '../report/page/content.js';
import { type AnsweredImage, type ExampleKind, chooseExamples, worstErrors } from './choose.js';
import { type MeasuredImage, type MeasuredRun, imageKey } from './measure.js';
import { type Film, filmCell, mapCell, readFilm } from './pictures.js';

export interface ExampleOptions {
  readonly methods: readonly string[];
  readonly classes: readonly string[];
  readonly positive: string;
  /** Names of the other classes, as they are spoken of. */
  readonly negative: string;
  /** Films to show, in all. */
  readonly count: number;
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
}

export type PictureEvent = { readonly type: 'picture' } | { readonly type: 'issue'; readonly issue: DataIssue };

/** Every image of a test set with the answer of each method's first run that was tested on it. */
export function answeredImages(runs: readonly MeasuredRun[], methods: number): AnsweredImage[] {
  const found = new Map<string, (MeasuredImage | undefined)[]>();
  for (const { run, images } of runs) {
    for (const image of images) {
      const key = imageKey(image.sample);
      const answers = found.get(key) ?? Array.from({ length: methods });
      answers[run.method] ??= image;
      found.set(key, answers);
    }
  }
  return [...found.values()].map((answers) => ({ answers }));
}

/** Examples of what the methods find and miss, a figure for each film. */
export async function* exampleFigures(
  images: readonly AnsweredImage[],
  options: ExampleOptions,
): AsyncGenerator<PictureEvent, PageFigures[]> {
  const chosen = chooseExamples(images, options.count, options.seed);
  const groups: PageFigures[] = [];
  for (const [kind, members] of chosen) {
    const figures: PageFigure[] = [];
    for (const { answers } of members) {
      const sample = answers.find((answer) => answer !== undefined)?.sample;
      if (sample === undefined) continue;
      const figure = yield* pictured(sample, options, async (film) => {
        const cells: PageCell[] = [await filmCell(film)];
        for (const [method, answer] of answers.entries()) {
          const name = options.methods[method] ?? '';
          if (answer !== undefined) cells.push(await mapCell(film, answer, name, options.positive));
        }
        return cells;
      });
      if (figure !== undefined) figures.push(figure);
    }
    if (figures.length > 0) groups.push({ ...wordsOf(kind, options.methods.length > 1), figures });
  }
  return groups;
}

/** The worst errors of each method's first run. */
export async function* errorFigures(
  runs: readonly MeasuredRun[],
  each: number,
  options: ExampleOptions,
): AsyncGenerator<PictureEvent, PageFigures[]> {
  const groups: PageFigures[] = [];
  const several = options.methods.length > 1;
  for (const [method, name] of options.methods.entries()) {
    const images = runs.find(({ run }) => run.method === method)?.images;
    if (images === undefined) continue;
    const errors = worstErrors(images, each);
    const kinds = [
      ...errors.falseAlarms.map((image) => ({ image, kind: 'False alarm' })),
      ...errors.overlooked.map((image) => ({ image, kind: 'Overlooked' })),
      ...errors.astray.map((image) => ({ image, kind: 'Astray' })),
    ];
    const figures: PageFigure[] = [];
    for (const { image, kind } of kinds) {
      const figure = yield* pictured(image.sample, options, async (film) => {
        const cell = await mapCell(film, image, name, options.positive);
        const notes = kind === 'False alarm' ? cell.notes.slice(0, 1) : cell.notes;
        return [{ ...cell, caption: kind, notes: [image.sample.name, ...notes] }];
      });
      if (figure !== undefined) figures.push({ ...figure, title: '' });
    }
    const text =
      figures.length === 0
        ? 'Every image is on the right side of .5, and every response hits.'
        : `The most probable ${options.negative} images (false alarms), the least probable ${options.positive} images (overlooked), and ` +
          `the responses farthest from a lesion (astray); at most ${each} of each.`;
    groups.push({ title: several ? name : '', text, figures });
  }
  return groups;
}

/** A figure of a film that can be read; of another one, why it is left out. */
async function* pictured(
  sample: MeasuredImage['sample'],
  { classes, signal }: ExampleOptions,
  draw: (film: Film) => Promise<PageCell[]>,
): AsyncGenerator<PictureEvent, PageFigure | undefined> {
  throwIfAborted(signal);
  try {
    const cells = await draw(await readFilm(sample, classes[sample.label] ?? ''));
    yield { type: 'picture' };
    return { title: sample.name, cells };
  } catch (error) {
    yield { type: 'issue', issue: leftOut(error, sample.path, false) };
    return undefined;
  }
}

function wordsOf(kind: ExampleKind, several: boolean): { title: string; text: string } {
  switch (kind) {
    case 'found':
      return {
        title: 'Lesions found',
        text: several
          ? 'Called positive by every method, with each response on the lesion.'
          : 'Called positive, with the response on the lesion.',
      };
    case 'divided':
      return { title: 'Lesions that some methods find', text: 'Found by at least one method and missed by another.' };
    case 'missed':
      return {
        title: 'Lesions missed',
        text: several
          ? 'Every method called it negative or has its response off the lesion.'
          : 'Called negative, or with the response off the lesion.',
      };
    case 'false-alarm':
      return {
        title: 'False alarms',
        text: several
          ? 'Negative images that at least half of the methods call positive.'
          : 'Negative images that are called positive.',
      };
  }
}
