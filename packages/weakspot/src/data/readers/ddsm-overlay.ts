import type { Point, PolygonRegion } from '@weakspot/core';
import type { IssueList, IssuePlace } from '../issues.js';
import { readText } from '../text.js';
import { FileErrors } from './file-errors.js';

/** An abnormality that is outlined on a film of DDSM. */
export interface OutlinedAbnormality {
  /** Types of lesion and pathology: `mass`, `calcification`, `malignant`, `benign`, `benign without callback`, `unproven`. */
  readonly findings: readonly string[];
  /** In pixels of the scanned film; undefined where none can be read. */
  readonly region: PolygonRegion | undefined;
  readonly place: IssuePlace;
}

/** Steps of the chain code, in columns and rows: clockwise from straight up. */
const STEPS: readonly (readonly [number, number])[] = [
  [0, -1],
  [1, -1],
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0],
  [-1, -1],
];
/** Pathologies, and what else they are. */
const PATHOLOGIES: ReadonlyMap<string, readonly string[]> = new Map([
  ['MALIGNANT', ['malignant']],
  ['BENIGN', ['benign']],
  ['BENIGN_WITHOUT_CALLBACK', ['benign', 'benign without callback']],
  ['UNPROVEN', ['unproven']],
]);

/** All that `findings` may hold besides types of lesion that are not usual. */
export const DDSM_FINDINGS: readonly string[] = ['mass', 'calcification', ...new Set([...PATHOLOGIES.values()].flat())];

/**
 * Reads an `.OVERLAY` file. Of each abnormality the outline after `BOUNDARY` is taken; those after `CORE` lie within it.
 * Outlines are chain codes: column and row of the first pixel, a digit per step to the next of its eight neighbours, `#`.
 */
export async function readOverlay(file: string, issues: IssueList): Promise<OutlinedAbnormality[]> {
  const text = (await readText(file, issues)) ?? '';
  const errors = new FileErrors(file, issues);
  const found: { findings: string[]; region: PolygonRegion | undefined; place: IssuePlace }[] = [];
  let total: number | undefined;
  let isBoundary = false;
  for (const [i, line] of text.split(/\r\n|\n|\r/).entries()) {
    if (errors.isFull) break;
    const [key = '', value = ''] = line.trim().split(/\s+/, 2);
    const last = found.at(-1);
    const pathology = PATHOLOGIES.get(value.toUpperCase());
    if (key === 'TOTAL_ABNORMALITIES') total = Number(value);
    else if (key === 'ABNORMALITY') found.push({ findings: [], region: undefined, place: { file, line: i + 1 } });
    else if (last === undefined) continue;
    else if (key === 'LESION_TYPE') last.findings.push(value.toLowerCase());
    else if (key === 'PATHOLOGY' && pathology !== undefined) last.findings.push(...pathology);
    else if (key === 'PATHOLOGY') errors.add(`"${value}" is not a pathology of this set`, { line: i + 1, field: key });
    else if (key === 'BOUNDARY') isBoundary = true;
    else if (isBoundary && key !== '') {
      last.region = outlineOf(line.trim(), i + 1, errors);
      isBoundary = false;
    }
  }
  if (total !== undefined && total !== found.length) {
    const message = `it says ${total} abnormalities and has ${found.length}`;
    issues.warning('overlays with another number of abnormalities', message, { file });
  }
  if (found.length === 0 && total !== 0 && text !== '') errors.add('it has no ABNORMALITY');
  return found;
}

/** The polygon through the middles of the outline's pixels, of its corners only. */
function outlineOf(text: string, line: number, errors: FileErrors): PolygonRegion | undefined {
  const [column = '', row = '', ...codes] = text.replace(/#.*$/, '').trim().split(/\s+/);
  const wrong = codes.find((code) => !/^[0-7]$/.test(code));
  if (!/^\d{1,5}$/.test(column) || !/^\d{1,5}$/.test(row) || wrong !== undefined) {
    const what =
      wrong === undefined ? 'it does not begin with a column and a row' : `"${wrong}" is not a direction from 0 to 7`;
    errors.add(`the outline is not a chain code: ${what}`, { line, field: 'BOUNDARY' });
    return undefined;
  }
  let [x, y] = [Number(column) + 0.5, Number(row) + 0.5];
  const points: Point[] = [{ x, y }];
  for (const [i, code] of codes.entries()) {
    const [right, down] = STEPS[Number(code)] as readonly [number, number];
    x += right;
    y += down;
    if (codes[i + 1] !== code) points.push({ x, y });
  }
  const [first, last] = [points[0] as Point, points.at(-1) as Point];
  if (points.length > 1 && first.x === last.x && first.y === last.y) points.pop();
  if (points.length > 2) return { kind: 'polygon', points };
  errors.add('the outline has no area', { line, field: 'BOUNDARY' });
  return undefined;
}
