import { messageOf } from '@weakspot/core';
import type { LosslessJpeg } from '../dicom/index.js';
import { decodeLosslessJpeg } from '../dicom/index.js';
import type { FilmScan } from './film-scan.js';
import { levelsToDensity } from './film-scan.js';
import type { DecodedImage, ImageSize } from './image.js';
import { plainImage, unreadableImage } from './image.js';

/**
 * The size of a lossless JPEG: that of the scan where it is known. The headers of some films of DDSM have width and height
 * swapped, or divide the same pixels otherwise.
 *
 * @throws WeakspotError `data` where the scan has another number of pixels.
 */
export function filmSize({ width, height }: ImageSize, scan: FilmScan | undefined, file: string): ImageSize {
  if (scan === undefined) return { width, height };
  if (width * height === scan.width * scan.height) return { width: scan.width, height: scan.height };
  const message = `its header says ${width} x ${height} pixels, the .ics file ${scan.width} x ${scan.height}`;
  throw unreadableImage(file, message);
}

/**
 * The samples of a bare lossless JPEG (ITU-T T.81 process 14) of one component, in the scan's size.
 *
 * @throws WeakspotError `data` naming the file and the reason.
 */
export async function filmSamples(bytes: Uint8Array, scan: FilmScan | undefined, file: string): Promise<LosslessJpeg> {
  const decoded = await decodeLosslessJpeg(bytes).catch((error: unknown) => {
    const isFault = error instanceof Error && error.name === 'RuntimeError';
    throw unreadableImage(file, isFault ? 'it is damaged' : messageOf(error), error);
  });
  return { ...decoded, ...filmSize(decoded, scan, file) };
}

/** Decodes a lossless JPEG: of a film of DDSM to optical density, else to its samples. Throws as `filmSamples`. */
export async function decodeFilm(bytes: Uint8Array, scan: FilmScan | undefined, file: string): Promise<DecodedImage> {
  const film = await filmSamples(bytes, scan, file);
  if (scan === undefined) return plainImage(film.pixels, film, 2 ** film.bitsPerSample - 1);
  return plainImage(levelsToDensity(film.pixels, scan.digitizer), film, 65535);
}
