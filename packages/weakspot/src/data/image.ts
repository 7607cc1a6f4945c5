import { WeakspotError } from '@weakspot/core';

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** A grey image as stored. */
export interface DecodedImage extends ImageSize {
  /** Row-major from the top left, `width * height` stored values. */
  readonly pixels: Uint8Array | Uint16Array;
  /** The value of white: 255, 65535, or a PGM's maxval. */
  readonly fullScale: number;
}

/** The error of an image file that can't be used: names the file and the reason. */
export function unreadableImage(file: string, reason: string, cause?: unknown): WeakspotError {
  return new WeakspotError('data', `${file}: ${reason}`, {
    hint: 'Write the file anew as PNG of 8 or 16 bits, or take it out of the set.',
    cause,
    issues: [{ severity: 'error', message: reason, file }],
  });
}
