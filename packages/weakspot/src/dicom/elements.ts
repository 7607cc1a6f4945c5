import { representationOf } from './dictionary.js';
import type { ElementHeader, Encoding } from './header.js';
import {
  DAMAGED,
  isLength,
  isRepresentation,
  isStillExplicit,
  readElementHeader,
  Stop,
  TRUNCATED,
  viewOf,
} from './header.js';

/** An element: where its value lies, and what that holds. */
export interface Element {
  /** As stated; undefined where the element is implicit. */
  readonly vr: string | undefined;
  /** Position of the value in the bytes that were parsed, and its length. */
  readonly dataOffset: number;
  readonly length: number;
  /** The byte order of the value: of UN little endian, whatever that of the data set (PS3.5 section 6.2.2). */
  readonly littleEndian: boolean;
  readonly hadUndefinedLength: boolean;
  /** Of a sequence that is read. */
  readonly items?: readonly Elements[];
  /** Of an encapsulated value (PS3.5 A.4). */
  readonly fragments?: readonly Fragment[];
  readonly basicOffsetTable?: readonly number[];
}

/** An item of encapsulated pixel data. */
export interface Fragment {
  /** Of the item, from the first fragment's item on, as offset tables count. */
  readonly offset: number;
  /** Of its bytes. */
  readonly position: number;
  /** As stated: of a truncated file they may end before. */
  readonly length: number;
}

/** Elements by tag, as `x00280010`. */
export type Elements = ReadonlyMap<string, Element>;

const ITEM = 'xfffee000';
const ITEM_END = 'xfffee00d';
const SEQUENCE_END = 'xfffee0dd';
const PIXEL_DATA_GROUP = 'x7fe0';
/** Sequences in each other: real ones are some levels deep, content trees of reports at most some twenty. */
const MAX_DEPTH = 100;

interface Source {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/**
 * Splits the data set that begins at a position into its elements. Sequences are followed where they are read, in whatever
 * way they are encoded: explicit, implicit, or with a representation that the writer didn't know (UN), which is implicit
 * little endian inside.
 *
 * @param into Gets the elements; where parsing stops, those before, and pixel data that the file's end cuts.
 * @throws Stop where the data set is truncated or damaged.
 */
export function readElements(
  bytes: Uint8Array,
  position: number,
  encoding: Encoding,
  into: Map<string, Element>,
): void {
  const source = { bytes, view: viewOf(bytes) };
  readUntil(source, position, bytes.length, { ...encoding, depth: 0, delimited: false }, into);
}

interface Context extends Encoding {
  readonly depth: number;
  /** Whether a delimiter ends the item that the elements are of. */
  readonly delimited: boolean;
}

/** @returns Where the elements end. */
function readUntil(source: Source, from: number, end: number, context: Context, into: Map<string, Element>): number {
  let at = from;
  while (at < end) {
    const header = readElementHeader(source.view, at, end, context);
    const { tag, dataOffset, length } = header;
    if (context.delimited && tag === ITEM_END) return dataOffset;
    if (context.delimited && tag === SEQUENCE_END) throw new Stop(DAMAGED);
    if (length !== undefined && dataOffset + length > end) {
      if (context.depth === 0 && tag.startsWith(PIXEL_DATA_GROUP)) into.set(tag, plainElement(header, length, context));
      throw new Stop(TRUNCATED);
    }
    const { element, next } = readElement(source, header, end, context);
    into.set(tag, element);
    if (next === undefined) throw new Stop(TRUNCATED);
    at = next;
  }
  if (context.delimited) throw new Stop(TRUNCATED);
  return at;
}

function plainElement({ vr, dataOffset, length }: ElementHeader, actual: number, { littleEndian }: Encoding): Element {
  return {
    vr,
    dataOffset,
    length: actual,
    littleEndian: littleEndian || vr === 'UN',
    hadUndefinedLength: length === undefined,
  };
}

interface Read {
  readonly element: Element;
  /** Where the element ends; undefined where it is cut off. */
  readonly next: number | undefined;
}

/** An element with what is in it. */
function readElement(source: Source, header: ElementHeader, end: number, context: Context): Read {
  const { tag, vr, dataOffset, length } = header;
  const known = representationOf(tag);
  const isSequence = known === 'SQ' && (vr === undefined || vr === 'UN' || vr === 'SQ');
  if (length !== undefined && !isSequence)
    return { element: plainElement(header, length, context), next: dataOffset + length };
  const hasItems = isSequence || vr === 'SQ' || vr === 'UN' || (vr === undefined && known === undefined);
  // What else has no length is encapsulated, as pixel data are.
  if (!hasItems || tag === 'x7fe00010') return readFragments(source, header, end, context);
  const inside =
    vr === 'UN' ? { ...context, explicit: false, littleEndian: !isBigEndianItem(source, dataOffset) } : context;
  const items: Elements[] = [];
  const next = readItems(source, dataOffset, length, end, inside, items);
  return { element: { ...plainElement(header, next - dataOffset, context), items }, next };
}

/** Some writers keep the byte order of a big-endian data set inside UN, against PS3.5 section 6.2.2. */
function isBigEndianItem({ bytes }: Source, at: number): boolean {
  return bytes[at] === 0xff && bytes[at + 1] === 0xfe;
}

/** The items of a sequence; returns where it ends. */
function readItems(
  source: Source,
  from: number,
  length: number | undefined,
  outerEnd: number,
  context: Context,
  items: Elements[],
): number {
  if (context.depth >= MAX_DEPTH) throw new Stop(DAMAGED);
  const end = length === undefined ? outerEnd : from + length;
  let at = from;
  while (at < end) {
    const { tag, dataOffset, length: itemLength } = readElementHeader(source.view, at, end, context);
    if (tag === SEQUENCE_END) {
      if (length === undefined) return dataOffset;
      at = dataOffset;
      continue;
    }
    if (tag !== ITEM) throw new Stop(DAMAGED);
    if (itemLength !== undefined && dataOffset + itemLength > end) throw new Stop(TRUNCATED);
    const itemEnd = itemLength === undefined ? end : dataOffset + itemLength;
    const item = new Map<string, Element>();
    const inside = {
      explicit: isExplicitItem(source, dataOffset, itemEnd, context),
      littleEndian: context.littleEndian,
      depth: context.depth + 1,
      delimited: itemLength === undefined,
    };
    at = readUntil(source, dataOffset, itemEnd, inside, item);
    items.push(item);
  }
  if (length === undefined) throw new Stop(TRUNCATED);
  return end;
}

/** Some writers have what is explicit inside UN, seen at a representation that can't be the length of an implicit element. */
function isExplicitItem({ bytes, view }: Source, at: number, end: number, context: Context): boolean {
  const { explicit, littleEndian } = context;
  if (explicit) return isStillExplicit(view, at, end, littleEndian);
  return (
    at + 8 <= end && isRepresentation(bytes, at + 4) && !isLength(view.getUint32(at + 4, littleEndian), end - at - 8)
  );
}

/** An encapsulated value: a table of offsets, and fragments up to the delimiter (PS3.5 A.4). */
function readFragments({ view }: Source, header: ElementHeader, end: number, context: Context): Read {
  const { dataOffset } = header;
  const table = readElementHeader(view, dataOffset, end, context);
  if (table.tag !== ITEM || table.length === undefined) throw new Stop(DAMAGED);
  const first = table.dataOffset + table.length;
  if (first > end) throw new Stop(TRUNCATED);
  const basicOffsetTable = Array.from({ length: Math.floor(table.length / 4) }, (_, i) =>
    view.getUint32(table.dataOffset + 4 * i, context.littleEndian),
  );
  const fragments: Fragment[] = [];
  let next: number | undefined;
  for (let at = first; at + 8 <= end && next === undefined;) {
    const { tag, dataOffset: position, length } = readElementHeader(view, at, end, context);
    if (tag === SEQUENCE_END) next = position;
    else if (tag !== ITEM || length === undefined) break;
    else {
      fragments.push({ offset: at - first, position, length });
      at = position + length;
    }
  }
  const element = plainElement(header, (next ?? end) - dataOffset, context);
  return { element: { ...element, fragments, basicOffsetTable }, next };
}
