import type { Box, Region } from '@weakspot/core';
import { clipRegion, regionBounds, scaleRegion, WeakspotError } from '@weakspot/core';
import type { ClassChoice } from './classes.js';
import { mapLimited } from './concurrency.js';
import type { LabelledFile } from './dataset.js';
import { imageSize } from './decode.js';
import type { ImageSize } from './image.js';
import type { IssueList, IssuePlace } from './issues.js';

/** Image headers read at once. */
const CONCURRENCY = 16;

/** A region of ground truth as its reader found it, before the image's size is known. */
export interface RegionRow {
  /** Name of the sample it is on. */
  readonly name: string;
  /** In pixels of the stored image, or of one of size `within`. */
  readonly region: Region;
  /**
   * Size of the image that the region's pixels are those of, where the annotation says it; a stored image of another
   * size is taken for the same image resized.
   */
  readonly within?: ImageSize;
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

  const known = new Map<string, ImageSize>();
  const unreadable = new Set<string>();
  names.forEach((name, i) => {
    const size = sizes[i] as ImageSize | WeakspotError;
    if (!(size instanceof WeakspotError)) {
      known.set(name, size);
      return;
    }
    unreadable.add(name);
    const reason = size.issues[0]?.message ?? size.message;
    issues.leftOut(options.strict, `image "${name}" cannot be read: ${reason}`, { file: pathOf(name) });
  });

  const regions = new Map<string, PlacedRegion[]>();
  for (const row of mine) {
    const size = known.get(row.name);
    const region = size === undefined ? undefined : fitRegion(row, size, issues);
    if (region === undefined) continue;
    const others = regions.get(row.name);
    const placed: PlacedRegion = { region, label: row.label };
    if (others === undefined) regions.set(row.name, [placed]);
    else others.push(placed);
  }
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

/** The region inside its image: clipped, with a warning; undefined, with an error, where no part is inside. */
function fitRegion({ name, region, within, place }: RegionRow, size: ImageSize, issues: IssueList): Region | undefined {
  const { width, height } = size;
  const [factorX, factorY] = within === undefined ? [1, 1] : [width / within.width, height / within.height];
  const scaled = factorX === 1 && factorY === 1 ? region : scaleRegion(region, factorX, factorY);
  const inside = clipRegion(scaled, width, height);
  const what = region.kind;
  const { x0, y0, x1, y1 } = regionBounds(scaled);
  const written = `(${x0}, ${y0}) to (${x1}, ${y1})`;
  const image = `"${name}" (${width} x ${height} pixels)`;
  if (inside === undefined) {
    issues.error(`the ${what} ${written} lies outside of ${image}; are its pixels those of another size?`, place);
    return undefined;
  }
  if (reachesOut({ x0, y0, x1, y1 }, size)) {
    issues.warning(`${pluralOf(what)} clipped`, `the ${what} ${written} reaches out of ${image}: clipped`, place);
  }
  return inside;
}

function reachesOut({ x0, y0, x1, y1 }: Box, { width, height }: ImageSize): boolean {
  return x0 < 0 || y0 < 0 || x1 > width || y1 > height;
}

async function sizeOrError(path: string): Promise<ImageSize | WeakspotError> {
  try {
    return await imageSize(path);
  } catch (error) {
    if (error instanceof WeakspotError && error.code === 'data') return error;
    throw error;
  }
}
