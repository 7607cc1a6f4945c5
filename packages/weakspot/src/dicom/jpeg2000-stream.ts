import type { Codestream, StreamColour } from './codestream.js';
import { textAt } from './codestream.js';
import { viewOf } from './header.js';

const SIZ = 0xff51;
const COD = 0xff52;
const SOT = 0xff90;
const EOC = 0xffd9;

/** A codestream of JPEG 2000 (ITU-T T.800) or its High-Throughput kind (T.814), bare or in a JP2 file. */
export interface Jpeg2000Stream extends Codestream {
  /** Whether components differ in size or precision. */
  readonly uneven: boolean;
  /** Whether its multiple component transform makes red, green and blue of what is coded. */
  readonly transformed: boolean;
  /** Where its end marker stands or should. */
  readonly end: number;
  /** Whether a tile part has no length, so that without an end marker its packets alone tell whether they are all there. */
  readonly open: boolean;
}

/** Marker segments of a main header: their place by marker, and where the first tile part begins. */
interface MainHeader {
  readonly places: ReadonlyMap<number, number>;
  readonly end: number;
}

/** Reads all headers of a stream; undefined where its main header is missing or damaged. */
export function readJpeg2000Stream(bytes: Uint8Array): Jpeg2000Stream | undefined {
  const start = startOfCodestream(bytes);
  const header = start === undefined ? undefined : readMainHeader(bytes, start);
  const [siz, cod] = [header?.places.get(SIZ), header?.places.get(COD)];
  if (header === undefined || siz === undefined || cod === undefined) return undefined;
  const view = viewOf(bytes);
  const components = view.getUint16(siz + 38);
  if (siz + 40 + 3 * components > bytes.length || components === 0 || cod + 14 > bytes.length) return undefined;
  const field = (index: number): number => view.getUint32(siz + 6 + 4 * index);
  const depth = view.getUint8(siz + 40);
  const isAlike = (i: number): boolean => {
    const at = siz + 40 + 3 * i;
    return bytes[at] === depth && bytes[at + 1] === 1 && bytes[at + 2] === 1;
  };
  const tiles = tilesAlong(field(0), field(4), field(6)) * tilesAlong(field(1), field(5), field(7));
  const transformed = components >= 3 && bytes[cod + 8] === 1;
  return {
    width: field(0) - field(2),
    height: field(1) - field(3),
    components,
    precision: (depth & 0x7f) + 1,
    signed: depth >= 0x80,
    lossless: bytes[cod + 13] === 1,
    colour: components === 3 ? (colourOfFile(bytes) ?? (transformed ? 'rgb' : undefined)) : undefined,
    ...readTileParts(bytes, header.end, tiles),
    planar: false,
    uneven: !Array.from({ length: components }, (_, i) => i).every(isAlike),
    transformed,
  };
}

/** Tiles of a side, from the end of the image and the tiles' offset and size on the reference grid. */
function tilesAlong(end: number, size: number, offset: number): number {
  return Math.ceil((end - offset) / Math.max(size, 1));
}

/** Where the codestream begins: in a JP2 file in its box; else with SOC and SIZ, near the beginning. */
function startOfCodestream(bytes: Uint8Array): number | undefined {
  for (const { type, from } of boxesOf(bytes, 0, bytes.length)) if (type === 'jp2c') return from;
  const limit = Math.min(bytes.length - 4, 4096);
  for (let at = 0; at <= limit; at++) {
    if (bytes[at] === 0xff && bytes[at + 1] === 0x4f && bytes[at + 2] === 0xff && bytes[at + 3] === 0x51) return at;
  }
  return undefined;
}

function readMainHeader(bytes: Uint8Array, start: number): MainHeader | undefined {
  const view = viewOf(bytes);
  const places = new Map<number, number>();
  for (let at = start + 2; at + 4 <= bytes.length;) {
    const marker = view.getUint16(at);
    if (marker === SOT) return { places, end: at };
    if (marker < 0xff01) return undefined;
    places.set(marker, at);
    at += 2 + Math.max(view.getUint16(at + 2), 2);
  }
  return { places, end: bytes.length };
}

/**
 * Follows the lengths of tile parts (T.800 A.4.2); one of no length reaches to the end marker. The stream is cut where one
 * ends beyond it, or a tile has none.
 */
function readTileParts(
  bytes: Uint8Array,
  from: number,
  tiles: number,
): Pick<Jpeg2000Stream, 'ended' | 'cut' | 'end' | 'open'> {
  const view = viewOf(bytes);
  const seen = new Set<number>();
  const missing = (): boolean => seen.size < tiles;
  let at = from;
  while (at + 12 <= bytes.length && view.getUint16(at) === SOT) {
    seen.add(view.getUint16(at + 4));
    const length = view.getUint32(at + 6);
    if (length === 0) {
      const end = lastMarker(bytes);
      return { ended: end !== undefined, cut: missing(), end: end ?? bytes.length, open: true };
    }
    // A length shorter than its own header would not get on.
    at += Math.max(length, 12);
  }
  const ended = at + 2 <= bytes.length && view.getUint16(at) === EOC;
  // Packets hold no such marker: one that stands too early was put behind a cut. Some lengths count the marker with the rest.
  const early = ended ? undefined : lastMarker(bytes);
  const isEarly = early !== undefined && early < at && early !== at - 2;
  const isFilled = !ended && isZero(bytes, at - FILLING, at);
  return { ended, cut: at > bytes.length || isEarly || isFilled || missing(), end: at, open: false };
}

/** So many zeros at the end of the data, and no end marker, are what fills up a file that was cut. */
const FILLING = 16;

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  return bytes.subarray(Math.max(from, 0), to).every((value) => value === 0);
}

/** Where the end marker stands, but for what fills up the fragment behind it. */
function lastMarker(bytes: Uint8Array): number | undefined {
  let end = bytes.length;
  while (end > 2 && (bytes[end - 1] === 0 || (bytes[end - 1] === 0xff && bytes[end - 2] === 0xd9))) end--;
  return end >= 2 && viewOf(bytes).getUint16(end - 2) === EOC ? end - 2 : undefined;
}

interface Box {
  readonly type: string;
  readonly from: number;
  readonly to: number;
}

/** Boxes of a JP2 file (T.800 I.4); none of a bare codestream. */
function* boxesOf(bytes: Uint8Array, from: number, to: number): Generator<Box> {
  const view = viewOf(bytes);
  for (let at = from; at + 8 <= to;) {
    const [short, type] = [view.getUint32(at), textAt(bytes, at + 4, 4)];
    if (!/^[\w ]{4}$/.test(type)) return;
    const isLong = short === 1 && at + 16 <= to;
    const length = isLong ? Number(view.getBigUint64(at + 8)) : short === 0 ? to - at : short;
    const head = isLong ? 16 : 8;
    if (length < head) return;
    yield { type, from: at + head, to: Math.min(at + length, to) };
    at += length;
  }
}

/** What the first colour box of a JP2 file names (T.800 I.5.3.3), where it is sRGB or sYCC. */
function colourOfFile(bytes: Uint8Array): StreamColour | undefined {
  for (const file of boxesOf(bytes, 0, bytes.length)) {
    if (file.type === 'jp2c') return undefined;
    if (file.type !== 'jp2h') continue;
    for (const { type, from, to } of boxesOf(bytes, file.from, file.to)) {
      if (type !== 'colr' || to - from < 7 || bytes[from] !== 1) continue;
      const named = viewOf(bytes).getUint32(from + 3);
      return named === 16 ? 'rgb' : named === 18 ? 'ybr' : undefined;
    }
  }
  return undefined;
}
