import { BIG_ENDIAN, EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN } from './transfer-syntax.js';

/** Bytes of a file that `isDicom` looks at. */
export const RECOGNISED_FROM = 132;

/** Whether bytes are a DICOM file: with the preamble of PS3.10, or a header or data set without it. */
export function isDicom(bytes: Uint8Array): boolean {
  return hasPreamble(bytes) || startsWithHeader(bytes) || bareSyntax(bytes) !== undefined;
}

export function hasPreamble(bytes: Uint8Array): boolean {
  return bytes.length >= 132 && ascii(bytes, 128, 4) === 'DICM';
}

/** A header (group 0002) that no preamble precedes. */
export function startsWithHeader(bytes: Uint8Array): boolean {
  if (bytes.length < 12 || hasPreamble(bytes)) return false;
  return bytes[0] === 2 && bytes[1] === 0 && bytes[3] === 0 && isRepresentation(bytes, 4);
}

/**
 * The transfer syntax of a data set without a header, told from its first element, which is of group 0008 and so short
 * that it can't be anything else.
 */
export function bareSyntax(bytes: Uint8Array): string | undefined {
  if (bytes.length < 16 || hasPreamble(bytes)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const explicit = isRepresentation(bytes, 4);
  if (view.getUint16(0, true) === 8 && view.getUint16(2, true) < 0x100) {
    if (explicit) return EXPLICIT_LITTLE_ENDIAN;
    return view.getUint32(4, true) <= Math.min(1024, bytes.length - 8) ? IMPLICIT_LITTLE_ENDIAN : undefined;
  }
  return explicit && view.getUint16(0) === 8 && view.getUint16(2) < 0x100 ? BIG_ENDIAN : undefined;
}

/** Whether two bytes are the representation of an explicit element (PS3.5 section 6.2). */
export function isRepresentation(bytes: Uint8Array, at: number): boolean {
  return /^(AE|AS|AT|CS|DA|DS|DT|IS|LO|LT|OB|PN|SH|SQ|ST|TM|UI|UL|UN|US|UT|OF|OW|FL|FD|SL|SS)$/.test(
    ascii(bytes, at, 2),
  );
}

function ascii(bytes: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(from, from + length));
}
