type Read = (view: DataView, at: number, littleEndian: boolean) => number;

/** How many bytes a value of a binary representation takes, and how one is read (PS3.5 table 6.2-1). */
const BINARY: Readonly<Record<string, readonly [bytes: number, read: Read]>> = {
  US: [2, (view, at, little) => view.getUint16(at, little)],
  SS: [2, (view, at, little) => view.getInt16(at, little)],
  OW: [2, (view, at, little) => view.getUint16(at, little)],
  UL: [4, (view, at, little) => view.getUint32(at, little)],
  SL: [4, (view, at, little) => view.getInt32(at, little)],
  UV: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
  SV: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  FL: [4, (view, at, little) => view.getFloat32(at, little)],
  OF: [4, (view, at, little) => view.getFloat32(at, little)],
  FD: [8, (view, at, little) => view.getFloat64(at, little)],
};

/** Of these, a backslash is text (PS3.5 section 6.1.2.3). */
const SINGLE = new Set(['LT', 'ST', 'UT', 'UR']);
/** Of these a value is bytes, not a text or number. */
const BYTES = new Set(['OB', 'OD', 'OL', 'OV', 'SQ', 'UN']);

/** The values of a text attribute: separated by `\`, without the spaces and zero bytes that pad them. */
export function splitText(text: string, representation: string): string[] {
  if (text === '') return [];
  return (SINGLE.has(representation) ? [text] : text.split('\\')).map(unpadded);
}

function unpadded(text: string): string {
  const isPadding = (letter: string | undefined): boolean => letter === '\0' || letter?.trim() === '';
  let [from, to] = [0, text.length];
  while (from < to && isPadding(text[from])) from++;
  while (from < to && isPadding(text[to - 1])) to--;
  return text.slice(from, to);
}

export function isBinary(representation: string): boolean {
  return representation in BINARY;
}

/** Whether a representation says nothing of what a value is. */
export function isOpaque(representation: string): boolean {
  return BYTES.has(representation) || !/^[A-Z]{2}$/.test(representation);
}

/** The values of a binary attribute; undefined where the bytes are not a whole number of values. */
export function readBinary(bytes: Uint8Array, representation: string, littleEndian: boolean): number[] | undefined {
  const kind = BINARY[representation];
  if (kind === undefined) return undefined;
  const [size, read] = kind;
  if (bytes.length % size !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / size }, (_, i) => read(view, i * size, littleEndian));
}

/** A finite number as DS or IS write it; NaN where it is none. */
export function parseNumber(text: string): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : NaN;
}
