import type { Attributes } from './dataset.js';
import type { Keyword } from './dictionary.js';
import { swapBytes } from './samples.js';

/** A lookup table as DICOM writes them (PS3.3 C.11.1.1). */
export interface LookupTable {
  /** The value that the first entry is for; lower values get it too, values beyond the table the last. */
  readonly first: number;
  readonly entries: Uint8Array | Uint16Array;
  /** Bits of an entry. */
  readonly bits: number;
}

/**
 * Reads a table from its descriptor (number of entries, first value, bits of an entry) and data.
 *
 * @param signed Whether the values that it maps may be negative.
 * @returns undefined where it is missing or damaged.
 */
export function readTable(
  attributes: Attributes,
  [descriptor, data]: readonly [Keyword, Keyword],
  signed: boolean,
): LookupTable | undefined {
  const [count, start, bits] = attributes.numbers(descriptor);
  const bytes = attributes.bytes(data);
  if (count === undefined || start === undefined || bits === undefined || bytes === undefined) return undefined;
  if (bits < 1 || bits > 16) return undefined;
  // 0 stands for 65536, which the descriptor's 16 bits can't hold.
  const wanted = count === 0 ? 65536 : count & 0xffff;
  const entries = entriesOf(bytes, attributes.littleEndian, wanted, bits);
  if (entries.length === 0) return undefined;
  return { first: signed && start > 0x7fff ? start - 0x10000 : start, entries, bits };
}

/** A table of 8-bit entries may have them two in a word, which is seen at its length (PS3.3 C.11.1.1). */
function entriesOf(bytes: Uint8Array, littleEndian: boolean, count: number, bits: number): Uint8Array | Uint16Array {
  const even = bytes.slice(0, bytes.length & ~1);
  if (!littleEndian) swapBytes(even, 2);
  if (bits <= 8 && even.length < 2 * count) return even.subarray(0, count);
  const words = new Uint16Array(even.buffer).subarray(0, count);
  return bits <= 8 ? Uint8Array.from(words) : words;
}

/** The entry for a value. */
export function lookUp({ first, entries }: LookupTable, value: number): number {
  return entries[Math.min(Math.max(value - first, 0), entries.length - 1)] as number;
}
