import type { IssueList } from '../issues.js';
import { readText } from '../text.js';
import { isRecord, lineFinder, parseChecked, PLACE, TEXT } from './xml-file.js';

/** A value of a property list; numbers and dates stay text. */
export type PlistValue = string | readonly PlistValue[] | PlistDictionary;

export class PlistDictionary {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly #entries: ReadonlyMap<string, PlistValue>;

  constructor(entries: ReadonlyMap<string, PlistValue>, line: number) {
    this.#entries = entries;
    this.line = line;
  }

  /** Undefined where there is none, or it is no text. */
  text(key: string): string | undefined {
    const value = this.#entries.get(key);
    return typeof value === 'string' ? value : undefined;
  }

  /** Empty where there is none, or it is no list. */
  list(key: string): readonly PlistValue[] {
    const value = this.#entries.get(key);
    return Array.isArray(value) ? (value as readonly PlistValue[]) : [];
  }

  /** The dictionaries of a list. */
  dictionaries(key: string): readonly PlistDictionary[] {
    return this.list(key).filter((value) => value instanceof PlistDictionary);
  }
}

/**
 * Reads a property list of Apple in XML, as OsiriX exports regions of interest, whose root is a dictionary. What is something
 * else goes to `issues` with its line.
 */
export async function readPlist(file: string, issues: IssueList): Promise<PlistDictionary | undefined> {
  const text = await readText(file, issues);
  if (text === undefined) return undefined;
  return parseChecked(text, file, issues, { preserveOrder: true }, (document, fail) => {
    const lineOf = lineFinder(text);
    const [root] = elementsOf(document).filter(({ name }) => name === 'plist');
    const [first] = elementsOf(root?.content);
    const value = first === undefined ? undefined : valueOf(first, 1, lineOf);
    return value instanceof PlistDictionary ? value : fail('not a property list of a dictionary', 0);
  });
}

interface PlistElement {
  readonly name: string;
  readonly content: unknown;
  /** Where it begins in the text. */
  readonly index: number | undefined;
}

/** The elements of a parsed list of nodes, in their order. */
function elementsOf(nodes: unknown): PlistElement[] {
  if (!Array.isArray(nodes)) return [];
  return nodes.flatMap((node: unknown): PlistElement[] => {
    if (!isRecord(node)) return [];
    const name = Object.keys(node).find((key) => key !== ':@');
    if (name === undefined || name === TEXT) return [];
    const place: unknown = node[PLACE];
    const index = isRecord(place) && typeof place['startIndex'] === 'number' ? place['startIndex'] : undefined;
    return [{ name, content: node[name], index }];
  });
}

function textOf(nodes: unknown): string {
  if (!Array.isArray(nodes)) return '';
  const parts = nodes.map((node: unknown) => (isRecord(node) ? node[TEXT] : undefined));
  return parts
    .filter((part) => typeof part === 'string')
    .join('')
    .trim();
}

function valueOf(
  { name, content, index }: PlistElement,
  lineAround: number,
  lineOf: (index: number) => number,
): PlistValue {
  const line = index === undefined ? lineAround : lineOf(index);
  if (name === 'array') return elementsOf(content).map((element) => valueOf(element, line, lineOf));
  if (name !== 'dict') return name === 'true' || name === 'false' ? name : textOf(content);
  const entries = new Map<string, PlistValue>();
  let key: string | undefined;
  for (const element of elementsOf(content)) {
    if (element.name === 'key') key = textOf(element.content);
    else if (key !== undefined) {
      entries.set(key, valueOf(element, line, lineOf));
      key = undefined;
    }
  }
  return new PlistDictionary(entries, line);
}
