import { messageOf } from '@weakspot/core';
import type { X2jOptions } from 'fast-xml-parser';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { IssueList } from '../issues.js';
import { readText } from '../text.js';

/** Longest XML file that is read, in characters: parsed, it takes twenty times as much memory. */
const MAX_LENGTH = 32 * 2 ** 20;
const MAX_DEPTH = 32;
/** Of a message of the parser, which may quote the file. */
const MAX_MESSAGE = 200;

/** An element. */
export interface XmlElement {
  /** Line in the file, from 1; of an element that holds only text, that of the element around it. */
  readonly line: number;
  /** Its text, trimmed; empty where it holds elements only. */
  readonly text: string;
  attribute(name: string): string | undefined;
  /** The elements of this name right inside it. */
  all(name: string): readonly XmlElement[];
  first(name: string): XmlElement | undefined;
  /** The names of the elements right inside it, each once. */
  readonly names: readonly string[];
  /** The text of the first element of this name; undefined where there is none or it is empty. */
  textOf(name: string): string | undefined;
}

const ATTRIBUTES = '@';
export const TEXT = '#text';
// The library's types have the wrapper's type for the symbol.
export const PLACE = XMLParser.getMetaDataSymbol() as unknown as symbol;

/**
 * Reads an XML file. The element returned stands for the document: its only child is the root. What isn't XML goes to
 * `issues` with its line, and so does what could cost much: a document type (entities are declared there), more than 32
 * elements inside each other, more than 32 MiB of text.
 */
export async function readXml(file: string, issues: IssueList): Promise<XmlElement | undefined> {
  const text = await readText(file, issues);
  return text === undefined ? undefined : parseXml(text, file, issues);
}

export function parseXml(text: string, file: string, issues: IssueList): XmlElement | undefined {
  return parseChecked(text, file, issues, { isArray: () => true }, (document, fail) => {
    const roots = isRecord(document) ? Object.entries(document).filter(([name]) => name !== TEXT) : [];
    // The validator takes a further root that closes itself; what is empty has no place of its own.
    if (roots.flatMap(([, elements]) => elements).length > 1) {
      return fail('not XML: Multiple possible root nodes found.', text.lastIndexOf(`<${roots.at(-1)?.[0] ?? ''}`));
    }
    return new Element(document, 1, lineFinder(text));
  });
}

/** Parses what is XML and can't cost much, and makes something of it; other text goes to `issues`. */
export function parseChecked<T>(
  text: string,
  file: string,
  issues: IssueList,
  options: Pick<X2jOptions, 'isArray' | 'preserveOrder'>,
  make: (document: unknown, fail: (message: string, index?: number) => undefined) => T,
): T | undefined {
  const fail = (message: string, index?: number): undefined => {
    const line = index === undefined ? {} : { line: text.slice(0, index).split('\n').length };
    issues.error(message, { file, ...line });
  };
  if (text.length > MAX_LENGTH) return fail(`larger than ${MAX_LENGTH} characters, the most that is read`);
  const declared = text.search(/<!(DOCTYPE|ENTITY)\b/i);
  if (declared >= 0 && !isPlainDoctype(text, declared)) {
    return fail('it has a document type with declarations, which are not read: remove it', declared);
  }
  const valid = XMLValidator.validate(text);
  if (valid !== true) {
    issues.error(`not XML: ${valid.err.msg.slice(0, MAX_MESSAGE)}`, { file, line: valid.err.line });
    return undefined;
  }
  try {
    const document: unknown = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: '',
      attributesGroupName: ATTRIBUTES,
      textNodeName: TEXT,
      parseTagValue: false,
      captureMetaData: true,
      ignoreDeclaration: true,
      ignorePiTags: true,
      maxNestedTags: MAX_DEPTH,
      jPath: false,
      ...options,
    }).parse(text);
    return make(document, fail);
  } catch (error) {
    return fail(`not XML that can be read: ${messageOf(error).slice(0, MAX_MESSAGE)}`);
  }
}

/** `<!DOCTYPE name PUBLIC "..." "...">`, as Apple's property lists have it; nothing is fetched. */
function isPlainDoctype(text: string, at: number): boolean {
  const end = text.indexOf('>', at);
  return /^<!DOCTYPE\b[^<[\]]*$/i.test(text.slice(at, end)) && !/<!(DOCTYPE|ENTITY)\b/i.test(text.slice(end));
}

/** The line of a place in the text. */
export function lineFinder(text: string): (index: number) => number {
  const starts: number[] = [];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (index) => {
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) <= index) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string | symbol, unknown>> {
  return typeof value === 'object' && value !== null;
}

class Element implements XmlElement {
  readonly line: number;
  readonly #value: unknown;
  readonly #lineOf: (index: number) => number;

  constructor(value: unknown, lineAround: number, lineOf: (index: number) => number) {
    this.#value = value;
    this.#lineOf = lineOf;
    const place: unknown = isRecord(value) ? value[PLACE] : undefined;
    const index = isRecord(place) ? place['startIndex'] : undefined;
    this.line = typeof index === 'number' ? lineOf(index) : lineAround;
  }

  get text(): string {
    const value = isRecord(this.#value) ? first(this.#value[TEXT]) : this.#value;
    return typeof value === 'string' ? value.trim() : '';
  }

  attribute(name: string): string | undefined {
    const attributes = isRecord(this.#value) ? first(this.#value[ATTRIBUTES]) : undefined;
    const value = isRecord(attributes) ? first(attributes[name]) : undefined;
    return typeof value === 'string' ? value : undefined;
  }

  all(name: string): readonly XmlElement[] {
    const values = isRecord(this.#value) && Object.hasOwn(this.#value, name) ? this.#value[name] : undefined;
    if (!Array.isArray(values)) return [];
    return values.map((value: unknown) => new Element(value, this.line, this.#lineOf));
  }

  get names(): readonly string[] {
    const value = this.#value;
    return isRecord(value) ? Object.keys(value).filter((name) => name !== TEXT && name !== ATTRIBUTES) : [];
  }

  first(name: string): XmlElement | undefined {
    return this.all(name)[0];
  }

  textOf(name: string): string | undefined {
    const text = this.first(name)?.text;
    return text === '' ? undefined : text;
  }
}

/** Every value comes in a list. */
function first(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}
