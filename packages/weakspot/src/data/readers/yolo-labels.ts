import { boxRegion } from '@weakspot/core';
import type { IssueList } from '../issues.js';
import { readText } from '../text.js';
import type { Mark } from './annotated-set.js';
import { polygonOf } from './coco-file.js';
import { FileErrors } from './file-errors.js';
import { numberOf } from './xml-numbers.js';

/** Coordinates are parts of the image's width and height: pixels of an image of size 1. */
const UNIT = { width: 1, height: 1 };
/** What six digits after the point, as they are written, can make an edge miss the image's. */
const ROUNDING = 1e-5;

/** A line of a label file: a class and at least four numbers. */
const LINE = /^\s*\d+(\s+[-+.\deE]+){4,}\s*$/;
const CLASS_ONLY = /^\s*\d+\s*$/;

/**
 * Whether a text may be a label file. Of one without any line, nothing can be told.
 *
 * @param isDescribed Whether a description of the set is there: then a line may be a class alone.
 */
export function looksLikeLabels(text: string, isDescribed = false): boolean {
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '');
  return lines.length > 0 && lines.every((line) => LINE.test(line) || (isDescribed && CLASS_ONLY.test(line)));
}

export interface YoloNames {
  /** Name of a class by its number. */
  nameOf(number: number): string | undefined;
  /** Whether lines go on with key points after the box. */
  readonly hasKeypoints: boolean;
}

/**
 * Reads a label file of YOLO: a line for each object, `class cx cy width height` (a box) or `class x y x y x y ...` (a
 * polygon, as of segmentation or turned boxes), as parts of the image's width and height from its top left corner. A class
 * alone is a label of the image.
 */
export async function readYoloLabels(file: string, names: YoloNames, issues: IssueList): Promise<Mark[]> {
  const text = await readText(file, issues);
  const errors = new FileErrors(file, issues);
  const marks: Mark[] = [];
  for (const [i, row] of (text ?? '').split(/\r\n|\n|\r/).entries()) {
    const written = row.trim();
    if (written === '') continue;
    if (errors.isFull) break;
    const line = i + 1;
    const [number = Number.NaN, ...numbers] = written.split(/\s+/).map(numberOf);
    const label = names.nameOf(number);
    const isLabel = numbers.length === 0;
    const region = isLabel ? undefined : names.hasKeypoints ? regionOf(numbers.slice(0, 4)) : regionOf(numbers);
    if (label === undefined) errors.add(`${written.split(/\s/, 1)[0]} is not one of the classes`, { line });
    else if (typeof region === 'string') errors.add(region, { line });
    else marks.push({ label, region, within: UNIT, place: { file, line } });
  }
  return marks;
}

function regionOf(numbers: readonly number[]): Mark['region'] | string {
  if (numbers.some(Number.isNaN)) return 'one of its values is not a number';
  const beyond = numbers.find((value) => value < -ROUNDING || value > 1 + ROUNDING);
  if (beyond !== undefined) return `${beyond} is not a fraction of the image's size: it must be from 0 to 1`;
  const [cx = 0, cy = 0, width = 0, height = 0] = numbers;
  if (numbers.length === 4) {
    if (!(width > 0 && height > 0)) return `the box is ${width} wide and ${height} high`;
    return boxRegion(snap(cx - width / 2), snap(cy - height / 2), snap(cx + width / 2), snap(cy + height / 2));
  }
  if (numbers.length < 6 || numbers.length % 2 === 1) {
    const reason = numbers.length === 5 ? ': predictions have a confidence, ground truth does not' : '';
    return `there are ${numbers.length} numbers after the class; a box has 4, a polygon 6 or more (two for each point)${reason}`;
  }
  return polygonOf(numbers.map(snap));
}

/** The image's edge where that is meant. */
function snap(value: number): number {
  return Math.abs(value) < ROUNDING ? 0 : Math.abs(value - 1) < ROUNDING ? 1 : value;
}
