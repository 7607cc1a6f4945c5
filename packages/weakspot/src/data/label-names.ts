import { basename } from 'node:path';
import type { IssueList, IssuePlace } from './issues.js';
import { spelled } from './names.js';

/** Blanks of all kinds, and characters that take no room. */
const BLANKS = /[\s\p{Z}\p{Cf}]+/gu;

/** A label's name without what is easily mistaken in it: case, blanks of any kind, how a letter is composed, `.0` of a number. */
function labelKey(label: string): string {
  return caseless(label.normalize('NFKC').replaceAll(BLANKS, '')).replace(POINT_ZERO, '$1');
}

/** A whole number as spreadsheets and data frames may write it. */
const POINT_ZERO = /^(\d+)\.0+$/;

/** Both ways, as `ß` has no capital and `ς` is a small sigma, too. */
function caseless(text: string): string {
  return text.toUpperCase().toLowerCase();
}

/** A label and where it stands. */
export type PlacedLabel = readonly [label: string, place: IssuePlace];

/**
 * Labels that differ only in case or blanks are one class that was written in two ways: an error, as each would be a class
 * of its own. Each such name is reported once, where it stands first. Returns whether there is none.
 */
export function checkAlike(labels: Iterable<PlacedLabel>, issues: IssueList): boolean {
  const byKey = new Map<string, PlacedLabel>();
  const seen = new Set<string>();
  let areApart = true;
  for (const [label, place] of labels) {
    if (seen.has(label)) continue;
    seen.add(label);
    const key = labelKey(label);
    const first = byKey.get(key);
    if (first === undefined) byKey.set(key, [label, place]);
    else {
      const [other, before] = first;
      const message = `the class ${spelled(label)} differs from ${spelled(other)}${whereIs(before, place)} only in ${differenceOf(label, other)}: spell both the same way`;
      issues.error(message, place);
      areApart = false;
    }
  }
  return areApart;
}

function whereIs({ file, line, field }: IssuePlace, { file: here }: IssuePlace): string {
  const inFile = file === undefined || file === here ? '' : ` of ${basename(file)}`;
  if (line !== undefined) return ` in line ${line}${inFile}`;
  return field === undefined ? inFile : ` in ${field}${inFile}`;
}

function differenceOf(a: string, b: string): string {
  if (caseless(a) === caseless(b)) return 'case';
  const [left, right] = [a.replaceAll(BLANKS, ''), b.replaceAll(BLANKS, '')];
  if (left === right) return 'blanks';
  if (left.replace(POINT_ZERO, '$1') === right.replace(POINT_ZERO, '$1')) return 'how the number is written';
  return caseless(left) === caseless(right) ? 'case and blanks' : 'the kind of its letters or blanks';
}

const NOTHING =
  /^(neg|negatives?|normals?|clear|healthy|controls?|none|nothing|no|false|absent|0|(?:no|without) .+|background)$/;
const DENIED = /^(?:no|non|not|without) (.+)$/;
const FINDINGS =
  /^(findings?|tumou?rs?|lesions?|mass(es)?|diseases?|abnormal(ity|ities)?|nodules?|cancer|pneumonia|tb|tuberculosis|malignant|malignancy|positive|sick)$/;

/**
 * Whether a label says of its image that nothing is there: `normal`, `no finding`, `not malignant`; `non-X` where X is one of
 * the categories or a word for any finding, as `non-calcified nodule` is a nodule.
 */
export function deniesFinding(label: string, categories: Iterable<string> = []): boolean {
  const words = caseless(label.normalize('NFKC'))
    .replaceAll(/[-_\s\p{Z}\p{Cf}]+/gu, ' ')
    .trim();
  if (NOTHING.test(words)) return true;
  const denied = DENIED.exec(words)?.[1];
  if (denied === undefined) return false;
  return FINDINGS.test(denied) || [...categories].some((name) => labelKey(name) === labelKey(denied));
}
