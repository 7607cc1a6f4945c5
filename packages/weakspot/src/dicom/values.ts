/** How many bytes a value of a binary representation takes, and how one is read (PS3.5 table 6.2-1). */
const BINARY: Readonly<
  Record<
    string,
    readonly [bytes: number, read: 'getUint16' | 'getInt16' | 'getUint32' | 'getInt32' | 'getFloat32' | 'getFloat64']
  >
> = {
  US: [2, 'getUint16'],
  SS: [2, 'getInt16'],
  OW: [2, 'getUint16'],
  UL: [4, 'getUint32'],
  SL: [4, 'getInt32'],
  FL: [4, 'getFloat32'],
  OF: [4, 'getFloat32'],
  FD: [8, 'getFloat64'],
};

/** Of these, a backslash is text (PS3.5 section 6.1.2.3). */
const SINGLE = new Set(['LT', 'ST', 'UT', 'UR']);

/** The values of a text attribute: separated by `\`, without the spaces and zero bytes that pad them. */
export function splitText(text: string, representation: string): string[] {
  if (text === '') return [];
  return (SINGLE.has(representation) ? [text] : text.split('\\')).map((value) => value.replaceAll('\0', '').trim());
}

export function isBinary(representation: string): boolean {
  return representation in BINARY;
}

/** The values of a binary attribute; bytes beyond the last whole value are left out. */
export function readBinary(bytes: Uint8Array, representation: string, littleEndian: boolean): number[] {
  const kind = BINARY[representation];
  if (kind === undefined) return [];
  const [size, read] = kind;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => view[read](i * size, littleEndian));
}

/** A number as DS or IS write it; NaN where it is none. */
export function parseNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
}
