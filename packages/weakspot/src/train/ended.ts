import { access } from 'node:fs/promises';
import { WeakspotError } from '@weakspot/core';
import type { RunFolder } from '../run/folder.js';

/** An error that ended the loop. Of a failed engine and of divergence the message says what is left of the run. */
export async function withCheckpoint(error: unknown, folder: RunFolder): Promise<unknown> {
  if (!(error instanceof WeakspotError) || !['engine', 'diverged'].includes(error.code)) return error;
  const path = folder.checkpoint('last');
  const isKept = await access(path).then(
    () => true,
    () => false,
  );
  const left = isKept ? `The last checkpoint is kept: ${path}` : 'The run had saved no checkpoint yet.';
  const { code, message, hint, cause, issues } = error;
  return new WeakspotError(code, `${message.replace(/\.?$/, '.')} ${left}`, {
    cause,
    issues,
    ...(hint === undefined ? {} : { hint }),
  });
}
