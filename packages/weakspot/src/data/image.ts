import { WeakspotError } from '@weakspot/core';

export { type DecodedImage, type ImageSize, plainImage } from '@weakspot/core';

/** The error of an image file that can't be used: names the file and the reason. */
export function unreadableImage(
  file: string,
  reason: string,
  cause?: unknown,
  hint = 'Save the file again as PNG of 8 or 16 bits, or remove it from the set.',
): WeakspotError {
  return new WeakspotError('data', `${file}: ${reason}`, {
    hint,
    cause,
    issues: [{ severity: 'error', message: reason, file }],
  });
}
