import { access } from 'node:fs/promises';
import { WeakspotError } from '@weakspot/core';
import type { RunFolder } from '../run/folder.js';

/**
 * An error that ended the loop. Of a failed engine, of divergence and of files that could not be written the message says what
 * is left of the run.
 */
export async function withCheckpoint(error: unknown, folder: RunFolder): Promise<unknown> {
  if (!(error instanceof WeakspotError) || !['engine', 'diverged', 'io'].includes(error.code)) return error;
  const path = folder.checkpoint('last');
  const isKept = await access(path).then(
    () => true,
    () => false,
  );
  const left = isKept ? `The last checkpoint is kept: ${path}` : 'The run had not saved a checkpoint yet.';
  const { code, message, cause, issues } = error;
  // Once there is room the run goes on, or begins again where nothing was saved.
  const hint = code === 'io' ? [error.hint, 'Then continue with --resume.'].join(' ').trim() : error.hint;
  return new WeakspotError(code, `${message.replace(/\.?$/, '.')} ${left}`, {
    cause,
    issues,
    ...(hint === undefined ? {} : { hint }),
  });
}
