import type { Box } from '@weakspot/core';
import { clipBox } from '@weakspot/core';
import { readCsv } from './csv.js';
import { sampleName } from './files.js';
import type { ImageSize } from './image.js';
import type { IssueList, IssuePlace } from './issues.js';

const EDGES = ['xmin', 'ymin', 'xmax', 'ymax'] as const;

export interface BoxRow {
  /** Name of the sample the box is on. */
  readonly name: string;
  readonly box: Box;
  readonly label: string | undefined;
  readonly place: IssuePlace;
}

/** Reads a box table: `file,xmin,ymin,xmax,ymax[,label]`, one box a row, in pixels of the stored image. */
export async function readBoxes(table: string, root: string, issues: IssueList): Promise<BoxRow[]> {
  const rows = await readCsv(table, ['file', ...EDGES], ['label'], issues);
  return rows.flatMap(({ line, cells }) => {
    const place = { file: table, line };
    const edges = EDGES.map((field) => {
      const value = Number(cells[field]);
      if (!Number.isFinite(value)) issues.error(`"${cells[field]}" is not a number`, { ...place, field });
      return value;
    });
    if (!edges.every(Number.isFinite)) return [];
    const [x0, y0, x1, y1] = edges as [number, number, number, number];
    if (x1 <= x0)
      issues.error(`the box has no width: xmax ${x1} is not right of xmin ${x0}`, { ...place, field: 'xmax' });
    if (y1 <= y0)
      issues.error(`the box has no height: ymax ${y1} is not below ymin ${y0}`, { ...place, field: 'ymax' });
    if (x1 <= x0 || y1 <= y0) return [];
    return [{ name: sampleName(root, cells.file as string), box: { x0, y0, x1, y1 }, label: cells.label, place }];
  });
}

/** The box inside its image: clipped, with a warning; undefined, with an error, where no part is inside. */
export function fitBox({ name, box, place }: BoxRow, { width, height }: ImageSize, issues: IssueList): Box | undefined {
  const inside = clipBox(box, width, height);
  const written = `(${box.x0}, ${box.y0}) to (${box.x1}, ${box.y1})`;
  const image = `"${name}" (${width} x ${height} pixels)`;
  if (inside.x1 <= inside.x0 || inside.y1 <= inside.y0) {
    issues.error(`the box ${written} lies outside of ${image}; are its pixels those of another size?`, place);
    return undefined;
  }
  if (EDGE_KEYS.some((edge) => inside[edge] !== box[edge])) {
    issues.warning('boxes clipped', `the box ${written} reaches out of ${image}: clipped`, place);
  }
  return inside;
}

const EDGE_KEYS = ['x0', 'y0', 'x1', 'y1'] as const;
