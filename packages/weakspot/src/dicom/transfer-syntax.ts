/** How pixel data are encoded, and so what decodes them. */
export type PixelEncoding = 'native' | 'rle' | 'jpeg' | 'jpeg-ls' | 'jpeg-2000' | 'htj2k' | 'unsupported';

export interface TransferSyntax {
  readonly uid: string;
  /** As PS3.6 table A-1 has it. */
  readonly name: string;
  readonly encoding: PixelEncoding;
}

export const IMPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2';
export const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
export const DEFLATED = '1.2.840.10008.1.2.1.99';
export const BIG_ENDIAN = '1.2.840.10008.1.2.2';

function entry(uid: string, name: string, encoding: PixelEncoding): readonly [string, TransferSyntax] {
  return [uid, { uid, name, encoding }];
}

/** The transfer syntaxes of PS3.6 table A-1 that hold single images, retired ones with them. */
export const TRANSFER_SYNTAXES: ReadonlyMap<string, TransferSyntax> = new Map([
  entry(IMPLICIT_LITTLE_ENDIAN, 'Implicit VR Little Endian', 'native'),
  entry(EXPLICIT_LITTLE_ENDIAN, 'Explicit VR Little Endian', 'native'),
  entry(DEFLATED, 'Deflated Explicit VR Little Endian', 'native'),
  entry(BIG_ENDIAN, 'Explicit VR Big Endian', 'native'),
  entry('1.2.840.10008.1.2.5', 'RLE Lossless', 'rle'),
  entry('1.2.840.10008.1.2.4.50', 'JPEG Baseline (Process 1)', 'jpeg'),
  entry('1.2.840.10008.1.2.4.51', 'JPEG Extended (Process 2 and 4)', 'jpeg'),
  entry('1.2.840.10008.1.2.4.53', 'JPEG Spectral Selection, Non-Hierarchical (Process 6 and 8)', 'jpeg'),
  entry('1.2.840.10008.1.2.4.55', 'JPEG Full Progression, Non-Hierarchical (Process 10 and 12)', 'jpeg'),
  entry('1.2.840.10008.1.2.4.57', 'JPEG Lossless, Non-Hierarchical (Process 14)', 'jpeg'),
  entry('1.2.840.10008.1.2.4.70', 'JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [SV1])', 'jpeg'),
  entry('1.2.840.10008.1.2.4.80', 'JPEG-LS Lossless', 'jpeg-ls'),
  entry('1.2.840.10008.1.2.4.81', 'JPEG-LS Lossy (Near-Lossless)', 'jpeg-ls'),
  entry('1.2.840.10008.1.2.4.90', 'JPEG 2000 (Lossless Only)', 'jpeg-2000'),
  entry('1.2.840.10008.1.2.4.91', 'JPEG 2000', 'jpeg-2000'),
  entry('1.2.840.10008.1.2.4.92', 'JPEG 2000 Part 2 Multi-component (Lossless Only)', 'unsupported'),
  entry('1.2.840.10008.1.2.4.93', 'JPEG 2000 Part 2 Multi-component', 'unsupported'),
  entry('1.2.840.10008.1.2.4.110', 'JPEG XL Lossless', 'unsupported'),
  entry('1.2.840.10008.1.2.4.111', 'JPEG XL JPEG Recompression', 'unsupported'),
  entry('1.2.840.10008.1.2.4.112', 'JPEG XL', 'unsupported'),
  entry('1.2.840.10008.1.2.4.201', 'High-Throughput JPEG 2000 (Lossless Only)', 'htj2k'),
  entry('1.2.840.10008.1.2.4.202', 'High-Throughput JPEG 2000 with RPCL Options (Lossless Only)', 'htj2k'),
  entry('1.2.840.10008.1.2.4.203', 'High-Throughput JPEG 2000', 'htj2k'),
]);

/** A transfer syntax by its UID; one that is not known is unsupported. */
export function transferSyntaxOf(uid: string): TransferSyntax {
  return TRANSFER_SYNTAXES.get(uid) ?? { uid, name: 'unknown', encoding: 'unsupported' };
}
