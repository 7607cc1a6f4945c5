import { createHash } from 'node:crypto';
import type { PreparedImage } from './preprocess.js';

/** Of the entry's layout and of what `prepareImage` computes: raise it when either changes. */
export const CACHE_VERSION = 4;

const MAGIC = 0x49505357; // "WSPI", little-endian
const HEADER = 72;
/** Where the placement's edges begin. */
const EDGES = 40;
const CHECKSUM = 32;

/**
 * One prepared image as bytes: ten little-endian 32-bit words (magic, version, width, height, original width, original
 * height, and the four edges of the part of the input that shows the image), the placement's four edges in 64-bit floating point, the
 * SHA-256 of those and the pixels, and the pixels, 16 bits each.
 */
export function encodeEntry(image: PreparedImage, width: number, height: number): Uint8Array {
  const { pixels } = image;
  const entry = new Uint8Array(HEADER + CHECKSUM + pixels.byteLength);
  const view = new DataView(entry.buffer);
  const shown = image.shown ?? { x0: 0, y0: 0, x1: width, y1: height };
  const edges = [shown.x0, shown.y0, shown.x1, shown.y1];
  const words = [MAGIC, CACHE_VERSION, width, height, image.originalWidth, image.originalHeight, ...edges];
  words.forEach((word, i) => view.setUint32(4 * i, word, true));
  const { x0, y0, x1, y1 } = image.placement;
  [x0, y0, x1, y1].forEach((edge, i) => view.setFloat64(EDGES + 8 * i, edge, true));
  entry.set(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength), HEADER + CHECKSUM);
  entry.set(checksumOf(entry), HEADER);
  return entry;
}

/** The image of an entry of the given size; undefined where the entry is short, damaged or of another size or version. */
export function decodeEntry(entry: Uint8Array, width: number, height: number): PreparedImage | undefined {
  if (entry.length !== HEADER + CHECKSUM + 2 * width * height) return undefined;
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength);
  const word = (i: number): number => view.getUint32(4 * i, true);
  if (word(0) !== MAGIC || word(1) !== CACHE_VERSION || word(2) !== width || word(3) !== height) return undefined;
  const stored = entry.subarray(HEADER, HEADER + CHECKSUM);
  if (!checksumOf(entry).equals(stored)) return undefined;
  // A copy, aligned for 16 bits; not `slice`, which a Buffer answers with a view.
  const pixels = new Uint16Array(new Uint8Array(entry.subarray(HEADER + CHECKSUM)).buffer);
  const edge = (i: number): number => view.getFloat64(EDGES + 8 * i, true);
  const placement = { x0: edge(0), y0: edge(1), x1: edge(2), y1: edge(3) };
  const shown = { x0: word(6), y0: word(7), x1: word(8), y1: word(9) };
  const isPadded = shown.x1 - shown.x0 < width || shown.y1 - shown.y0 < height;
  return { pixels, originalWidth: word(4), originalHeight: word(5), placement, ...(isPadded ? { shown } : {}) };
}

function checksumOf(entry: Uint8Array): Buffer {
  const hash = createHash('sha256').update(entry.subarray(0, HEADER));
  return hash.update(entry.subarray(HEADER + CHECKSUM)).digest();
}
