import type { Sample } from '../data/dataset.js';
import { decodeImage } from '../data/decode.js';
import { filmScanOf } from '../data/film-scan.js';
import type { Picture } from './contact-sheet.js';
import { pictureOf } from './contact-sheet.js';
import type { Detail } from './detail.js';
import { detailOf } from './detail.js';
import { readImageFile } from './inspect-file.js';
import type { ImageMeasures } from './measure.js';
import { measureImage, thumbnailOf } from './measure.js';
import { type SmallCopies, copySmall } from './patches.js';

export interface MeasureJob {
  readonly path: string;
  /** From 1. */
  readonly frame: number;
  /** What to draw a picture for the contact sheet with; undefined: none. */
  readonly drawn: Pick<Sample, 'label' | 'labels' | 'regions'> | undefined;
  /** Whether to make small copies, for the check of the background. */
  readonly copied: boolean;
}

export interface MeasuredFile {
  readonly measures: ImageMeasures;
  readonly detail: Detail | undefined;
  readonly picture: Picture | undefined;
  readonly copies: SmallCopies | undefined;
}

/** @throws WeakspotError `data` where the file is missing or not a usable image. */
export async function measureFile({ path, frame, drawn, copied }: MeasureJob): Promise<MeasuredFile> {
  const bytes = await readImageFile(path);
  const image = await decodeImage(bytes, path, { frame, scan: await filmScanOf(path) });
  return {
    measures: measureImage(image, bytes.length, path),
    detail: detailOf(thumbnailOf(image)),
    picture: drawn === undefined ? undefined : pictureOf(image, drawn),
    copies: copied ? copySmall(image) : undefined,
  };
}
