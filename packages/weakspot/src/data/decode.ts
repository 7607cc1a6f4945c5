import { open, readFile, stat } from 'node:fs/promises';
import { luma, messageOf, WeakspotError } from '@weakspot/core';
import type { Metadata, Sharp } from 'sharp';
import sharp from 'sharp';
import {
  dicomFrames,
  dicomSize,
  greyFrame,
  isDicom,
  isDicomDirectory,
  losslessJpegSize,
  openDicom,
} from '../dicom/index.js';
import { decodeBmp, isBmp, readBmpHeader } from './bmp.js';
import { decodeFilm, filmSize } from './film.js';
import type { FilmScan } from './film-scan.js';
import { filmScanOf } from './film-scan.js';
import { foreignFormat, isTiffLike, notReadMessage } from './foreign.js';
import type { DecodedImage, ImageSize } from './image.js';
import { plainImage, unreadableImage } from './image.js';
import type { FailOn } from './jpeg-file.js';
import { decodeWholeJpeg, isJpeg } from './jpeg-file.js';
import { decodePgm, isNetpbm, readPgmHeader } from './netpbm.js';
import type { ImageGeometry, Orientation } from './orientation.js';
import { orientationOf, swapsSides } from './orientation.js';

export type { DecodedImage, ImageSize } from './image.js';

/** Longest side of an image that is decoded, in pixels: beyond lie damaged headers and decompression bombs. */
const MAX_SIDE = 16384;
/** Enough for the header of a PNG, of a PGM with long comments, and of most DICOM files. */
const HEADER_BYTES = 65536;

/** The image library's names of what is decoded by it. */
export const FORMATS: ReadonlySet<string> = new Set([
  'png',
  'jpeg',
  'tiff',
  'webp',
  'gif',
  'heif',
  'avif',
  'jp2',
  'jxl',
]);

export interface DecodeOptions {
  /** Frame of a DICOM file, from 1; the first unless given. */
  readonly frame?: number;
  /** How a film of DDSM was scanned (`filmScanOf`): its size and what its grey levels mean. */
  readonly scan?: FilmScan | undefined;
}

/**
 * Decodes an image file to grey. The format is told from the content: PNG, JPEG, TIFF, WebP and what else the image
 * library reads, PGM and BMP, 8 or 16 bits a sample; lossless JPEG of grey, as `decodeFilm`; and DICOM, whose values come
 * out after the modality LUT.
 *
 * Grey samples come out as stored: gamma tags and colour profiles are not applied. Colour becomes luma
 * `0.299 R + 0.587 G + 0.114 B` (ITU-R BT.601, as in JPEG), so that a grey image stored as colour is the same grey;
 * alpha is dropped. Of several pages the first is taken. An EXIF or TIFF orientation is applied: the image comes out as it is
 * shown, and ground truth and results refer to that.
 *
 * @param file Name for messages.
 * @throws WeakspotError `data` naming the file and the reason, where it is not an image, damaged, truncated, larger
 * than 16384 pixels a side, or, not being DICOM, holds signed or floating-point samples; where it has no such frame;
 * naming the format, where it is a known one that is not read.
 */
export async function decodeImage(
  bytes: Uint8Array,
  file: string,
  { frame = 1, scan }: DecodeOptions = {},
): Promise<DecodedImage> {
  if (bytes.length === 0) throw unreadableImage(file, 'the file is empty');
  if (isDicom(bytes)) {
    if (isDicomDirectory(bytes)) await refuseForeign(bytes, file);
    const image = openDicom(bytes, file);
    checkSize({ width: image.module.columns, height: image.module.rows }, file);
    return greyFrame(image, frame, file);
  }
  if (frame !== 1) throw unreadableImage(file, `it has no frame ${frame}: only DICOM files have several frames`);
  if (isNetpbm(bytes)) {
    checkSize(readPgmHeader(bytes, file), file);
    return decodePgm(bytes, file);
  }
  if (isBmp(bytes)) {
    checkSize(readBmpHeader(bytes, file), file);
    return decodeBmp(bytes, file);
  }
  const film = losslessJpegSize(bytes);
  if (film !== undefined) {
    checkSize(filmSize(film, scan, file), file);
    return decodeFilm(bytes, scan, file);
  }
  return withSharp(bytes, file, async (image, metadata) => {
    const shown = orientationOf(metadata.orientation) === 1 ? image : image.autoOrient();
    return metadata.channels <= 2 ? decodeGrey(shown, metadata) : decodeColour(shown, metadata);
  });
}

/**
 * What `use` makes of an image that the image library reads.
 *
 * @param input The file's bytes, or its path.
 * @param head The file's beginning, where `input` is its path.
 * @throws WeakspotError `data` naming the file and the reason, or the format where it is a known one that is not read.
 */
export async function withSharp<T>(
  input: Uint8Array | string,
  file: string,
  use: (image: Sharp, metadata: Metadata) => Promise<T>,
  head: Uint8Array = input as Uint8Array,
): Promise<T> {
  // Camera RAW is TIFF to the library, of which it would take the thumbnail.
  if (isTiffLike(head)) await refuseForeign(head, file);
  const decode = async (bytes: Uint8Array | string, failOn: FailOn): Promise<T> => {
    const image = openWithSharp(bytes, failOn);
    const metadata = await image.metadata();
    checkFormat(metadata, file);
    return use(image, metadata);
  };
  try {
    // Of a path, the header alone is read.
    return await (typeof input === 'string' || !isJpeg(input)
      ? decode(input, 'error')
      : decodeWholeJpeg(input, decode));
  } catch (error) {
    await refuseForeign(head, file);
    throw error instanceof WeakspotError ? error : unreadableImage(file, reasonOf(error), error);
  }
}

/** @throws WeakspotError `data` naming the file and its format, where that is a known one that is not read. */
export async function refuseForeign(head: Uint8Array, file: string): Promise<void> {
  const format = await foreignFormat(head);
  if (format !== undefined) {
    throw unreadableImage(file, notReadMessage(format), undefined, 'DICOM, PNG, JPEG, TIFF, BMP and PGM are read.');
  }
}

/**
 * Width and height from the file's header, as `decodeImage` would return them.
 *
 * @throws WeakspotError `data` naming the file and the reason.
 */
export async function imageSize(path: string): Promise<ImageSize> {
  const { width, height } = await imageGeometry(path);
  return { width, height };
}

/** As `imageSize`, and how the image is turned for that. */
export async function imageGeometry(path: string): Promise<ImageGeometry> {
  try {
    const head = await readHead(path);
    if (head.length === 0) throw unreadableImage(path, 'the file is empty');
    const { width, height, orientation } = await sizeOf(head, path);
    const stored = { width, height };
    checkSize(stored, path);
    return { ...(swapsSides(orientation) ? { width: height, height: width } : stored), orientation, stored };
  } catch (error) {
    throw error instanceof WeakspotError ? error : unreadableImage(path, reasonOf(error), error);
  }
}

/**
 * How many frames an image file says it has: of other formats than DICOM one. A number that more than the file's bytes would
 * take, as of a damaged header, is none.
 *
 * @throws WeakspotError `data` naming the file and the reason.
 */
export async function imageFrames(path: string): Promise<number> {
  try {
    const head = await readHead(path);
    if (!isDicom(head)) return 1;
    const frames = dicomFrames(head, path) ?? dicomFrames(await readFile(path), path) ?? 1;
    if (Number.isInteger(frames) && frames >= 1 && frames <= (await stat(path)).size) return frames;
    throw unreadableImage(path, `its header says that it has ${frames} frames`);
  } catch (error) {
    throw error instanceof WeakspotError ? error : unreadableImage(path, reasonOf(error), error);
  }
}

/** How many frames an image that decodes has: of other formats than DICOM one. */
export function framesOf(bytes: Uint8Array, file: string): number {
  return isDicom(bytes) ? (dicomFrames(bytes, file) ?? 1) : 1;
}

/** The size as stored. */
async function sizeOf(head: Uint8Array, path: string): Promise<ImageSize & { readonly orientation: Orientation }> {
  if (isNetpbm(head)) return { ...readPgmHeader(head, path), orientation: 1 };
  if (isBmp(head)) return { ...readBmpHeader(head, path), orientation: 1 };
  const film = losslessJpegSize(head);
  if (film !== undefined) return { ...filmSize(film, await filmScanOf(path), path), orientation: 1 };
  if (!isDicom(head)) {
    const png = pngSize(head);
    if (png !== undefined) return { ...png, orientation: 1 };
    return withSharp(path, path, async (_, metadata) => orientedSize(metadata), head);
  }
  if (isDicomDirectory(head)) await refuseForeign(head, path);
  const size = dicomSize(head, path) ?? dicomSize(await readFile(path), path);
  if (size === undefined) throw unreadableImage(path, 'its header does not give the number of rows and columns');
  return { ...size, orientation: 1 };
}

function openWithSharp(input: Uint8Array | string, failOn: FailOn): Sharp {
  // `error`: a truncated file fails, a harmless oddity (an unknown TIFF tag) does not.
  return sharp(input, { failOn, ignoreIcc: true, limitInputPixels: MAX_SIDE * MAX_SIDE });
}

async function decodeGrey(image: Sharp, { depth }: Metadata): Promise<DecodedImage> {
  const grey = image.removeAlpha().toColourspace(depth === 'ushort' ? 'grey16' : 'b-w');
  const { data, info } = await grey
    .raw({ depth: depth === 'ushort' ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return asImage(info.width, info.height, samples(data, depth));
}

async function decodeColour(image: Sharp, { depth }: Metadata): Promise<DecodedImage> {
  const colour = image.removeAlpha().toColourspace(depth === 'ushort' ? 'rgb16' : 'srgb');
  const { data, info } = await colour
    .raw({ depth: depth === 'ushort' ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return asImage(info.width, info.height, luma(samples(data, depth)));
}

/**
 * Which pixels of an image are not wholly transparent, as it is shown: 1 and 0, row by row; undefined where all are or none is,
 * or where it is of a format without transparency.
 */
export async function decodeAlpha(bytes: Uint8Array, file: string): Promise<Uint8Array | undefined> {
  if (isDicom(bytes) || isNetpbm(bytes) || isBmp(bytes) || losslessJpegSize(bytes) !== undefined) return undefined;
  return withSharp(bytes, file, async (image, { hasAlpha, orientation }) => {
    if (!hasAlpha) return undefined;
    const shown = orientationOf(orientation) === 1 ? image : image.autoOrient();
    const alpha = await shown.extractChannel('alpha').toColourspace('b-w').raw({ depth: 'uchar' }).toBuffer();
    const pixels = Uint8Array.from(alpha, (value) => (value === 0 ? 0 : 1));
    return pixels.every((value) => value === pixels[0]) ? undefined : pixels;
  });
}

function asImage(width: number, height: number, pixels: Uint8Array | Uint16Array): DecodedImage {
  if (pixels.length !== width * height) throw new Error(`${pixels.length} samples for ${width} x ${height} pixels`);
  return plainImage(pixels, { width, height }, pixels instanceof Uint16Array ? 65535 : 255);
}

/** Copies: a Buffer may start anywhere in shared memory, 16-bit views may not. */
export function samples(data: Buffer, depth: Metadata['depth']): Uint8Array | Uint16Array {
  const bytes = new Uint8Array(data);
  return depth === 'ushort' ? new Uint16Array(bytes.buffer) : bytes;
}

async function readHead(path: string): Promise<Uint8Array> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * From the IHDR chunk, which the PNG standard puts first; undefined where it is no PNG, or where a chunk before the pixels may
 * hold an orientation.
 */
function pngSize(head: Uint8Array): ImageSize | undefined {
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  if (head.length < 24 || !signature.every((byte, i) => head[i] === byte)) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  for (let at = 8; ; at += 12 + view.getUint32(at)) {
    if (at + 8 > head.length) return undefined;
    const type = String.fromCharCode(...head.subarray(at + 4, at + 8));
    if (type === 'IDAT') break;
    if (type === 'eXIf' || (/^[it]/.test(type) && type.endsWith('Xt'))) return undefined;
  }
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

function orientedSize({ width, height, orientation }: Metadata): ImageSize & { readonly orientation: Orientation } {
  return { width, height, orientation: orientationOf(orientation) };
}

function checkFormat(metadata: Metadata, file: string): void {
  if (!FORMATS.has(metadata.format)) throw unreadableImage(file, `${metadata.format} is not a supported pixel format`);
  if (metadata.depth !== 'uchar' && metadata.depth !== 'ushort') {
    throw unreadableImage(file, `its samples are of type ${metadata.depth}, not unsigned integers of 8 or 16 bits`);
  }
  checkSize(metadata, file);
}

export function checkSize({ width, height }: ImageSize, file: string): void {
  if (width >= 1 && height >= 1 && width <= MAX_SIDE && height <= MAX_SIDE) return;
  throw unreadableImage(file, `its header says ${width} x ${height} pixels; a side may have 1 to ${MAX_SIDE}`);
}

/** What is wrong with a file, in our words; those of the image library or the system come after, as a detail. */
function reasonOf(error: unknown): string {
  const [message = ''] = messageOf(error).trim().split('\n');
  if ((error as NodeJS.ErrnoException | undefined)?.syscall !== undefined) return `it cannot be read: ${message}`;
  if (/unsupported image format/i.test(message)) return 'not an image of a known format, or its header is damaged';
  if (/^Unknown error$|libpng read error|premature end|not enough data|unexpected end/i.test(message))
    return `it is truncated or damaged (${message})`;
  if (/pixel limit/i.test(message)) return `its header names more pixels than are supported (${message})`;
  const header = /^Input (?:buffer|file) has corrupt header: (.*)$/i.exec(message)?.[1];
  return header === undefined ? `it is damaged (${message})` : `the header is damaged: ${header}`;
}
