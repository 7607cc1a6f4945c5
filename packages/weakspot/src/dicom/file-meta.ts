import { splitText } from './values.js';
import { DICTIONARY } from './dictionary.js';
import { ascii, encodingAt, readElementHeader, Stop, TRUNCATED, viewOf } from './header.js';

/** What the header of a file says, and where the data set begins. */
export interface FileMeta {
  /** Transfer syntax UID, without padding; undefined where there is none. */
  readonly transferSyntax: string | undefined;
  readonly end: number;
}

/**
 * Reads the header (group 0002, PS3.10 section 7.1), which may be missing. It should be explicit; some writers make it
 * implicit. Its group length is not relied on: the header ends where another group begins.
 *
 * @param start After the preamble, or 0.
 * @throws Stop where it is truncated.
 */
export function readFileMeta(bytes: Uint8Array, start: number): FileMeta {
  const view = viewOf(bytes);
  const encoding = encodingAt(bytes, start);
  let transferSyntax: string | undefined;
  let at = start;
  while (at + 8 <= bytes.length && view.getUint16(at, encoding.littleEndian) === 2) {
    const { tag, dataOffset, length } = readElementHeader(view, at, bytes.length, encoding);
    if (length === undefined || dataOffset + length > bytes.length) throw new Stop(TRUNCATED);
    if (tag === DICTIONARY.TransferSyntaxUID[0]) [transferSyntax] = splitText(ascii(bytes, dataOffset, length), 'UI');
    at = dataOffset + length;
  }
  if (at < bytes.length && at + 8 > bytes.length) throw new Stop(TRUNCATED);
  return { transferSyntax: transferSyntax === '' ? undefined : transferSyntax, end: at };
}
