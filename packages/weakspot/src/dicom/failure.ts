import { WeakspotError } from '@weakspot/core';

/** Names the file and the reason; nothing of what the file says of a person gets here. */
export function unreadableDicom(file: string, reason: string, cause?: unknown): WeakspotError {
  return new WeakspotError('data', `${file}: ${reason}`, {
    hint: 'Export the image anew as an uncompressed or losslessly compressed DICOM file, or take it out of the set.',
    cause,
    issues: [{ severity: 'error', message: reason, file }],
  });
}
