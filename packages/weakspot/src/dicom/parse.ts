import { constants, inflateRawSync } from 'node:zlib';
import type { Element, Elements } from './elements.js';
import { readElements } from './elements.js';
import { unreadableDicom } from './failure.js';
import { readFileMeta } from './file-meta.js';
import { DAMAGED, encodingAt, isStillExplicit, Stop, viewOf } from './header.js';
import { hasPreamble, startsDataSet } from './recognise.js';
import { BIG_ENDIAN, DEFLATED, EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN } from './transfer-syntax.js';

/** Deflated data that inflate to more are not read: no image is that large. */
const MAX_INFLATED = 2 ** 30;

export interface ParsedFile {
  readonly elements: Elements;
  /** What the elements' positions refer to: the file, or what it inflates to. */
  readonly content: Uint8Array;
  /** UID, without padding. */
  readonly transferSyntax: string;
  /** Whether the file says it, and not only its first element. */
  readonly isSyntaxStated: boolean;
  /** As seen: some files are of the other order than they say. */
  readonly littleEndian: boolean;
  /** Why parsing stopped before the end; what stands before that place is in `elements`. */
  readonly stopped: string | undefined;
}

/**
 * Splits a file into its elements: with or without preamble, with or without header.
 *
 * @throws WeakspotError `data` where it is not DICOM or its header is damaged, never with anything that the file says.
 */
export function parseDicom(contents: Uint8Array, file: string): ParsedFile {
  // Not as a Buffer: its `slice` makes no copy.
  const bytes = new Uint8Array(contents.buffer, contents.byteOffset, contents.length);
  const isWhole = hasPreamble(bytes);
  if (!isWhole && !startsDataSet(bytes)) throw unreadableDicom(file, 'this is not a DICOM file');
  try {
    const { transferSyntax: stated, end } = readFileMeta(bytes, isWhole ? 132 : 0);
    const content = stated === DEFLATED ? inflated(bytes.subarray(end)) : bytes;
    return parseDataSet(content, stated === DEFLATED ? 0 : end, stated);
  } catch (thrown) {
    if (thrown instanceof Stop) throw unreadableDicom(file, thrown.message);
    throw thrown;
  }
}

/** What deflated bytes hold; of truncated ones the beginning. */
function inflated(bytes: Uint8Array): Uint8Array {
  try {
    const all = inflateRawSync(bytes, { maxOutputLength: MAX_INFLATED, finishFlush: constants.Z_SYNC_FLUSH });
    return new Uint8Array(all.buffer, all.byteOffset, all.length);
  } catch {
    throw new Stop(DAMAGED);
  }
}

function parseDataSet(content: Uint8Array, start: number, stated: string | undefined): ParsedFile {
  const seen = encodingAt(content, start, stated !== BIG_ENDIAN);
  const transferSyntax = stated ?? syntaxOf(seen);
  const { littleEndian } = seen;
  const explicit =
    seen.explicit ||
    (transferSyntax !== IMPLICIT_LITTLE_ENDIAN &&
      isStillExplicit(viewOf(content), start, content.length, littleEndian));
  const elements = new Map<string, Element>();
  const parsed = { elements, content, transferSyntax, isSyntaxStated: stated !== undefined, littleEndian };
  try {
    readElements(content, start, { explicit, littleEndian }, elements);
    return { ...parsed, stopped: undefined };
  } catch (thrown) {
    if (thrown instanceof Stop && elements.size > 0) return { ...parsed, stopped: thrown.message };
    throw thrown;
  }
}

function syntaxOf({ explicit, littleEndian }: ReturnType<typeof encodingAt>): string {
  if (!explicit) return IMPLICIT_LITTLE_ENDIAN;
  return littleEndian ? EXPLICIT_LITTLE_ENDIAN : BIG_ENDIAN;
}
