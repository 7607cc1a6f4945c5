import { luma } from '@weakspot/core';
import type { DecodedImage, ImageSize } from './image.js';
import { plainImage, unreadableImage } from './image.js';

/** The file header's length; the information header follows (Microsoft, Bitmap Storage). */
const FILE_HEADER = 14;
/** Lengths of information headers: OS/2 1 and 2, Windows 3, with three and four masks, versions 4 and 5. */
const HEADERS: ReadonlySet<number> = new Set([12, 16, 40, 52, 56, 64, 108, 124]);
/** Bits a pixel; the library reads no others. */
const DEPTHS: ReadonlySet<number> = new Set([1, 4, 8, 16, 24, 32]);
/** Where the masks of red, green and blue are, in the header or right after the short one. */
const MASKS = FILE_HEADER + 40;
/** Without masks: five bits each. */
const MASKS_OF_16 = [0x7c00, 0x3e0, 0x1f] as const;

/**
 * What follows the pixels where the library reads them: the end of run-length encoded ones, which some writers leave out and
 * before which it allows no end of the last row; and what it wants of a palette of OS/2, of which it counts four bytes a
 * colour where there are three.
 */
const PADDING = Uint8Array.from({ length: 258 }, (_, i) => (i === 1 ? 1 : 0));

type Compression = 'none' | 'rle8' | 'rle4' | 'masks';
const COMPRESSIONS: readonly Compression[] = ['none', 'rle8', 'rle4', 'masks'];

/** The header of a BMP image. */
export interface BmpHeader extends ImageSize {
  /** Bits of a pixel. */
  readonly bits: number;
  readonly compression: Compression;
  /** Where the pixels begin in the file. */
  readonly offset: number;
  /** Bits of a sample of red, green and blue where a mask cuts them out of the pixel. */
  readonly maskBits: readonly number[] | undefined;
}

/** Samples of a BMP image, 8 bits each, top row first: one a pixel where every pixel is grey, else red, green, blue. */
export interface BmpSamples extends ImageSize {
  readonly pixels: Uint8Array;
  readonly channels: 1 | 3;
}

/** Whether the bytes start like a Windows or OS/2 bitmap. */
export function isBmp(bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x4d && bytes.length >= 18 && HEADERS.has(viewOf(bytes).getUint32(14, true));
}

/**
 * Reads the header of a BMP file.
 *
 * @throws WeakspotError `data` naming the file where it is cut off, or says what is not read.
 */
export function readBmpHeader(bytes: Uint8Array, file: string): BmpHeader {
  const view = viewOf(bytes);
  const length = bytes.length < FILE_HEADER + 4 ? 0 : view.getUint32(FILE_HEADER, true);
  const short = length < 40;
  if (bytes.length < FILE_HEADER + Math.max(length, 12)) throw unreadableImage(file, 'the BMP header is truncated');
  const width = short ? view.getUint16(18, true) : view.getInt32(18, true);
  // A negative height: the top row comes first.
  const height = Math.abs(short ? view.getInt16(20, true) : view.getInt32(22, true));
  const bits = view.getUint16(short ? 24 : 28, true);
  const written = short ? 0 : view.getUint32(30, true);
  // 6: masks of red, green, blue and alpha.
  const compression = COMPRESSIONS[written === 6 ? 3 : written];
  if (compression === undefined || (length === 64 && written >= 3)) {
    throw unreadableImage(file, `its BMP compression ${compressionName(written)} is not supported`);
  }
  if (!DEPTHS.has(bits)) throw unreadableImage(file, `BMP of ${bits} bits a pixel is not supported`);
  const agree = { none: true, rle8: bits === 8, rle4: bits === 4, masks: bits === 16 || bits === 32 };
  if (!agree[compression]) throw unreadableImage(file, `the BMP header is damaged: ${compression} with ${bits} bits`);
  if (compression === 'masks' && bytes.length < MASKS + 12) throw unreadableImage(file, 'the BMP header is truncated');
  const masks =
    compression === 'masks'
      ? [0, 4, 8].map((at) => view.getUint32(MASKS + at, true))
      : bits === 16
        ? MASKS_OF_16
        : undefined;
  const maskBits = masks?.map((mask) => lengthOf(mask, file));
  const offset = view.getUint32(10, true);
  if (offset < FILE_HEADER + length)
    throw unreadableImage(file, `the BMP header is damaged: its pixels begin at byte ${offset}, within the header`);
  return { width, height, bits, compression, offset, maskBits };
}

/** Number of bits of a mask, which are one run of 1 to 8. */
function lengthOf(mask: number, file: string): number {
  const ones = mask.toString(2).replace(/0+$/, '');
  if (mask !== 0 && !ones.includes('0') && ones.length <= 8) return ones.length;
  throw unreadableImage(file, `the mask 0x${mask.toString(16)} of its BMP header is not one run of 1 to 8 bits`);
}

function compressionName(written: number): string {
  return { 4: 'JPEG', 5: 'PNG' }[written] ?? String(written);
}

/**
 * Decodes a BMP file of 1, 4, 8, 16, 24 or 32 bits a pixel, with a palette or masks, run-length encoded or not. Samples of
 * fewer than 8 bits are spread over 0 to 255; alpha is dropped.
 *
 * @throws WeakspotError `data` naming the file where it is truncated or damaged.
 */
export async function bmpSamples(bytes: Uint8Array, file: string): Promise<BmpSamples> {
  const header = readBmpHeader(bytes, file);
  const { width, height, maskBits } = header;
  const end = endOfPixels(bytes, header, file);
  const { decode } = (await import('@cwasm/nsbmp')).default;
  let data: Uint8ClampedArray;
  try {
    const image = decode(Buffer.concat([bytes.subarray(0, end), PADDING]));
    if (image.width !== width || image.height !== height) throw new Error(`${image.width} x ${image.height} pixels`);
    ({ data } = image);
  } catch (error) {
    throw unreadableImage(file, 'the BMP file is damaged', error);
  }
  if (maskBits?.some((bits) => bits < 8) === true) spread(data, maskBits);
  return withoutAlpha(data, { width, height });
}

/** Decodes a BMP file as `bmpSamples`; colour becomes luma. */
export async function decodeBmp(bytes: Uint8Array, file: string): Promise<DecodedImage> {
  const { pixels, channels, ...size } = await bmpSamples(bytes, file);
  return plainImage(channels === 1 ? pixels : luma(pixels), size, 255);
}

/** Where the pixels end in the file, all of which must be there: the library leaves out what is not. */
function endOfPixels(bytes: Uint8Array, header: BmpHeader, file: string): number {
  const { width, height, bits, compression, offset } = header;
  if (compression === 'rle8' || compression === 'rle4') {
    const end = endOfRuns(bytes, header);
    if (typeof end === 'string') throw unreadableImage(file, end);
    return end;
  }
  const rowBytes = Math.ceil((width * bits) / 8);
  const needed = Math.ceil(rowBytes / 4) * 4 * (height - 1) + rowBytes;
  const there = Math.max(0, bytes.length - offset);
  if (there < needed) {
    throw unreadableImage(file, `the file is truncated: ${there} bytes of pixels, ${needed} are needed`);
  }
  return bytes.length;
}

/**
 * Where the last row of run-length encoded pixels ends, or what is wrong with them: they must fill every row. Steps over
 * pixels (deltas), which leave them undefined, are not read.
 */
function endOfRuns(bytes: Uint8Array, { width, height, bits, offset }: BmpHeader): number | string {
  const truncated = 'the file is truncated: its run-length encoded pixels do not fill the image';
  let [at, x, y] = [offset, 0, 0];
  while (y < height) {
    const [count, value] = [bytes[at], bytes[at + 1]];
    if (count === undefined || value === undefined) return truncated;
    at += 2;
    if (count > 0) x += count;
    else if (value >= 3) {
      x += value;
      // Padded to 16 bits.
      at += 2 * Math.ceil((value * bits) / 16);
    } else if (value === 2) return 'run-length encoded BMP that skips pixels is not supported';
    else {
      // The end of a row, or of the image.
      if (x < width || (value === 1 && y + 1 < height)) return truncated;
      [x, y] = [0, y + 1];
    }
    if (x > width + 1) return 'the BMP file is damaged: a row is longer than the image is wide';
    // Its end may follow or not.
    if (y === height - 1 && x >= width) return at <= bytes.length ? at : truncated;
  }
  return truncated;
}

/** The library shifts samples of fewer bits up, so that white is 248 of 5 bits; 255 is meant. */
function spread(data: Uint8ClampedArray, maskBits: readonly number[]): void {
  const tables = maskBits.map((bits) => {
    const highest = 2 ** bits - 1;
    return Uint8Array.from({ length: 256 }, (_, value) => Math.round(((value >> (8 - bits)) * 255) / highest));
  });
  for (let i = 0; i < data.length; i += 4) {
    for (let c = 0; c < 3; c++) data[i + c] = (tables[c] as Uint8Array)[data[i + c] as number] as number;
  }
}

function withoutAlpha(data: Uint8ClampedArray, size: ImageSize): BmpSamples {
  const count = size.width * size.height;
  let grey = true;
  for (let i = 0; i < 4 * count && grey; i += 4) grey = data[i] === data[i + 1] && data[i] === data[i + 2];
  const channels = grey ? 1 : 3;
  const pixels = new Uint8Array(count * channels);
  for (let i = 0, o = 0; i < 4 * count; i += 4) {
    for (let c = 0; c < channels; c++) pixels[o++] = data[i + c] as number;
  }
  return { ...size, pixels, channels };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
