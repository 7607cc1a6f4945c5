import type { TextDecoder } from 'node:util';
import type { Element } from 'dicom-parser';
import { decoderOf } from './charset.js';
import type { Keyword } from './dictionary.js';
import { DICTIONARY } from './dictionary.js';
import type { Elements } from './parse.js';
import { parseDicom } from './parse.js';
import { isBinary, parseNumber, readBinary, splitText } from './values.js';

/** The attributes of a data set, or of one item of a sequence. One that is absent or empty is `undefined` or `[]`. */
export interface Attributes {
  has(keyword: Keyword): boolean;
  /** The values of a text attribute, decoded, without the padding. */
  strings(keyword: Keyword): readonly string[];
  /** The first of them, where it is not empty. */
  string(keyword: Keyword): string | undefined;
  /** The values of a numeric attribute, binary or text (DS, IS); NaN for text that is no number. */
  numbers(keyword: Keyword): readonly number[];
  /** The first of them, where it is finite. */
  number(keyword: Keyword): number | undefined;
  /** The items of a sequence. */
  items(keyword: Keyword): readonly Attributes[];
  /** The value as stored, a view into the file. */
  bytes(keyword: Keyword): Uint8Array | undefined;
  /** The byte order of what `bytes` returns. */
  readonly littleEndian: boolean;
}

/** A parsed DICOM file. */
export interface DicomDataSet extends Attributes {
  /** UID of the transfer syntax: as the file says, or that of its encoding where it has no header to say it. */
  readonly transferSyntax: string;
  /** The element of the pixel data (7FE0,0010) with its fragments where it is encapsulated. */
  readonly pixelData: Element | undefined;
  /** The bytes that element positions refer to: the file, or what it inflates to. */
  readonly content: Uint8Array;
  /** Why reading stopped before the end of the file, as where it is truncated; what stands before is there. */
  readonly stopped: string | undefined;
}

/**
 * Parses a DICOM file: with or without preamble and header, implicit or explicit, little or big endian, deflated. Of a
 * truncated or damaged one what stands before the damage is returned, with `stopped` set.
 *
 * @param file Name for messages.
 * @throws WeakspotError `data` where it is not DICOM or damaged from the start.
 */
export function readDataSet(bytes: Uint8Array, file: string): DicomDataSet {
  const { dataSet, transferSyntax, littleEndian, stopped } = parseDicom(bytes, file);
  const decoder = decoderOf(new Item(dataSet, littleEndian, decoderOf([])).strings('SpecificCharacterSet'));
  const attributes = new Item(dataSet, littleEndian, decoder);
  return Object.assign(attributes, {
    transferSyntax,
    stopped,
    pixelData: dataSet.elements[DICTIONARY.PixelData[0]],
    content: dataSet.byteArray,
  });
}

class Item implements Attributes {
  readonly #dataSet: Elements;
  readonly littleEndian: boolean;
  readonly #decoder: TextDecoder;

  constructor(dataSet: Elements, littleEndian: boolean, decoder: TextDecoder) {
    this.#dataSet = dataSet;
    this.littleEndian = littleEndian;
    this.#decoder = decoder;
  }

  #find(keyword: Keyword): { element: Element; representation: string } | undefined {
    const [tag, representation] = DICTIONARY[keyword];
    const element = this.#dataSet.elements[tag];
    if (element === undefined) return undefined;
    // UN says nothing; and a sequence or a text that claims to be a number is no number.
    const stated = element.vr !== undefined && element.vr !== 'UN' ? element.vr : representation;
    return { element, representation: stated };
  }

  has(keyword: Keyword): boolean {
    return this.#find(keyword) !== undefined;
  }

  bytes(keyword: Keyword): Uint8Array | undefined {
    const element = this.#find(keyword)?.element;
    if (element === undefined || element.length === 0) return undefined;
    return this.#dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
  }

  strings(keyword: Keyword): readonly string[] {
    const representation = this.#find(keyword)?.representation;
    const bytes = this.bytes(keyword);
    if (representation === undefined || bytes === undefined || isBinary(representation)) return [];
    return splitText(this.#decoder.decode(bytes), representation);
  }

  string(keyword: Keyword): string | undefined {
    const [first] = this.strings(keyword);
    return first === '' ? undefined : first;
  }

  numbers(keyword: Keyword): readonly number[] {
    const representation = this.#find(keyword)?.representation;
    const bytes = this.bytes(keyword);
    if (representation === undefined || bytes === undefined) return [];
    if (isBinary(representation)) return readBinary(bytes, representation, this.littleEndian);
    return this.strings(keyword).map(parseNumber);
  }

  number(keyword: Keyword): number | undefined {
    const [first] = this.numbers(keyword);
    return first !== undefined && Number.isFinite(first) ? first : undefined;
  }

  items(keyword: Keyword): readonly Attributes[] {
    const items = this.#find(keyword)?.element.items ?? [];
    return items.flatMap(({ dataSet }) =>
      dataSet === undefined ? [] : [new Item(dataSet, this.littleEndian, this.#decoder)],
    );
  }
}
