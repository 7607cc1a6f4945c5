import type { Point, Region } from '@weakspot/core';
import type { Attributes } from '../../dicom/index.js';
import { readDataSet, unreadableDicom } from '../../dicom/index.js';
import type { DicomMark } from './seg-regions.js';
import { referenceOf } from './seg-regions.js';

/** Content items that are read of a report, and points of a graphic. */
const MAX_ITEMS = 100_000;
const MAX_POINTS = 10_000;
/** Corners of the polygon that stands for an ellipse. */
const CORNERS = 64;
/** Radius of the circle that stands for a point, in pixels. */
const POINT_RADIUS = 0.5;
/** Codes of a finding of a measurement group: of DICOM, and of SNOMED in older reports. */
const FINDING = new Set(['121071', '276214006']);

export interface GraphicMark extends DicomMark {
  /** In pixels of the image, from its top left corner (PS3.3 C.18.6.1); none of a graphic that can't be placed on it. */
  readonly regions: readonly Region[];
}

export interface ReportMarks {
  readonly marks: readonly GraphicMark[];
  /** Graphics that don't say which image they are on. */
  readonly unplaced: number;
  /** Graphics of kinds that have no area, or that are not one, in words. */
  readonly unread: readonly string[];
}

/**
 * The spatial coordinates (SCOORD) of a DICOM Structured Report, such as the measurements of TID 1500, on the images that
 * they are selected from. A closed polyline of three points or more is a polygon, and so is an ellipse; a line of two points
 * is the diameter of a circle, as a long axis is of a lesion; a point is a circle of half a pixel, so that it is hit within
 * the tolerance only. Coordinates in space (SCOORD3D) are not read: their
 * image has a mark without a region.
 *
 * A mark's label is the finding of the innermost group of measurements that has one.
 *
 * @throws WeakspotError `data` where it is not DICOM.
 */
export function readReport(bytes: Uint8Array, file: string): ReportMarks {
  const dataSet = readDataSet(bytes, file);
  if (dataSet.stopped !== undefined) throw unreadableDicom(file, dataSet.stopped);
  const graphics = graphicsOf(dataSet);
  if (graphics === undefined) throw unreadableDicom(file, `it has more than ${MAX_ITEMS} content items`);
  const images = new Set(graphics.images.map(({ instance }) => instance));
  const marks: GraphicMark[] = [];
  const unread: string[] = [];
  let unplaced = 0;
  for (const { item, label, number } of graphics.graphics) {
    const read = regionsOf(item);
    if (typeof read === 'string') unread.push(read);
    // What can't be placed on its image is a finding of it all the same.
    const regions = typeof read === 'string' ? [] : read;
    const own = item.items('ContentSequence').flatMap(imageOf);
    const references = own.length > 0 ? own : images.size === 1 ? graphics.images.slice(0, 1) : [];
    if (references.length === 0) unplaced++;
    for (const reference of references) marks.push({ ...reference, label, item: number, regions });
  }
  return { marks, unplaced, unread };
}

interface Graphic {
  readonly item: Attributes;
  readonly label: string | undefined;
  readonly number: number;
}

/** The graphics and image references of the content tree, in its order; undefined where it is too large. */
function graphicsOf(
  root: Attributes,
): { graphics: Graphic[]; images: Pick<DicomMark, 'instance' | 'frames'>[] } | undefined {
  const graphics: Graphic[] = [];
  const images: Pick<DicomMark, 'instance' | 'frames'>[] = [];
  const waiting: { item: Attributes; label: string | undefined }[] = [{ item: root, label: undefined }];
  for (let number = 0; ; number++) {
    const next = waiting.pop();
    if (next === undefined) return { graphics, images };
    if (number > MAX_ITEMS) return undefined;
    const { item } = next;
    images.push(...imageOf(item));
    const children = item.items('ContentSequence');
    const label = children.flatMap((child) => findingOf(child) ?? [])[0] ?? next.label;
    if (/^SCOORD(3D)?$/.test(item.string('ValueType') ?? '')) graphics.push({ item, label, number });
    for (const child of children.toReversed()) waiting.push({ item: child, label });
  }
}

function findingOf(item: Attributes): string | undefined {
  if (item.string('ValueType') !== 'CODE') return undefined;
  const name = item.items('ConceptNameCodeSequence')[0]?.string('CodeValue');
  return name !== undefined && FINDING.has(name)
    ? item.items('ConceptCodeSequence')[0]?.string('CodeMeaning')
    : undefined;
}

function imageOf(item: Attributes): Pick<DicomMark, 'instance' | 'frames'>[] {
  if (item.string('ValueType') !== 'IMAGE') return [];
  return item.items('ReferencedSOPSequence').flatMap((reference) => referenceOf(reference) ?? []);
}

function regionsOf(item: Attributes): Region[] | string {
  if (item.string('ValueType') === 'SCOORD3D') return 'coordinates in space (SCOORD3D)';
  const numbers = item.numbers('GraphicData');
  const type = item.string('GraphicType') ?? 'nothing';
  if (numbers.length > 2 * MAX_POINTS) return `a graphic of more than ${MAX_POINTS} points`;
  if (numbers.length < 2 || numbers.length % 2 === 1 || !numbers.every(Number.isFinite))
    return 'a graphic without points';
  const points = Array.from({ length: numbers.length / 2 }, (_, i): Point => {
    return { x: numbers[2 * i] as number, y: numbers[2 * i + 1] as number };
  });
  const [a, b, c, d] = points as [Point, ...(Point | undefined)[]];
  switch (type) {
    case 'POINT':
    case 'MULTIPOINT':
      return points.map(({ x, y }) => ({ kind: 'circle', x, y, radius: POINT_RADIUS }));
    case 'CIRCLE':
      return b === undefined ? 'a circle of one point' : circle(a, Math.hypot(b.x - a.x, b.y - a.y));
    case 'ELLIPSE':
      return b === undefined || c === undefined || d === undefined
        ? 'an ellipse of less than four points'
        : ellipse(a, b, c, d);
    case 'POLYLINE':
      return polyline(points);
    default:
      return `a graphic of type ${/^\w{1,16}$/.test(type) ? type : 'unknown'}`;
  }
}

function circle({ x, y }: Point, radius: number): Region[] | string {
  return radius > 0 ? [{ kind: 'circle', x, y, radius }] : 'a circle without area';
}

function polyline(points: readonly Point[]): Region[] | string {
  const [first, last] = [points[0] as Point, points.at(-1) as Point];
  const isClosed = points.length > 2 && first.x === last.x && first.y === last.y;
  const corners = isClosed ? points.slice(0, -1) : points;
  if (corners.length > 2) return [{ kind: 'polygon', points: corners }];
  const [a, b] = corners;
  if (a === undefined || b === undefined) return 'a polyline of one point';
  return circle({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, Math.hypot(b.x - a.x, b.y - a.y) / 2);
}

/** From the ends of its major and of its minor axis. */
function ellipse(a: Point, b: Point, c: Point, d: Point): Region[] | string {
  const [x, y] = [(a.x + b.x) / 2, (a.y + b.y) / 2];
  const [u, v] = [
    { x: (b.x - a.x) / 2, y: (b.y - a.y) / 2 },
    { x: (d.x - c.x) / 2, y: (d.y - c.y) / 2 },
  ];
  if (u.x * v.y - u.y * v.x === 0) return 'an ellipse without area';
  const points = Array.from({ length: CORNERS }, (_, i): Point => {
    const [cos, sin] = [Math.cos((2 * Math.PI * i) / CORNERS), Math.sin((2 * Math.PI * i) / CORNERS)];
    return { x: x + u.x * cos + v.x * sin, y: y + u.y * cos + v.y * sin };
  });
  return [{ kind: 'polygon', points }];
}
