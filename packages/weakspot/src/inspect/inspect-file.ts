import { readFile } from 'node:fs/promises';
import { WeakspotError, messageOf } from '@weakspot/core';
import { imageSize } from '../data/decode.js';
import { describeStored } from '../data/describe.js';
import { filmScanOf } from '../data/film-scan.js';
import { hasImageEnding, kindOf } from '../data/files.js';
import { FOREIGN_HEAD, formatOf } from '../data/foreign.js';
import { unreadableImage } from '../data/image.js';
import { orientationInWords, orientationOf } from '../data/orientation.js';
import { firstBytes } from '../data/readers/peek.js';
import { renderTable } from '../report/table.js';

/** What one image file holds, before any lookup table or window. */
export interface FileInspection {
  readonly file: string;
  /** Of the file. */
  readonly bytes: number;
  /** `dicom`, `pgm`, `bmp`, `png`, `jpeg`, `tiff` and so on, told from the content. */
  readonly format: string;
  /** UID and name; null where it is no DICOM file. */
  readonly transferSyntax: string | null;
  readonly transferSyntaxName: string | null;
  /** Rows, columns; frames first where there are several, samples of a pixel last. */
  readonly shape: readonly number[];
  /** NumPy's name; `>` before it where the file is of Explicit VR Big Endian. */
  readonly dtype: string;
  /** EXIF or TIFF orientation, which is applied where the image is trained on or looked at; 1: as stored. */
  readonly orientation: number;
  /** Bits stored of each sample. */
  readonly depth: number;
  readonly min: number;
  readonly max: number;
  /** SHA-256, hexadecimal, of the decoded array: C order, byte order of `dtype`. */
  readonly sha256: string;
  /** The same in the byte order of the machine; another one only where `dtype` has a `>`. */
  readonly sha256Native: string;
}

/**
 * Whether a path is an image or DICOM file, or one of a format that is not read, rather than a data set or a table: by its
 * name's ending, else by its content.
 */
export async function isImageFile(path: string): Promise<boolean> {
  if ((await kindOf(path)) !== 'file') return false;
  if (hasImageEnding(path) || (await formatOf(await firstBytes(path, FOREIGN_HEAD))) !== undefined) return true;
  return imageSize(path).then(
    () => true,
    () => false,
  );
}

/**
 * Describes the samples that an image file stores: of DICOM all frames, of other formats the first page.
 * @throws WeakspotError `data` naming the file and the reason where it cannot be decoded.
 */
export async function inspectFile(path: string): Promise<FileInspection> {
  const bytes = await readImageFile(path);
  const {
    transferSyntax,
    bitsStored,
    format,
    orientation = 1,
    shape,
    dtype,
    min,
    max,
    ...hashes
  } = await describeStored(bytes, path, await filmScanOf(path));
  return {
    file: path,
    bytes: bytes.length,
    format,
    transferSyntax: transferSyntax?.uid ?? null,
    transferSyntaxName: transferSyntax?.name ?? null,
    shape,
    dtype,
    orientation,
    depth: bitsStored,
    min,
    max,
    ...hashes,
  };
}

/** @throws WeakspotError `data` naming the file and the reason. */
export async function readImageFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof WeakspotError) throw error;
    throw unreadableImage(path, `it cannot be read: ${messageOf(error)}`, error);
  }
}

/** What a file holds, for a person. */
export function describeFile(found: FileInspection): string {
  const { transferSyntax, transferSyntaxName, shape, dtype, orientation, depth, min, max, sha256 } = found;
  return renderTable(
    ['What', 'Found'],
    [
      ['file', found.file],
      ['format', found.format],
      ...(transferSyntax === null ? [] : [['transfer syntax', `${transferSyntaxName} (${transferSyntax})`]]),
      ['shape', shape.join(' x ')],
      ...(orientation === 1
        ? []
        : [['EXIF orientation', `${orientation}: shown ${orientationInWords(orientationOf(orientation))}`]]),
      ['samples', `${dtype}, ${depth} bits stored`],
      ['range', `${min} to ${max}`],
      ['SHA-256', sha256],
    ],
    { textColumns: 2 },
  );
}
