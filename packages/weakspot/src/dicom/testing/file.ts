import { deflateRawSync } from 'node:zlib';
import type { Keyword } from '../dictionary.js';
import { DICTIONARY } from '../dictionary.js';
import { swapBytes } from '../samples.js';
import { BIG_ENDIAN, DEFLATED, EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN } from '../transfer-syntax.js';

export type Value = string | readonly number[] | Uint8Array | readonly Values[];
export type Values = { readonly [keyword in Keyword]?: Value };

export interface FileOptions {
  readonly transferSyntax?: string;
  /** Without the 128 bytes and `DICM`; without the header either; or without the header alone. */
  readonly without?: 'preamble' | 'header' | 'meta';
  /** Whether the header is implicit, against PS3.10. */
  readonly implicitHeader?: boolean;
  /** Attributes that are written as UN, so implicit little endian inside (PS3.5 section 6.2.2). */
  readonly unknown?: readonly Keyword[];
  /** Whether delimiters end sequences and items, not lengths. */
  readonly delimited?: boolean;
  /** Bytes that begin the data set and each item that is encoded as the data set is. */
  readonly first?: Uint8Array;
  /** Fragments of encapsulated pixel data. */
  readonly fragments?: readonly Uint8Array[];
  /** Of the fragments' items, from the first one; none unless given. */
  readonly offsets?: readonly number[];
  /** Representation of the pixel data and of tables; OW unless given. */
  readonly representation?: 'OB' | 'OW';
}

interface Encoding {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
  readonly words: 'OB' | 'OW';
  readonly unknown: readonly Keyword[];
  readonly delimited: boolean;
  readonly first: Uint8Array;
}

const HEADER: Encoding = {
  explicit: true,
  littleEndian: true,
  words: 'OB',
  unknown: [],
  delimited: false,
  first: new Uint8Array(),
};
const INSIDE_UNKNOWN = { explicit: false, littleEndian: true, unknown: [], first: new Uint8Array() };

/** A DICOM file of some attributes, written to PS3.5 and PS3.10. */
export function dicomFile(values: Values, options: FileOptions = {}): Uint8Array {
  const { transferSyntax = EXPLICIT_LITTLE_ENDIAN, without, fragments, offsets, representation = 'OW' } = options;
  const encoding = {
    explicit: transferSyntax !== IMPLICIT_LITTLE_ENDIAN,
    littleEndian: transferSyntax !== BIG_ENDIAN,
    words: representation,
    unknown: options.unknown ?? [],
    delimited: options.delimited ?? false,
    first: options.first ?? new Uint8Array(),
  };
  const pixels = fragments === undefined ? [] : [encapsulated(fragments, offsets ?? [])];
  const body = Buffer.concat([dataSet(values, encoding), ...pixels]);
  const content = transferSyntax === DEFLATED ? deflateRawSync(body) : body;
  if (without === 'header') return new Uint8Array(content);
  if (without === 'meta') return new Uint8Array(Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), content]));
  const explicit = options.implicitHeader !== true;
  const header = dataSet({ TransferSyntaxUID: transferSyntax }, { ...HEADER, explicit });
  const length = Buffer.from([2, 0, 0, 0, ...(explicit ? [0x55, 0x4c, 4, 0] : [4, 0, 0, 0]), header.length, 0, 0, 0]);
  const preamble = without === 'preamble' ? [] : [Buffer.alloc(128), Buffer.from('DICM')];
  return new Uint8Array(Buffer.concat([...preamble, length, header, content]));
}

function dataSet(values: Values, encoding: Encoding): Buffer {
  const entries = (Object.entries(values) as [Keyword, Value][]).toSorted(([a], [b]) =>
    DICTIONARY[a][0] < DICTIONARY[b][0] ? -1 : 1,
  );
  return Buffer.concat([encoding.first, ...entries.map(([keyword, value]) => element(keyword, value, encoding))]);
}

function element(keyword: Keyword, value: Value, encoding: Encoding): Buffer {
  const [tag, listed] = DICTIONARY[keyword];
  const isUnknown = encoding.explicit && encoding.unknown.includes(keyword);
  const inside = isUnknown ? { ...encoding, ...INSIDE_UNKNOWN } : encoding;
  const representation = listed === 'OW' ? encoding.words : listed;
  const body = padded(bodyOf(value, representation, inside), representation);
  const isDelimited = encoding.delimited && representation === 'SQ';
  const bytes = isDelimited ? Buffer.concat([body, item(0xe0dd, 0, inside)]) : body;
  const { littleEndian } = encoding;
  const length = (size: 2 | 4): Buffer => integer(isDelimited ? -1 : body.length, size, littleEndian);
  const head = Buffer.concat([
    integer(parseInt(tag.slice(1, 5), 16), 2, littleEndian),
    integer(parseInt(tag.slice(5), 16), 2, littleEndian),
  ]);
  if (!encoding.explicit) return Buffer.concat([head, length(4), bytes]);
  const long = isUnknown || ['OB', 'OW', 'OF', 'OD', 'SQ', 'UT'].includes(representation);
  const stated = Buffer.from(isUnknown ? 'UN' : representation);
  return Buffer.concat([head, stated, ...(long ? [Buffer.alloc(2), length(4)] : [length(2)]), bytes]);
}

/** An item's or delimiter's tag and length. */
function item(number: number, length: number, { littleEndian }: Encoding): Buffer {
  return Buffer.concat([
    integer(0xfffe, 2, littleEndian),
    integer(number, 2, littleEndian),
    integer(length, 4, littleEndian),
  ]);
}

function bodyOf(value: Value, representation: string, encoding: Encoding): Buffer {
  const { littleEndian, delimited } = encoding;
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (representation === 'SQ') {
    return Buffer.concat(
      (value as readonly Values[]).flatMap((values) => {
        const body = dataSet(values, encoding);
        return delimited
          ? [item(0xe000, -1, encoding), body, item(0xe00d, 0, encoding)]
          : [item(0xe000, body.length, encoding), body];
      }),
    );
  }
  const numbers = value as readonly number[];
  if (representation === 'DS' || representation === 'IS') return Buffer.from(numbers.join('\\'));
  if (representation === 'FL') {
    const bytes = Buffer.from(Float32Array.from(numbers).buffer);
    return littleEndian ? bytes : Buffer.from(swapBytes(bytes, 4));
  }
  return Buffer.concat(numbers.map((number) => integer(number, representation === 'UL' ? 4 : 2, littleEndian)));
}

function padded(body: Buffer, representation: string): Buffer {
  if (body.length % 2 === 0) return body;
  return Buffer.concat([body, Buffer.from(/^(UI|OB|OW)$/.test(representation) ? '\0' : ' ')]);
}

function integer(value: number, size: 2 | 4, littleEndian: boolean): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntLE(value < 0 ? value + 2 ** (8 * size) : value, 0, size);
  return littleEndian ? bytes : Buffer.from(bytes.toReversed());
}

function encapsulated(fragments: readonly Uint8Array[], offsets: readonly number[]): Buffer {
  const fragment = (body: Uint8Array): Buffer => Buffer.concat([item(0xe000, body.length, HEADER), body]);
  const table = Buffer.concat(offsets.map((offset) => integer(offset, 4, true)));
  const head = Buffer.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff]);
  const end = Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
  const even = fragments.map((bytes) => padded(Buffer.from(bytes), 'OB'));
  return Buffer.concat([head, fragment(table), ...even.map(fragment), end]);
}

/** The attributes of an image of 16-bit words, to be changed by `more`. */
export function imageValues(columns: number, rows: number, more: Values = {}): Values {
  return {
    SamplesPerPixel: [1],
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: [rows],
    Columns: [columns],
    BitsAllocated: [16],
    BitsStored: [16],
    HighBit: [15],
    PixelRepresentation: [0],
    ...more,
  };
}

/** Values as little-endian words. */
export function words(values: ArrayLike<number>): Uint8Array {
  return new Uint8Array(
    Int32Array.from(values).reduce((to, value, i) => ((to[i] = value), to), new Uint16Array(values.length)).buffer,
  );
}
