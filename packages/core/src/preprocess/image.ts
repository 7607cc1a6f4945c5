import type { Voi } from '../imaging/index.js';

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** A grey image as stored. */
export interface DecodedImage extends ImageSize {
  /**
   * Row-major from the top left, `width * height` values: as stored, of DICOM after the modality LUT (PS3.3 C.11.1), where
   * pixels of padding are NaN.
   */
  readonly pixels: Uint8Array | Uint16Array | Float32Array;
  /** The lowest value that the format could hold: 0, of DICOM that of its stored bits after the modality LUT. */
  readonly lowest: number;
  /** The highest value that it could hold: 255, 65535, a PGM's maxval. */
  readonly highest: number;
  /** Whether the highest value is black: MONOCHROME1 of DICOM. */
  readonly inverted: boolean;
  /** How the file says it should be shown; the first one is its default. Empty for all but DICOM. */
  readonly windows: readonly Voi[];
}

/** An image of a format that says nothing of its display: black is 0. */
export function plainImage(
  pixels: Uint8Array | Uint16Array,
  { width, height }: ImageSize,
  highest: number,
): DecodedImage {
  return { width, height, pixels, lowest: 0, highest, inverted: false, windows: [] };
}
