import { type DataIssue, WeakspotError } from '@weakspot/core';

/**
 * What is reported of an image that cannot be read and is left out. Any other error is thrown again, and under `strict`
 * this one too.
 */
export function leftOut(error: unknown, file: string, strict: boolean): DataIssue {
  if (strict || !(error instanceof WeakspotError) || error.code !== 'data') throw error;
  // The error's message names the file, as the issue does already; its own issue is the bare reason.
  return { severity: 'warning', file, message: `left out: ${error.issues[0]?.message ?? error.message}` };
}
