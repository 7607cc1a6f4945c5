import type { Point, Region } from '@weakspot/core';
import type { IssueList, IssuePlace } from '../issues.js';
import { FileErrors } from './file-errors.js';
import type { PlistValue } from './plist.js';
import { readPlist } from './plist.js';

/** Something that is marked on an image of INbreast. */
export interface InbreastMark {
  /** `mass`, `calcification` and so on; or `unnamed`. */
  readonly finding: string;
  readonly region: Region;
  readonly place: IssuePlace;
}

/** Radius of the circle that stands for a point, in pixels: the size of one. */
const POINT_RADIUS = 0.5;

/** What regions are called, in several spellings. */
const FINDINGS: readonly (readonly [RegExp, string])[] = [
  [/^mass/i, 'mass'],
  [/^cluster/i, 'cluster'],
  [/^calcif/i, 'calcification'],
  [/spicul/i, 'spiculated region'],
  [/^as+ym+et/i, 'asymmetry'],
  [/distor/i, 'distortion'],
];

/** Of regions that were left without a name of their own, such as `Point 1`: small calcifications as a rule. */
export const UNNAMED = 'unnamed';

export const INBREAST_FINDINGS: readonly string[] = FINDINGS.map(([, finding]) => finding);

/**
 * Reads the regions of interest of one image, a property list that OsiriX wrote: `Images`, each with `ROIs` of a `Name` and
 * the points `Point_px`, `(x, y)` in pixels of the image. Three points or more are a polygon; one or two, as small
 * calcifications have, a circle of half a pixel each, so that they are hit within the tolerance only.
 */
export async function readInbreastRois(file: string, issues: IssueList): Promise<InbreastMark[]> {
  const root = await readPlist(file, issues);
  if (root === undefined) return [];
  const errors = new FileErrors(file, issues);
  const rois = root.dictionaries('Images').flatMap((image) => image.dictionaries('ROIs'));
  if (rois.length === 0 && root.list('Images').length === 0) errors.add('it has no Images');
  return rois.flatMap((roi): InbreastMark[] => {
    if (errors.isFull) return [];
    const name = roi.text('Name') ?? '';
    const finding = FINDINGS.find(([pattern]) => pattern.test(name))?.[1] ?? UNNAMED;
    const points = roi.list('Point_px').map(pointOf);
    const known = points.filter((point) => point !== undefined);
    if (known.length === 0 || known.length < points.length) {
      errors.add(`the region "${name}" has a point that is not (x, y), or none`, { line: roi.line, field: 'Point_px' });
      return [];
    }
    const regions: Region[] =
      known.length > 2
        ? [{ kind: 'polygon', points: known }]
        : known.map(({ x, y }) => ({ kind: 'circle', x, y, radius: POINT_RADIUS }));
    return regions.map((region) => ({ finding, region, place: { file, line: roi.line } }));
  });
}

function pointOf(written: PlistValue): Point | undefined {
  if (typeof written !== 'string') return undefined;
  const [, x, y] = /^\(\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*(?:,[^)]*)?\)$/.exec(written) ?? [];
  return x === undefined || y === undefined ? undefined : { x: Number(x), y: Number(y) };
}
