export interface BmpParts {
  readonly width: number;
  /** Negative: the top row comes first. */
  readonly height: number;
  readonly bits: number;
  /** As the header says it: 0 none, 1 and 2 run lengths of 8 and 4 bits, 3 masks. */
  readonly compression?: number;
  /** Red, green and blue of each entry. */
  readonly palette?: readonly (readonly [number, number, number])[];
  readonly masks?: readonly number[];
  /** The rows as they lie in the file. */
  readonly pixels: Uint8Array;
  /** Bytes between palette and pixels. */
  readonly gap?: number;
  /** With the header of OS/2 1: 12 bytes, palette entries of three. */
  readonly core?: boolean;
}

/** A BMP file (Microsoft, Bitmap Storage). */
export function bmpFile(parts: BmpParts): Uint8Array {
  const { width, height, bits, compression = 0, palette = [], masks = [], pixels, gap = 0, core = false } = parts;
  const header = Buffer.alloc(core ? 12 : 40);
  header.writeUInt32LE(header.length, 0);
  if (core) {
    header.writeUInt16LE(width, 4);
    header.writeInt16LE(height, 6);
    header.writeUInt16LE(1, 8);
    header.writeUInt16LE(bits, 10);
  } else {
    header.writeInt32LE(width, 4);
    header.writeInt32LE(height, 8);
    header.writeUInt16LE(1, 12);
    header.writeUInt16LE(bits, 14);
    header.writeUInt32LE(compression, 16);
    header.writeUInt32LE(pixels.length, 20);
    header.writeUInt32LE(palette.length, 32);
  }
  const words = Buffer.alloc(4 * masks.length);
  masks.forEach((mask, i) => words.writeUInt32LE(mask, 4 * i));
  const colours = Buffer.from(palette.flatMap(([red, green, blue]) => [blue, green, red, ...(core ? [] : [0])]));
  const before = Buffer.concat([header, words, colours, Buffer.alloc(gap, 0xee)]);
  const file = Buffer.alloc(14);
  file.write('BM');
  file.writeUInt32LE(14 + before.length + pixels.length, 2);
  file.writeUInt32LE(14 + before.length, 10);
  return new Uint8Array(Buffer.concat([file, before, pixels]));
}

/** Rows of numbers of so many bits as BMP has them: the highest bits first, each row filled up to four bytes. */
export function packRows(rows: readonly (readonly number[])[], bits: 1 | 4 | 8): Uint8Array {
  const packed = rows.map((row) => {
    const text = row.map((value) => value.toString(2).padStart(bits, '0')).join('');
    const bytes = text.match(/.{1,8}/g) ?? [];
    const full = bytes.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
    return [...full, ...Array.from({ length: (4 - (full.length % 4)) % 4 }, () => 0)];
  });
  return Uint8Array.from(packed.flat());
}
