import { WeakspotError } from '@weakspot/core';
import type { LabelledFile, Sample } from './dataset.js';
import type { IssueList, IssuePlace } from './issues.js';
import { deniesFinding } from './label-names.js';
import { didYouMean } from './suggest.js';

/** Whether a class's name says that nothing is there: `normal`, `no finding`, `0`. */
export function saysNothingThere(name: string): boolean {
  return NEGATIVE_NAME.test(name);
}

/** The classes in a cell of several, separated by `|` as in NIH ChestX-ray14: none for names that say nothing is there. */
export function labelsIn(cell: string): string[] {
  const names = cell.split('|').map((name) => name.trim());
  return [...new Set(names)].filter((name) => name !== '' && !deniesFinding(name));
}

/** Whether an image is of a class, by the class's index; in a multi-label set it may be of several. */
export function hasClass({ label, labels }: Pick<Sample, 'label' | 'labels'>, index: number): boolean {
  return labels?.includes(index) ?? label === index;
}

export interface ClassChoice {
  readonly classes: readonly string[];
  /** Index of the positive class. */
  readonly positive: number;
}

export interface ClassOptions {
  /** Name of the positive class. */
  readonly positive: string | undefined;
  /** Class order of a trained run. */
  readonly classes: readonly string[] | undefined;
  /** A set of one class is no error: it is only looked at. */
  readonly oneClass?: boolean;
}

const NEGATIVE_NAME =
  /^(0|neg|negatives?|normals?|clear|healthy|control|controls|none|no|false|absent|(no|non|not|without)[-_ ].*|no(findings?|tumou?r|lesion|mass|disease))$/i;

/**
 * The order of the classes, and which one is positive: the one named by the caller; else the only one with boxes; else
 * the only one whose name does not say "nothing there" ("benign" says so beside "malignant"). Problems go to `issues`.
 *
 * @param boxed Labels of the files that have boxes.
 * @param place Of the labels, for issues.
 * @throws WeakspotError `usage` where the caller's classes or positive class are wrong.
 */
export function chooseClasses(
  files: readonly LabelledFile[],
  boxed: ReadonlySet<string>,
  options: ClassOptions,
  place: IssuePlace,
  issues: IssueList,
): ClassChoice {
  const found = [...new Set(files.map((file) => file.label))].toSorted();
  const names = options.classes ?? found;
  if (options.classes !== undefined) checkGiven(files, found, options.classes, place, issues);
  else if (found.length === 1 && options.oneClass !== true) issues.error(oneClassMessage(found), place);
  if (options.positive !== undefined && names.length > 0 && !names.includes(options.positive)) {
    const hint = `The classes are ${names.join(', ')}.`;
    throw new WeakspotError('usage', `there is no class "${options.positive}"${didYouMean(options.positive, names)}`, {
      hint,
    });
  }
  const positive =
    options.positive ?? guessPositive(names, boxed) ?? (options.classes?.length === 2 ? names[1] : undefined);
  if (positive === undefined) {
    if (names.length > 1) {
      const all = names.map((name) => `"${name}"`).join(', ');
      issues.error(`which class is the positive one, the one to find? Give --positive with one of ${all}`, place);
    }
    return { classes: names, positive: 0 };
  }
  const order =
    options.classes ??
    (names.length === 2 ? names.toSorted((a, b) => Number(a === positive) - Number(b === positive)) : names);
  return { classes: order, positive: order.indexOf(positive) };
}

/** What is wrong with a set of one class. */
export function oneClassMessage([name]: readonly string[]): string {
  return `all labels are "${name}": at least two classes are needed`;
}

/** The classes of a trained run: other labels are errors; a set of one class can still be looked at, with a warning. */
function checkGiven(
  files: readonly LabelledFile[],
  found: readonly string[],
  classes: readonly string[],
  place: IssuePlace,
  issues: IssueList,
): void {
  if (classes.length < 2 || new Set(classes).size !== classes.length) {
    throw new WeakspotError('usage', `classes ${classes.join(', ')}: at least two different names are needed`);
  }
  for (const label of found.filter((name) => !classes.includes(name))) {
    const first = files.find((file) => file.label === label);
    const line = first?.line;
    const message = `"${label}" is not a class${didYouMean(label, classes)}; the classes are ${classes.join(', ')}`;
    issues.error(message, line === undefined ? place : { ...place, line, field: 'label' });
  }
  if (found.length === 1)
    issues.warning('one-class sets', `all labels are "${found[0]}": metrics need two classes`, place);
}

function guessPositive(names: readonly string[], boxed: ReadonlySet<string>): string | undefined {
  const withBoxes = names.filter((name) => boxed.has(name));
  if (withBoxes.length === 1) return withBoxes[0];
  const notNegative = names.filter((name) => !NEGATIVE_NAME.test(name));
  if (notNegative.length === 1) return notNegative[0];
  const notBenign = notNegative.filter((name) => !/^benign/i.test(name));
  return notBenign.length === 1 ? notBenign[0] : undefined;
}
