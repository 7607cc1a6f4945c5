import type { Random } from '@weakspot/core';

/** What parsers stumble over, in place of a number. */
const NUMBERS = [
  '-1',
  '0',
  '1',
  '65536',
  '4294967296',
  '99999999999999999999',
  '1e999',
  '-1e-9',
  'NaN',
  '0x7f',
  '1,5',
  '',
];
/** And in place of anything. */
const WORDS = [
  '\0',
  '"',
  "'",
  ',',
  ';',
  '\t',
  '\n',
  '\r',
  '\r\n',
  '\uFEFF',
  '{',
  '[',
  '<',
  '</',
  '&',
  '-',
  '/',
  '..',
  '\u00E9',
  '\uD800',
];

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const mutations: readonly Mutation[] = [
  flipBits,
  overwrite,
  truncate,
  (bytes, random) =>
    splice(
      bytes,
      random,
      Uint8Array.from({ length: 1 + random.integer(16) }, () => random.integer(256)),
    ),
  (bytes, random) => splice(bytes, random, new Uint8Array()),
  (bytes, random) => splice(bytes, random, new TextEncoder().encode(pick(WORDS, random))),
  repeat,
  replaceNumber,
];

/** The bytes with one to three kinds of damage, each at a random place; never the same array. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  // Not by slice(), which of a Buffer is no copy.
  let damaged = new Uint8Array(bytes);
  for (let i = 1 + random.integer(3); i > 0; i--) damaged = new Uint8Array(pick(mutations, random)(damaged, random));
  return damaged;
}

function pick<T>(items: readonly T[], random: Random): T {
  return items[random.integer(items.length)] as T;
}

/** A place in the bytes, their end included. */
function place(bytes: Uint8Array, random: Random): number {
  return random.integer(bytes.length + 1);
}

function flipBits(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length === 0) return bytes;
  for (let i = 1 + random.integer(4); i > 0; i--) {
    const at = random.integer(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random.integer(8));
  }
  return bytes;
}

/** One to eight bytes become 0, 0x7f, 0x80 or 0xff: lengths and counts of binary formats at their extremes. */
function overwrite(bytes: Uint8Array, random: Random): Uint8Array {
  const at = place(bytes, random);
  return bytes.fill(pick([0, 0x7f, 0x80, 0xff], random), at, at + pick([1, 2, 4, 8], random));
}

function truncate(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.subarray(0, place(bytes, random));
}

/** Puts bytes in the place of up to eight others, or of none. */
function splice(bytes: Uint8Array, random: Random, inserted: Uint8Array): Uint8Array {
  const at = place(bytes, random);
  const end = at + random.integer(9);
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(end)]);
}

/** A stretch comes twice, or up to 200 times. */
function repeat(bytes: Uint8Array, random: Random): Uint8Array {
  const at = place(bytes, random);
  const end = Math.min(bytes.length, at + 1 + random.integer(64));
  const times = pick([1, 1, 1, 10, 200], random);
  const stretch = Array.from({ length: times }, () => bytes.subarray(at, end));
  return Buffer.concat([bytes.subarray(0, end), ...stretch, bytes.subarray(end)]);
}

function replaceNumber(bytes: Uint8Array, random: Random): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const found = [...text.matchAll(/-?\d+(?:\.\d+)?/g)];
  if (found.length === 0) return bytes;
  const { index, 0: number } = pick(found, random);
  return Buffer.from(text.slice(0, index) + pick(NUMBERS, random) + text.slice(index + number.length), 'latin1');
}
