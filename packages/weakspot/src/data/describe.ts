import { createHash } from 'node:crypto';
import type { StoredSamples } from '../dicom/index.js';
import { describeDicom, isDicom, isDicomDirectory, losslessJpegSize } from '../dicom/index.js';
import { bmpSamples, isBmp, readBmpHeader } from './bmp.js';
import { checkSize, refuseForeign, samples, withSharp } from './decode.js';
import { filmSamples } from './film.js';
import type { FilmScan } from './film-scan.js';
import type { DecodedImage } from './image.js';
import { unreadableImage } from './image.js';
import { decodePgm, isNetpbm } from './netpbm.js';
import type { Orientation } from './orientation.js';
import { orientationOf } from './orientation.js';

/** What a file holds: its format, and its decoded samples before any lookup table or window. */
export interface StoredDescription extends StoredSamples {
  /** `dicom`, `pgm`, `bmp`, `lossless jpeg`, or the image library's name: `png`, `jpeg`, `tiff`. */
  readonly format: string;
  /** EXIF or TIFF orientation by which `decodeImage` turns these samples; none where they are as they are shown. */
  readonly orientation?: Orientation;
}

/**
 * Describes the samples that a file stores, of all frames of DICOM, of the first page of other formats: as many per pixel
 * as there are, an alpha channel with them (of BMP without it); a palette's colours, of BMP grey where all of them are.
 *
 * @param file Name for messages.
 * @param scan Of a film of DDSM, whose size it is then.
 * @throws WeakspotError `data` naming the file and the reason, where `decodeImage` would not read it either.
 */
export async function describeStored(bytes: Uint8Array, file: string, scan?: FilmScan): Promise<StoredDescription> {
  if (bytes.length === 0) throw unreadableImage(file, 'the file is empty');
  if (isDicomDirectory(bytes)) await refuseForeign(bytes, file);
  if (isDicom(bytes)) return { format: 'dicom', ...(await describeDicom(bytes, file)) };
  if (isNetpbm(bytes)) {
    const { pixels, width, height, highest } = decodePgm(bytes, file);
    return describe('pgm', pixels, [height, width], Math.ceil(Math.log2(highest + 1)));
  }
  if (losslessJpegSize(bytes) !== undefined) {
    const { pixels, width, height, bitsPerSample } = await filmSamples(bytes, scan, file);
    return describe('lossless jpeg', pixels, [height, width], scan?.bitsPerPixel ?? bitsPerSample);
  }
  if (isBmp(bytes)) {
    checkSize(readBmpHeader(bytes, file), file);
    const { pixels, width, height, channels } = await bmpSamples(bytes, file);
    return describe('bmp', pixels, [height, width, ...(channels > 1 ? [channels] : [])], 8);
  }
  return withSharp(bytes, file, async (image, metadata) => {
    const wide = metadata.depth === 'ushort';
    // Naming the colour space that the file has keeps the library from bringing samples to another depth.
    const space = metadata.channels <= 2 ? (wide ? 'grey16' : 'b-w') : wide ? 'rgb16' : 'srgb';
    const raw = image.toColourspace(space).raw({ depth: wide ? 'ushort' : 'uchar' });
    const { data, info } = await raw.toBuffer({ resolveWithObject: true });
    const shape = [info.height, info.width, ...(info.channels > 1 ? [info.channels] : [])];
    const orientation = orientationOf(metadata.orientation);
    const found = describe(metadata.format, samples(data, metadata.depth), shape, wide ? 16 : 8);
    return orientation === 1 ? found : { ...found, orientation };
  });
}

function describe(
  format: string,
  pixels: DecodedImage['pixels'],
  shape: readonly number[],
  bitsStored: number,
): StoredDescription {
  let [min, max] = [Infinity, -Infinity];
  for (const value of pixels) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const sha256 = createHash('sha256').update(pixels).digest('hex');
  const dtype = pixels instanceof Uint16Array ? 'uint16' : 'uint8';
  return {
    format,
    transferSyntax: undefined,
    shape,
    dtype,
    bitsStored,
    min,
    max,
    sha256,
    sha256Native: sha256,
  };
}
