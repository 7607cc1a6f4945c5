import { join } from 'node:path';
import type { RegionRow } from '../ground-truth.js';
import type { IssueList } from '../issues.js';
import type { Mark } from './annotated-set.js';
import { readCocoFile } from './coco-file.js';
import { stemOf } from './found-images.js';
import { mapReporting } from './map-reporting.js';
import { MaskBudget } from './mask-budget.js';
import type { FolderListing } from './reader.js';
import { readVocAnnotations } from './voc-annotations.js';

/** Annotation files read at once. */
const CONCURRENCY = 16;

/** A box of TBX11K, on the image whose file has this name without its ending. */
export interface LesionBox extends Omit<RegionRow, 'name' | 'label'> {
  readonly stem: string;
  /** `ActiveTuberculosis`, `ObsoletePulmonaryTuberculosis` or `PulmonaryTuberculosis`. */
  readonly finding: string;
}

/** Whether it is one of the set's Pascal VOC files: only images with tuberculosis, `tb0001` and on, have such. */
export function isLesionFile(name: string): boolean {
  return /^tb\d{4}$/i.test(stemOf(name)) && /\.xml$/i.test(name);
}

/**
 * The boxes of TBX11K: from Pascal VOC, in pixels of images of the original size, which the files give and the published
 * images don't have; where that is not there from COCO, in pixels of the published images.
 */
export async function readLesionBoxes(
  { root, files }: FolderListing,
  issues: IssueList,
  signal: AbortSignal | undefined,
): Promise<LesionBox[]> {
  const voc = files.filter(isLesionFile);
  const read = await mapReporting(voc, CONCURRENCY, issues, (name, own) => readVoc(join(root, name), own), signal);
  if (voc.length > 0) return read.flat();
  const boxes: LesionBox[] = [];
  const seen = new Set<string>();
  for (const name of files.filter((other) => /(^|\/)(TBX11K|all)_[^/]*\.json$/i.test(other))) {
    const found = await readCoco(join(root, name), issues);
    // The files of the parts overlap: what one says of an image, the others repeat.
    boxes.push(...found.filter(({ stem }) => !seen.has(stem)));
    for (const { stem } of found) seen.add(stem);
  }
  return boxes;
}

async function readVoc(file: string, issues: IssueList): Promise<LesionBox[]> {
  const marks = (await readVocAnnotations(file, issues)).flatMap((annotation) => annotation.marks);
  const unsized = marks.find(({ within }) => within === undefined);
  if (unsized === undefined) return marks.flatMap((mark) => toBox(stemOf(file), mark));
  const message = 'the size of the image, in whose pixels the boxes are given, is missing';
  issues.error(message, { ...unsized.place, field: 'size' });
  return [];
}

async function readCoco(file: string, issues: IssueList): Promise<LesionBox[]> {
  const read = await readCocoFile(file, new MaskBudget(), issues);
  return (read?.images ?? []).flatMap(({ name, marks }) => marks.flatMap((mark) => toBox(stemOf(name), mark)));
}

function toBox(stem: string, { label, region, within, place }: Mark): LesionBox[] {
  if (label === undefined || region === undefined) return [];
  return [{ stem, finding: label, region, place, ...(within === undefined ? {} : { within }) }];
}
