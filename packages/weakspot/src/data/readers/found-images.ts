import { basename, extname, join } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import type { LabelledFile } from '../dataset.js';
import { hasImageEnding, kindOf, listFilesBelow, maybeImage, sampleName } from '../files.js';
import { imagesAmong } from '../image-files.js';
import type { IssueList, IssuePlace } from '../issues.js';
import type { FolderListing } from './reader.js';

/** An image file of a set. */
export interface FoundImage {
  /** Sample name: relative to the set's folder or, elsewhere, to the folder given with `--images`; `/`-separated. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
}

/** How the images of a set are told from its other files. */
export interface ImageNaming {
  /** What identifies an image in the set's tables, from its path; undefined where it is none of the set's images. */
  idOf(name: string): string | undefined;
  /** Whether the path is that of a picture which is no image of the set, such as a mask. */
  isOther?(name: string): boolean;
  /** Whether files that do not end like images are looked into; what is none of them is counted as passed over. */
  readonly byContent?: boolean;
}

/** `CHNCXR_0001_0` of `CXR_png/CHNCXR_0001_0.png`. */
export function stemOf(name: string): string {
  return basename(name, extname(name));
}

/**
 * The images of a set by what identifies them: those below `images` first, then those where the set has them. Pictures
 * that are not told apart are reported, and so are further files of the same image.
 *
 * @throws WeakspotError `data` where `images` is no folder that can be read.
 */
export async function findImages(
  { root, files }: FolderListing,
  images: string | undefined,
  naming: ImageNaming,
  issues: IssueList,
): Promise<Map<string, FoundImage>> {
  const found = new Map<string, FoundImage>();
  const add = (name: string, path: string): void => {
    if (naming.isOther?.(name) === true) return;
    const id = naming.idOf(name);
    if (id === undefined) {
      issues.warning('images of no known name', 'its name does not belong to this set: left out', { file: path });
      return;
    }
    const first = found.get(id);
    if (first === undefined) found.set(id, { name, path });
    else if (first.path !== path) {
      const message = `this is image ${id} again, after "${first.name}": left out`;
      issues.warning('images that are there twice', message, { file: path });
    }
  };
  if (images !== undefined) {
    if ((await kindOf(images)) !== 'folder') throw new WeakspotError('data', `there is no image folder ${images}`);
    const names = await listFilesBelow(images, { passed: issues.passedOver });
    for (const name of await imagesIn(images, names, naming, issues)) {
      const path = join(images, name);
      const inSet = sampleName(root, path);
      add(inSet === path.replaceAll('\\', '/') ? name : inSet, path);
    }
  }
  for (const name of await imagesIn(root, files, naming, issues)) add(name, join(root, name));
  return found;
}

async function imagesIn(
  folder: string,
  names: readonly string[],
  { byContent = false }: ImageNaming,
  issues: IssueList,
): Promise<readonly string[]> {
  if (!byContent) return names.filter(hasImageEnding);
  // The annotations themselves lie among the images.
  return imagesAmong(folder, names.filter(maybeImage), issues.passedOver);
}

/** Whether the folder is this set by its images' names: all but a few of them are the set's. */
export function mostlyNamed({ files }: FolderListing, naming: ImageNaming): boolean {
  const images = files.filter((name) => hasImageEnding(name) && naming.isOther?.(name) !== true);
  const known = images.filter((name) => naming.idOf(name) !== undefined).length;
  return known > 0 && known >= 0.9 * images.length;
}

/** A labelled image as a set's table has it. */
export interface LabelledRow extends Omit<LabelledFile, 'name' | 'path' | 'line'> {
  readonly id: string;
  readonly place: IssuePlace;
}

/**
 * Joins the rows of a set's tables with the images that are there. Rows without an image and images without a row are
 * reported; where no image is there at all, that is an error.
 */
export function joinImages(
  rows: readonly LabelledRow[],
  images: ReadonlyMap<string, FoundImage>,
  root: string,
  issues: IssueList,
): LabelledFile[] {
  const rowIds = new Set(rows.map(({ id }) => id));
  const files = rows.flatMap(({ id, place, ...row }): LabelledFile[] => {
    const image = images.get(id);
    return image === undefined ? [] : [{ ...row, ...image, line: place.line }];
  });
  if (files.length === 0) {
    const message =
      rows.length === 0
        ? 'no row of its tables can be read'
        : `none of its ${rows.length} labelled images is here, such as ${rows[0]?.id}; give the image folder with --images`;
    if (!issues.hasErrors) issues.error(message, { file: root });
    return [];
  }
  for (const { id, place } of rows) {
    if (!images.has(id)) issues.warning('labelled images that are missing', `image ${id} is missing: left out`, place);
  }
  for (const [id, { path }] of images) {
    if (rowIds.has(id)) continue;
    issues.warning('images without a label', 'the image has no label (it is in no table): left out', { file: path });
  }
  return files;
}

/**
 * The files without their split where that of all of them is `train`: who has the training part of a set only draws a
 * test set from it.
 */
export function withoutLoneTraining(files: readonly LabelledFile[]): readonly LabelledFile[] {
  const whole = files.some(({ split }) => split !== 'train');
  return whole ? files : files.map((file) => ({ ...file, split: undefined }));
}
