import type { DecodedImage, ImageSize } from './image.js';
import { plainImage, unreadableImage } from './image.js';

/** The header of a PGM image; `offset` is that of its raster. */
export interface PgmHeader extends ImageSize {
  readonly plain: boolean;
  readonly maxval: number;
  readonly offset: number;
}

const HASH = 0x23;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Whether the bytes start like a Netpbm file of any kind: `P1` to `P7` and white space. */
export function isNetpbm(bytes: Uint8Array): boolean {
  const kind = (bytes[1] ?? 0) - 0x30;
  return bytes[0] === 0x50 && kind >= 1 && kind <= 7 && (isSpace(bytes[2]) || bytes[2] === HASH);
}

/**
 * Reads a PGM header (Netpbm `pgm` format): magic number, width, height and maxval, separated by white space and
 * comments, `#` to the end of the line; after maxval follows one white-space byte, then the raster.
 *
 * @throws WeakspotError `data` naming the file where it is not a PGM header.
 */
export function readPgmHeader(bytes: Uint8Array, file: string): PgmHeader {
  const kind = String.fromCharCode(...bytes.subarray(0, 2));
  if (kind !== 'P2' && kind !== 'P5') throw unreadableImage(file, `Netpbm ${kind} is not a grey map (PGM)`);
  const scan = { bytes, at: 2 };
  const width = nextNumber(scan);
  const height = nextNumber(scan);
  const maxval = nextNumber(scan);
  if (width === undefined || height === undefined || maxval === undefined)
    throw unreadableImage(file, 'the PGM header is damaged');
  if (width === 0 || height === 0) throw unreadableImage(file, `the PGM header says ${width} x ${height} pixels`);
  if (maxval < 1 || maxval > 65535)
    throw unreadableImage(file, `the PGM header's maxval ${maxval} is not from 1 to 65535`);
  return { width, height, maxval, plain: kind === 'P2', offset: scan.at + 1 };
}

/**
 * Decodes PGM, plain (P2) or raw (P5); samples of more than 8 bits are big-endian, as the format says. Of several
 * images in one file the first.
 *
 * @throws WeakspotError `data` naming the file where it is truncated or damaged.
 */
export function decodePgm(bytes: Uint8Array, file: string): DecodedImage {
  const header = readPgmHeader(bytes, file);
  const { width, height, maxval } = header;
  const count = width * height;
  const sampleBytes = header.plain || maxval < 256 ? 1 : 2;
  // Before memory is taken on a damaged header's word; plain samples take a digit and a separator each.
  const needed = header.plain ? 2 * count - 1 : count * sampleBytes;
  if (bytes.length - header.offset < needed) {
    throw unreadableImage(
      file,
      `the file is truncated: ${bytes.length - header.offset} bytes of pixels, ${needed} are needed`,
    );
  }
  const pixels = maxval < 256 ? new Uint8Array(count) : new Uint16Array(count);
  const highest = header.plain
    ? readPlain(bytes, header.offset, pixels, file)
    : readRaw(bytes, rasterStart(bytes, header.offset, needed), pixels);
  if (highest > maxval) throw unreadableImage(file, `a sample of ${highest} exceeds the header's maxval ${maxval}`);
  return plainImage(pixels, { width, height }, maxval);
}

/**
 * Some converters end the header with two bytes of line end (the DDSM tools with an empty line, others with CR LF),
 * which shifts every 16-bit sample by a byte. Such a file is told by its one byte too many, right behind the header's
 * line end, where the last byte is no line end.
 */
function rasterStart(bytes: Uint8Array, offset: number, needed: number): number {
  const before = bytes[offset - 1];
  const doubled = (before === NEWLINE || before === RETURN) && bytes[offset] === NEWLINE;
  return doubled && bytes.length === offset + needed + 1 && bytes.at(-1) !== NEWLINE ? offset + 1 : offset;
}

/** Returns the highest sample. */
function readRaw(bytes: Uint8Array, offset: number, pixels: Uint8Array | Uint16Array): number {
  let highest = 0;
  const wide = pixels instanceof Uint16Array;
  for (let i = 0; i < pixels.length; i++) {
    const value = wide
      ? ((bytes[offset + 2 * i] as number) << 8) | (bytes[offset + 2 * i + 1] as number)
      : (bytes[offset + i] as number);
    pixels[i] = value;
    if (value > highest) highest = value;
  }
  return highest;
}

function readPlain(bytes: Uint8Array, offset: number, pixels: Uint8Array | Uint16Array, file: string): number {
  let highest = 0;
  const scan = { bytes, at: offset };
  for (let i = 0; i < pixels.length; i++) {
    const value = nextNumber(scan);
    if (value === undefined)
      throw unreadableImage(file, `the file is truncated or damaged at pixel ${i} of ${pixels.length}`);
    pixels[i] = value;
    if (value > highest) highest = value;
  }
  return highest;
}

/** The next unsigned decimal number after white space and comments; undefined where there is something else. */
function nextNumber(scan: { readonly bytes: Uint8Array; at: number }): number | undefined {
  const { bytes } = scan;
  while (isSpace(bytes[scan.at]) || bytes[scan.at] === HASH) {
    if (bytes[scan.at] === HASH) while (scan.at < bytes.length && bytes[scan.at] !== NEWLINE) scan.at++;
    else scan.at++;
  }
  const start = scan.at;
  let value = 0;
  // Nine digits are more than any field needs, and few enough to stay exact.
  while (isDigit(bytes[scan.at]) && scan.at - start < 9) value = value * 10 + (bytes[scan.at++] as number) - 0x30;
  const ended = scan.at === bytes.length || isSpace(bytes[scan.at]) || bytes[scan.at] === HASH;
  return scan.at > start && ended ? value : undefined;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
