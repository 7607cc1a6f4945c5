import type { Box, Region } from '@weakspot/core';
import { clipRegion, regionBounds, scaleRegion, WeakspotError } from '@weakspot/core';
import type { ClassChoice } from './classes.js';
import { mapLimited } from './concurrency.js';
import type { LabelledFile } from './dataset.js';
import { imageGeometry } from './decode.js';
import type { ImageSize } from './image.js';
import type { IssueList, IssuePlace } from './issues.js';
import type { ImageGeometry } from './orientation.js';
import { frameOf, orientationInWords, turnRegion } from './orientation.js';

/** Image headers read at once. */
const CONCURRENCY = 16;

/** A region of ground truth as its reader found it, before the image's size is known. */
export interface RegionRow {
  /** Name of the sample it is on. */
  readonly name: string;
  /** In pixels of the image, or of one of size `within`. */
  readonly region: Region;
  /**
   * Size of the image that the region's pixels are those of, where the annotation says it; an image of another
   * size is taken for the same image resized. Of an image with an EXIF orientation it tells whether the region is in
   * pixels of the image as it is shown or as it is stored.
   */
  readonly within?: ImageSize;
  /** Whether it is in pixels of the image as it is shown wherever the size doesn't tell. */
  readonly asShown?: boolean;
  /** Class of what was marked, where the annotation says it. */
  readonly label: string | undefined;
  readonly place: IssuePlace;
}

export interface PlacedRegion {
  readonly region: Region;
  readonly label: string | undefined;
}

export interface GroundTruth {
  /** By sample name, clipped to the image, in the rows' order. */
  readonly regions: ReadonlyMap<string, readonly PlacedRegion[]>;
  /** Samples whose image header can't be read. */
  readonly unreadable: ReadonlySet<string>;
}

/** The files of a set by name; `undefined` stands for one that was left out, and reported, before. */
export type FilesByName = ReadonlyMap<string, LabelledFile | undefined>;

/** Puts regions on the samples they belong to. Reads the headers of images with regions, for their size. */
export async function placeRegions(
  rows: readonly RegionRow[],
  files: FilesByName,
  choice: ClassChoice,
  options: {
    readonly strict: boolean;
    readonly signal: AbortSignal | undefined;
    /** Of a multi-label set, the classes of an image. */
    readonly labelsOf?: (file: LabelledFile) => readonly string[];
  },
  issues: IssueList,
): Promise<GroundTruth> {
  const mine = rows.filter((row) => belongs(row, files, choice, options.labelsOf, issues));
  const names = [...new Set(mine.map((row) => row.name))];
  const pathOf = (name: string): string => files.get(name)?.path ?? name;
  const sizes = await mapLimited(names, CONCURRENCY, async (name) => sizeOrError(pathOf(name)), options.signal);

  const known = new Map<string, ImageGeometry>();
  const unreadable = new Set<string>();
  names.forEach((name, i) => {
    const size = sizes[i] as ImageGeometry | WeakspotError;
    if (!(size instanceof WeakspotError)) {
      known.set(name, size);
      return;
    }
    unreadable.add(name);
    const reason = size.issues[0]?.message ?? size.message;
    issues.leftOut(options.strict, `image "${name}" cannot be read: ${reason}`, { file: pathOf(name) });
  });

  const regions = new Map<string, PlacedRegion[]>();
  const unknown = new Set<string>();
  let first: { readonly row: RegionRow; readonly size: ImageGeometry } | undefined;
  for (const row of mine) {
    const size = known.get(row.name);
    if (size === undefined || unknown.has(row.name)) continue;
    const frame = frameOf(row.within, size) ?? (row.asShown === true ? 'shown' : undefined);
    if (frame === undefined) {
      unknown.add(row.name);
      first ??= { row, size };
      continue;
    }
    const region = fitRegion(row, frame, size, issues);
    if (region === undefined) continue;
    const others = regions.get(row.name);
    const placed: PlacedRegion = { region, label: row.label };
    if (others === undefined) regions.set(row.name, [placed]);
    else others.push(placed);
  }
  if (first !== undefined) issues.error(unknownFrame(first.row, first.size, unknown.size - 1), first.row.place);
  return { regions, unreadable };
}

/** Whether the region is on a sample of the set, and of its class; what is odd about it is reported. */
function belongs(
  { name, region, label, place }: RegionRow,
  files: FilesByName,
  { classes, positive }: ClassChoice,
  labelsOf: ((file: LabelledFile) => readonly string[]) | undefined,
  issues: IssueList,
): boolean {
  const file = files.get(name);
  const what = region.kind;
  if (file === undefined) {
    if (!files.has(name))
      issues.warning(`${pluralOf(what)} without a label`, `"${name}" has a ${what} but no label: left out`, place);
    return false;
  }
  const labels = labelsOf?.(file) ?? [file.label];
  if (label !== undefined && !labels.includes(label) && classes.includes(label)) {
    const message = `the ${what} is labelled "${label}", its image "${name}" is labelled "${file.label}": left out`;
    issues.warning(`${pluralOf(what)} of another class`, message, { ...place, field: 'label' });
    return false;
  }
  if (labelsOf === undefined && classes.length === 2 && file.label !== classes[positive]) {
    const message = `"${name}" is labelled "${file.label}" and has a ${what}`;
    issues.warning(`${pluralOf(what)} on negative images`, message, place);
  }
  return true;
}

function pluralOf(kind: Region['kind']): string {
  return kind === 'box' ? 'boxes' : `${kind}s`;
}

/** Said once, of the first of such images. */
function unknownFrame(
  { name, region, within }: RegionRow,
  { orientation, width, height }: ImageGeometry,
  others: number,
): string {
  const more = others === 0 ? '' : `, nor for ${others} more images`;
  const from = within === undefined || within.width <= 1 ? '' : ` from its size, ${within.width} x ${within.height}`;
  return (
    `"${name}" has the EXIF orientation ${orientation}: it is shown ${orientationInWords(orientation)}, as ${width} x ${height} pixels. ` +
    `It cannot be inferred${from} whether the ${region.kind} was drawn on it as shown or as stored${more}: save the images again with the turn applied ` +
    '(mogrify -auto-orient) or removed (exiftool -Orientation=), whichever fits'
  );
}

/** The region inside its image as shown: clipped, with a warning; undefined, with an error, where no part is inside. */
function fitRegion(
  { name, region, within, place }: RegionRow,
  frame: 'shown' | 'stored',
  size: ImageGeometry,
  issues: IssueList,
): Region | undefined {
  const { width, height, stored, orientation } = size;
  const own = frame === 'stored' ? stored : size;
  const [factorX, factorY] = within === undefined ? [1, 1] : [own.width / within.width, own.height / within.height];
  const resized = factorX === 1 && factorY === 1 ? region : scaleRegion(region, factorX, factorY);
  const scaled = frame === 'stored' ? turnRegion(resized, orientation, stored) : resized;
  const inside = clipRegion(scaled, width, height);
  const what = region.kind;
  const { x0, y0, x1, y1 } = regionBounds(scaled);
  const written = `(${x0}, ${y0}) to (${x1}, ${y1})`;
  const image = `"${name}" (${width} x ${height} pixels)`;
  if (inside === undefined) {
    issues.error(`the ${what} ${written} lies outside of ${image}; were its pixels measured at another size?`, place);
    return undefined;
  }
  // A table that says no size may have been made with parts of it, as of YOLO; masks count in whole pixels, and a circle may
  // mark a point.
  const isPart = x0 >= 0 && y0 >= 0 && x1 <= 1 && y1 <= 1 && ![x0, y0, x1, y1].every(Number.isInteger);
  if ((what === 'box' || what === 'polygon') && isPart && Math.min(width, height) > 1) {
    const message = `the ${what} ${written} is within the first pixel of ${image}; are its numbers parts of the width and height? Write pixels`;
    issues.error(message, place);
    return undefined;
  }
  if (reachesOut({ x0, y0, x1, y1 }, size)) {
    issues.warning(`${pluralOf(what)} clipped`, `the ${what} ${written} extends beyond ${image}: clipped`, place);
  }
  return inside;
}

function reachesOut({ x0, y0, x1, y1 }: Box, { width, height }: ImageSize): boolean {
  return x0 < 0 || y0 < 0 || x1 > width || y1 > height;
}

async function sizeOrError(path: string): Promise<ImageGeometry | WeakspotError> {
  try {
    return await imageGeometry(path);
  } catch (error) {
    if (error instanceof WeakspotError && error.code === 'data') return error;
    throw error;
  }
}
