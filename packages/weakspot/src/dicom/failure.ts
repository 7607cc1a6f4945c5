import { WeakspotError } from '@weakspot/core';

/** Names the file and the reason; nothing of what the file says of a person gets here. */
export function unreadableDicom(file: string, reason: string, cause?: unknown): WeakspotError {
  const hint =
    'Export the image again as an uncompressed or losslessly compressed DICOM file, or remove it from the set.';
  return failure(file, reason, hint, cause);
}

/**
 * Names the file, one of its attributes, the value and what is wrong with that.
 *
 * @param value Shown only where it looks like a number: in a damaged file it may be of any other attribute, as a name.
 */
export function unreadableAttribute(
  file: string,
  keyword: string,
  value: string | undefined,
  fault: string,
): WeakspotError {
  const shown = value !== undefined && isHarmless(value) ? ` "${value}"` : '';
  return failure(
    file,
    `its attribute ${keyword}${shown} ${fault}`,
    'Correct the attribute, export the image again, or remove it from the set.',
  );
}

/** Begins as a number does, or is a word for one. */
function isHarmless(value: string): boolean {
  return /^[+-]?(nan|inf|infinity)$/i.test(value) || /^[-+.,\d][-+.,\\\w %]{0,31}$/.test(value);
}

function failure(file: string, reason: string, hint: string, cause?: unknown): WeakspotError {
  return new WeakspotError('data', `${file}: ${reason}`, {
    hint,
    cause,
    issues: [{ severity: 'error', message: reason, file }],
  });
}
