/** How the elements of a data set are encoded (PS3.5 section 7.1). */
export interface Encoding {
  /** Whether elements state their representation. */
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

/** What precedes the value of an element. */
export interface ElementHeader {
  /** As `x00280010`. */
  readonly tag: string;
  /** As stated; undefined where the element is implicit. */
  readonly vr: string | undefined;
  /** Where the value begins. */
  readonly dataOffset: number;
  /** Of the value, bytes; undefined where delimiters end it (PS3.5 section 7.5). */
  readonly length: number | undefined;
}

/** Why parsing stopped, in our words. */
export class Stop extends Error {}

export const TRUNCATED = 'its data set is truncated, or a length in it is wrong';
export const DAMAGED = 'its data set is damaged';

/** Representations whose length takes 16 bits (PS3.5 table 7.1-2); that of all others, future ones too, takes 32. */
const SHORT = new Set('AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US'.split(' '));
const LONG = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));
const UNDEFINED_LENGTH = 0xffffffff;

/** Whether two bytes are the representation of an explicit element (PS3.5 section 6.2). */
export function isRepresentation(bytes: Uint8Array, at: number): boolean {
  const vr = ascii(bytes, at, 2);
  return SHORT.has(vr) || LONG.has(vr);
}

export function ascii(bytes: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(from, from + length));
}

/** A view of all bytes of an array. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * Reads what precedes the value of an element at a position.
 *
 * @param end Of what the element lies in.
 * @throws Stop where it doesn't end before `end`.
 */
export function readElementHeader(view: DataView, at: number, end: number, encoding: Encoding): ElementHeader {
  const { explicit, littleEndian } = encoding;
  if (at + 8 > end) throw new Stop(TRUNCATED);
  const group = view.getUint16(at, littleEndian);
  const number = view.getUint16(at + 2, littleEndian);
  const tag = `x${(group * 0x10000 + number).toString(16).padStart(8, '0')}`;
  const wide = (from: number): number => view.getUint32(from, littleEndian);
  const header = (vr: string | undefined, size: number, length: number): ElementHeader => ({
    tag,
    vr,
    dataOffset: at + size,
    length: length === UNDEFINED_LENGTH ? undefined : length,
  });
  // Items and delimiters never state one.
  if (!explicit || group === 0xfffe) return header(undefined, 8, wide(at + 4));
  const vr = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5));
  if (SHORT.has(vr)) return header(vr, 8, view.getUint16(at + 6, littleEndian));
  const fits = (size: number): boolean => at + size <= end && isLength(wide(at + size - 4), end - at - size);
  if (LONG.has(vr) || (/^[A-Z]{2}$/.test(vr) && fits(12))) {
    if (at + 12 > end) throw new Stop(TRUNCATED);
    return header(vr, 12, wide(at + 8));
  }
  // No representation: some writers change to implicit elements; others write what they don't know as short.
  if (!/^[A-Z]{2}$/.test(vr) && fits(8)) return header(undefined, 8, wide(at + 4));
  return header(vr, 8, view.getUint16(at + 6, littleEndian));
}

/**
 * The encoding of a data set that begins at a position, seen at its first element alone: explicit ones have a representation
 * where implicit ones have a length; and group numbers there are below 256, so that the byte which is 0 tells the order.
 *
 * @param stated Whether it is little endian where the bytes don't tell.
 */
export function encodingAt(bytes: Uint8Array, at: number, stated = true): Encoding {
  const [low, high] = [bytes[at], bytes[at + 1]];
  return {
    explicit: isRepresentation(bytes, at + 4),
    littleEndian: (low === 0) === (high === 0) ? stated : high === 0,
  };
}

/**
 * Whether a data set or item which should be explicit is so: items may be implicit in one that is explicit (PS3.5 section
 * 6.2.2), and some files hold the other than they say. Two letters are a representation, be it one that is not known yet;
 * else implicit is what can be so.
 */
export function isStillExplicit(view: DataView, at: number, end: number, littleEndian: boolean): boolean {
  if (at + 8 > end) return true;
  const letters = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5));
  return /^[A-Z]{2}$/.test(letters) || !isLength(view.getUint32(at + 4, littleEndian), end - at - 8);
}

/** Whether a number can be the length of a value that has at most `most` bytes. */
export function isLength(length: number, most: number): boolean {
  return length <= most || length === UNDEFINED_LENGTH;
}
