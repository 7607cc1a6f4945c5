import { boxRegion } from '@weakspot/core';
import { numberIn, readCsv } from './csv.js';
import { sampleName } from './files.js';
import type { RegionRow } from './ground-truth.js';
import type { IssueList } from './issues.js';
import { eitherName, nameKey, type NameFinder } from './names.js';

const EDGES = ['xmin', 'ymin', 'xmax', 'ymax'] as const;

/**
 * Reads a box table: `file,xmin,ymin,xmax,ymax[,label]`, one box a row, in pixels of the image; see `numberIn`.
 *
 * @param names Of the images, to which those of the table are matched; one that is none of them stays.
 */
export async function readBoxes(
  table: string,
  root: string,
  issues: IssueList,
  names: NameFinder = { find: () => [] },
): Promise<RegionRow[]> {
  const rows = await readCsv(table, ['file', ...EDGES], ['label'], issues);
  return rows.flatMap(({ line, separator, cells }) => {
    const place = { file: table, line };
    const edges = EDGES.map((field) => {
      const value = numberIn(cells[field] as string, separator);
      if (value === undefined) issues.error(`"${cells[field]}" is not a number`, { ...place, field });
      return value;
    });
    if (edges.includes(undefined)) return [];
    const [x0, y0, x1, y1] = edges as [number, number, number, number];
    if (x1 <= x0)
      issues.error(`the box has no width: xmax ${x1} is not right of xmin ${x0}`, { ...place, field: 'xmax' });
    if (y1 <= y0)
      issues.error(`the box has no height: ymax ${y1} is not below ymin ${y0}`, { ...place, field: 'ymax' });
    if (x1 <= x0 || y1 <= y0) return [];
    const written = sampleName(root, cells.file as string);
    const [name = written, other] = names.find(written);
    if (other !== undefined) {
      const message = `"${written}" could be ${eitherName(name, other)}`;
      issues.error(message, { ...place, field: 'file' });
      return [];
    }
    if (name !== written && nameKey(name) !== nameKey(written)) {
      issues.warning('boxes of another name', `"${written}" is taken to mean "${name}"`, { ...place, field: 'file' });
    }
    return [{ name, region: boxRegion(x0, y0, x1, y1), label: cells.label, place }];
  });
}
