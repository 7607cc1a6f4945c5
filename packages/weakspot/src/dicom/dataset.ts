import type { TextDecoder } from 'node:util';
import type { WeakspotError } from '@weakspot/core';
import { decoderOf } from './charset.js';
import type { Keyword } from './dictionary.js';
import { DICTIONARY } from './dictionary.js';
import type { Element, Elements } from './elements.js';
import { unreadableAttribute } from './failure.js';
import { parseDicom } from './parse.js';
import { isBinary, isOpaque, parseNumber, readBinary, splitText } from './values.js';

/** The attributes of a data set, or of one item of a sequence. One that is absent or empty is `undefined` or `[]`. */
export interface Attributes {
  has(keyword: Keyword): boolean;
  /** The values of a text attribute, decoded, without the padding. */
  strings(keyword: Keyword): readonly string[];
  /** The first of them, where it is not empty. */
  string(keyword: Keyword): string | undefined;
  /**
   * The values of a numeric attribute, binary or text (DS, IS). An empty one among several is NaN; binary ones may be NaN or
   * infinite.
   *
   * @throws WeakspotError `data`, naming the attribute and its value, where that is no number.
   */
  numbers(keyword: Keyword): readonly number[];
  /**
   * The value of a numeric attribute that has one.
   *
   * @throws WeakspotError `data`, naming the attribute and its value, where that is no finite number, or there are several.
   */
  number(keyword: Keyword): number | undefined;
  /** The items of a sequence. */
  items(keyword: Keyword): readonly Attributes[];
  /** The value as stored, a view into the file. */
  bytes(keyword: Keyword): Uint8Array | undefined;
  /** The byte order of what `bytes` returns. */
  isLittleEndian(keyword: Keyword): boolean;
  /** An error that says of an attribute and its value what is wrong, as `is 0`; a value that may name a person is not shown. */
  unreadable(keyword: Keyword, fault: string): WeakspotError;
}

/** A parsed DICOM file. */
export interface DicomDataSet extends Attributes {
  /** UID of the transfer syntax: as the file says, or that of its encoding where it has no header to say it. */
  readonly transferSyntax: string;
  /** Whether the file says it. */
  readonly isSyntaxStated: boolean;
  /** The byte order of the data set. */
  readonly littleEndian: boolean;
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
  const { elements, content, ...parsed } = parseDicom(bytes, file);
  const decoder = decoderOf(new Item(elements, content, decoderOf([]), file).strings('SpecificCharacterSet'));
  const attributes = new Item(elements, content, decoder, file);
  return Object.assign(attributes, { ...parsed, content, pixelData: elements.get(DICTIONARY.PixelData[0]) });
}

class Item implements Attributes {
  readonly #elements: Elements;
  readonly #content: Uint8Array;
  readonly #decoder: TextDecoder;
  readonly #file: string;

  constructor(elements: Elements, content: Uint8Array, decoder: TextDecoder, file: string) {
    this.#elements = elements;
    this.#content = content;
    this.#decoder = decoder;
    this.#file = file;
  }

  #find(keyword: Keyword): { element: Element; representation: string } | undefined {
    const [tag, representation] = DICTIONARY[keyword];
    const element = this.#elements.get(tag);
    if (element === undefined) return undefined;
    const { vr } = element;
    return { element, representation: vr === undefined || isOpaque(vr) ? representation : vr };
  }

  has(keyword: Keyword): boolean {
    return this.#find(keyword) !== undefined;
  }

  bytes(keyword: Keyword): Uint8Array | undefined {
    const element = this.#find(keyword)?.element;
    if (element === undefined || element.length === 0) return undefined;
    return this.#content.subarray(element.dataOffset, element.dataOffset + element.length);
  }

  isLittleEndian(keyword: Keyword): boolean {
    return this.#find(keyword)?.element.littleEndian ?? true;
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
    const found = this.#find(keyword);
    const bytes = this.bytes(keyword);
    if (found === undefined || bytes === undefined) return [];
    const { element, representation } = found;
    if (isBinary(representation)) {
      const values = readBinary(bytes, representation, element.littleEndian);
      if (values === undefined)
        throw this.unreadable(keyword, `is of ${bytes.length} bytes, which no ${representation} is`);
      return values;
    }
    const texts = this.strings(keyword);
    if (texts.every((text) => text === '')) return [];
    const values = texts.map(parseNumber);
    if (values.some((value, i) => Number.isNaN(value) && texts[i] !== ''))
      throw this.unreadable(keyword, texts.length > 1 ? 'has a value that is not a number' : 'is not a number');
    return values;
  }

  number(keyword: Keyword): number | undefined {
    const [first, ...more] = this.numbers(keyword);
    if (first === undefined) return undefined;
    if (more.some((value) => !Number.isNaN(value)))
      throw this.unreadable(keyword, 'has several values where one is expected');
    if (!Number.isFinite(first)) throw this.unreadable(keyword, 'is not a number');
    return first;
  }

  items(keyword: Keyword): readonly Attributes[] {
    const items = this.#find(keyword)?.element.items ?? [];
    return items.map((elements) => new Item(elements, this.#content, this.#decoder, this.#file));
  }

  unreadable(keyword: Keyword, fault: string): WeakspotError {
    return unreadableAttribute(this.#file, keyword, this.#shown(keyword), fault);
  }

  #shown(keyword: Keyword): string | undefined {
    const found = this.#find(keyword);
    const bytes = this.bytes(keyword);
    if (found === undefined || bytes === undefined) return undefined;
    if (!isBinary(found.representation)) return this.strings(keyword).join('\\');
    return readBinary(bytes, found.representation, found.element.littleEndian)?.slice(0, 4).join('\\');
  }
}
