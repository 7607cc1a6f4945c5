/** The colours that a codestream says it holds: red, green, blue; or luma and two colour differences. */
export type StreamColour = 'rgb' | 'ybr';

/** What a compressed frame says of its samples and of itself. */
export interface Codestream {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  /** Bits of a sample. */
  readonly precision: number;
  /** Whether samples are signed; JPEG and JPEG-LS have unsigned ones only. */
  readonly signed: boolean;
  /** Whether its samples are those that were encoded. Lossy ones may lie beyond the bits that are stored. */
  readonly lossless: boolean;
  /** What a pixel's three samples are once decoded, where the stream itself says so. */
  readonly colour: StreamColour | undefined;
  /** Whether its end marker is there. */
  readonly ended: boolean;
  /** Whether a part that its headers announce (a scan, a tile, the end of a tile part) is missing. */
  readonly cut: boolean;
  /** Whether the decoder returns its components one after the other. */
  readonly planar: boolean;
}

/** What is said of a stream whose end is missing. */
export const TRUNCATED = 'it is truncated';

/** Bytes at a place as text, which names boxes and application segments. */
export function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
