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
 * @param signed Whether the values that it maps may be negative. The sign of its first value follows, whatever
 * representation the file states (US or SS).
 * @returns undefined where there is none.
 * @throws WeakspotError `data` where it is damaged.
 */
export function readTable(
  attributes: Attributes,
  [descriptor, data]: readonly [Keyword, Keyword],
  signed: boolean,
): LookupTable | undefined {
  const described = attributes.numbers(descriptor);
  const bytes = attributes.bytes(data);
  if (described.length === 0 && bytes === undefined) return undefined;
  const [count, start, bits] = described;
  if (count === undefined || start === undefined || bits === undefined || !described.every(isWord))
    throw attributes.unreadable(descriptor, 'is not three numbers of 16 bits');
  if (bits < 1 || bits > 16) throw attributes.unreadable(descriptor, `says that entries have ${bits} bits`);
  // 0 stands for 65536, which the descriptor's 16 bits can't hold.
  const wanted = (count & 0xffff) === 0 ? 65536 : count & 0xffff;
  const entries = entriesOf(bytes ?? new Uint8Array(), attributes.isLittleEndian(data), wanted, bits);
  if (entries.length < wanted)
    throw attributes.unreadable(
      descriptor,
      `says that there are ${wanted} entries, of which ${entries.length} are there`,
    );
  return { first: asWord(start, signed), entries, bits };
}

/** A value of US or SS, of which 16 bits count. */
export function isWord(value: number): boolean {
  return Number.isInteger(value) && value >= -0x8000 && value <= 0xffff;
}

/**
 * The value of 16 bits that a file states as US or SS: which of both is meant depends on the pixels, not on what is stated
 * (PS3.5 table 6.2-1, note on "US or SS").
 */
export function asWord(value: number, signed: boolean): number {
  return signed ? (value << 16) >> 16 : value & 0xffff;
}

/** A table of 8-bit entries may have them two in a word, which is seen at its length (PS3.3 C.11.1.1). */
function entriesOf(bytes: Uint8Array, littleEndian: boolean, count: number, bits: number): Uint8Array | Uint16Array {
  const isPacked = bits <= 8 && bytes.length < 2 * count;
  // Odd lengths are not allowed, but of bytes one by one they do no harm.
  if (isPacked && littleEndian) return bytes.slice(0, count);
  const even = bytes.slice(0, bytes.length & ~1);
  if (!littleEndian) swapBytes(even, 2);
  if (isPacked) return even.subarray(0, count);
  const words = new Uint16Array(even.buffer).subarray(0, count);
  return bits <= 8 ? Uint8Array.from(words) : words;
}

/** The entry for a value. */
export function lookUp({ first, entries }: LookupTable, value: number): number {
  return entries[Math.min(Math.max(value - first, 0), entries.length - 1)] as number;
}
