import { ascii, encodingAt, viewOf } from './header.js';

/** Bytes of a file that `isDicom` looks at. */
export const RECOGNISED_FROM = 132;

/** Longest value of the first element of a data set without preamble, in bytes: group lengths, dates, names of codes. */
const LONGEST_FIRST = 1024;

/** Whether bytes are a DICOM file: with the preamble of PS3.10, or a header or data set without it. */
export function isDicom(bytes: Uint8Array): boolean {
  return hasPreamble(bytes) || startsDataSet(bytes);
}

/**
 * Whether the bytes begin as a directory of other files does (a DICOMDIR, PS3.10 section 8.6): it has the storage class of
 * one, 1.2.840.10008.1.3.10, among the first elements of its header.
 */
export function isDicomDirectory(bytes: Uint8Array): boolean {
  return isDicom(bytes) && /1\.2\.840\.10008\.1\.3\.10(?![.\d])/.test(ascii(bytes, 128, 512));
}

export function hasPreamble(bytes: Uint8Array): boolean {
  return bytes.length >= 132 && ascii(bytes, 128, 4) === 'DICM';
}

/**
 * Whether bytes begin with an element of a header (group 0002) or of a group that a data set begins with (0008, or one
 * soon after it): one that states its representation, or is so short, and followed by one of a higher tag, that the bytes
 * can't be anything else.
 */
export function startsDataSet(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, RECOGNISED_FROM);
  if (head.length < 16) return false;
  const view = viewOf(head);
  const { explicit, littleEndian } = encodingAt(head, 0);
  const group = view.getUint16(0, littleEndian);
  const number = view.getUint16(2, littleEndian);
  if (explicit) return group === 2 || group === 8 ? number < 0x100 : [0x10, 0x18, 0x20, 0x28].includes(group);
  if (!littleEndian || (group !== 2 && group !== 8) || number >= 0x100) return false;
  const length = view.getUint32(4, true);
  if (length > LONGEST_FIRST) return false;
  const next = 8 + length;
  // Beyond what is looked at, as far as values reach that may stand first.
  if (next + 8 > head.length) return group === 8 && next <= bytes.length;
  const following = view.getUint16(next, true);
  if (following === group) return view.getUint16(next + 2, true) > number;
  return following > group && following <= 0x28 && following % 2 === 0;
}
