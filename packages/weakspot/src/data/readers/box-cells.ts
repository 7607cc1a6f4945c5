import type { BoxRegion } from '@weakspot/core';
import { boxRegion } from '@weakspot/core';
import type { CsvRow } from '../csv.js';
import { numberIn } from '../csv.js';
import type { IssueList, IssuePlace } from '../issues.js';

/**
 * The box that a row gives as `x, y, width, height` in the columns named; undefined, with an error, where it is none. A
 * cell that is empty is an error too.
 */
export function boxOfSize<C extends string>(
  row: CsvRow<C>,
  columns: readonly [C, C, C, C],
  place: IssuePlace,
  issues: IssueList,
): BoxRegion | undefined {
  const numbers = readNumbers(row, columns, place, issues);
  if (numbers === undefined) return undefined;
  const [x, y, width, height] = numbers;
  if (width > 0 && height > 0) return boxRegion(x, y, x + width, y + height);
  const field = columns[width > 0 ? 3 : 2];
  issues.error(`the box is ${width} wide and ${height} high`, { ...place, field });
  return undefined;
}

/** The box that a row gives as `left, top, right, bottom`; otherwise as `boxOfSize`. */
export function boxOfEdges<C extends string>(
  row: CsvRow<C>,
  columns: readonly [C, C, C, C],
  place: IssuePlace,
  issues: IssueList,
): BoxRegion | undefined {
  const numbers = readNumbers(row, columns, place, issues);
  if (numbers === undefined) return undefined;
  const [x0, y0, x1, y1] = numbers;
  if (x1 > x0 && y1 > y0) return boxRegion(x0, y0, x1, y1);
  const field = columns[x1 > x0 ? 3 : 2];
  issues.error(`the box from (${x0}, ${y0}) to (${x1}, ${y1}) has no area`, { ...place, field });
  return undefined;
}

function readNumbers<C extends string>(
  { cells, separator }: CsvRow<C>,
  columns: readonly [C, C, C, C],
  place: IssuePlace,
  issues: IssueList,
): readonly [number, number, number, number] | undefined {
  const numbers = columns.map((field) => {
    const cell = cells[field];
    const value = cell === undefined ? undefined : numberIn(cell, separator);
    if (value === undefined) {
      issues.error(cell === undefined ? 'the field is empty' : `"${cell}" is not a number`, { ...place, field });
    }
    return value;
  });
  const [a, b, c, d] = numbers;
  if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
  return [a, b, c, d];
}
