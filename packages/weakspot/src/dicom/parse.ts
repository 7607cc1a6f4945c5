import { inflateRawSync } from 'node:zlib';
import { messageOf, WeakspotError } from '@weakspot/core';
import type { ByteStream, DataSet } from 'dicom-parser';
import dicomParser from 'dicom-parser';
import { DICTIONARY, representationOf } from './dictionary.js';
import { unreadableDicom } from './failure.js';
import { bareSyntax, hasPreamble, isRepresentation, startsWithHeader } from './recognise.js';
import { BIG_ENDIAN, DEFLATED } from './transfer-syntax.js';

/** Deflated data that inflate to more are not read: no image is that large. */
const MAX_INFLATED = 2 ** 30;
/** The length of an extended offset table (PS3.5 A.4) is one that the parser can't read. */
const EXTENDED_OFFSETS = ['x7fe00001', 'x7fe00002'] as const;

/** What the parser found: elements by tag, at positions of `byteArray`. */
export type Elements = Pick<DataSet, 'elements' | 'byteArray'>;

export interface ParsedFile {
  readonly dataSet: Elements;
  /** UID, without padding. */
  readonly transferSyntax: string;
  readonly littleEndian: boolean;
  /** Why the parser stopped before the end; what stands before that place is in `dataSet`. */
  readonly stopped: string | undefined;
}

/**
 * Splits a file into its elements.
 *
 * @throws WeakspotError `data` where it is not DICOM or its header is damaged, never with anything that the file says.
 */
export function parseDicom(contents: Uint8Array, file: string): ParsedFile {
  const bytes = plain(contents);
  const bare = bareSyntax(bytes);
  if (bare !== undefined) return parseFrom(bytes, 0, bare);
  if (!hasPreamble(bytes) && !startsWithHeader(bytes)) throw unreadableDicom(file, 'this is not a DICOM file');
  try {
    return parseWithHeader(hasPreamble(bytes) ? bytes : withPreamble(bytes), file);
  } catch (thrown) {
    throw thrown instanceof WeakspotError ? thrown : unreadableDicom(file, reasonOf(thrown));
  }
}

function parseWithHeader(bytes: Uint8Array, file: string): ParsedFile {
  const header = dicomParser.readPart10Header(bytes);
  const transferSyntax = (header.string(DICTIONARY.TransferSyntaxUID[0]) ?? '').trim();
  if (transferSyntax === '') throw unreadableDicom(file, 'its header does not say the transfer syntax');
  const end = Math.max(132, ...Object.values(header.elements).map(({ dataOffset, length }) => dataOffset + length));
  if (transferSyntax !== DEFLATED) return parseFrom(bytes, end, transferSyntax);
  const inflated = inflateRawSync(bytes.subarray(end), { maxOutputLength: MAX_INFLATED });
  return parseFrom(plain(inflated), 0, transferSyntax);
}

/** The same bytes, not as a Buffer: its `slice` makes no copy. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The data set that begins at `position`. */
function parseFrom(byteArray: Uint8Array, position: number, transferSyntax: string): ParsedFile {
  const littleEndian = transferSyntax !== BIG_ENDIAN;
  const { littleEndianByteArrayParser, bigEndianByteArrayParser } = dicomParser;
  const byteArrayParser = littleEndian ? littleEndianByteArrayParser : bigEndianByteArrayParser;
  const elements: DataSet['elements'] = {};
  // The parser asks no more of a data set than these; its class is not among its types.
  const dataSet = { elements, byteArray, byteArrayParser, warnings: [] as string[] } as unknown as DataSet;
  let stopped: string | undefined;
  try {
    if (position < byteArray.length)
      parseElements(dataSet, new dicomParser.ByteStream(byteArrayParser, byteArray, position));
  } catch (thrown) {
    stopped = reasonOf(thrown);
  }
  return { dataSet, transferSyntax, littleEndian, stopped };
}

function parseElements(dataSet: DataSet, stream: ByteStream): void {
  // Whether explicit or implicit is seen at the first element: some files hold the other than they say.
  if (!isRepresentation(stream.byteArray, stream.position + 4)) {
    parseImplicit(dataSet, stream);
    return;
  }
  for (const untilTag of EXTENDED_OFFSETS) {
    dicomParser.parseDicomDataSetExplicit(dataSet, stream, undefined, { untilTag });
    if (dataSet.elements[untilTag]?.vr === 'OV') stream.seek(stream.readUint32());
  }
  dicomParser.parseDicomDataSetExplicit(dataSet, stream);
}

/** Up to the pixel data, which an implicit data set should not hold compressed but sometimes does. */
function parseImplicit(dataSet: DataSet, stream: ByteStream): void {
  const untilTag = DICTIONARY.PixelData[0];
  const vrCallback = (tag: string): string => representationOf(tag) as string;
  dicomParser.parseDicomDataSetImplicit(dataSet, stream, stream.byteArray.length, { untilTag, vrCallback });
  const element = dataSet.elements[untilTag];
  if (element === undefined) return;
  delete dataSet.elements[untilTag];
  if (element.hadUndefinedLength === true) dicomParser.findEndOfEncapsulatedElement(stream, element);
  else stream.seek(element.length);
  dataSet.elements[untilTag] = element;
}

function withPreamble(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(132 + bytes.length);
  whole.set([0x44, 0x49, 0x43, 0x4d], 128);
  whole.set(bytes, 132);
  return whole;
}

/** In our words: the parser's own name its functions. */
function reasonOf(thrown: unknown): string {
  const damaged = !/past end|buffer overr|overread|greater than or equal|maxP ?osition|unexpected end/i.test(
    messageOf(thrown),
  );
  return damaged ? 'its data set is damaged' : 'its data set is truncated, or a length in it wrong';
}
