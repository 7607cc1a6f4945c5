import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type EventSummary, type WeakspotError, encodeFileVersion, encodeRestart, encodeSummary } from '@weakspot/core';
import { makeFolder, writingFailed } from '../../data/storage.js';

/** A TensorBoard event file that grows while it is written. */
export interface EventFile {
  /** @throws WeakspotError `io` naming the file. */
  readonly write: (summary: EventSummary) => Promise<void>;
  /** Says that training goes on with this step, from 1: readers then forget what older files have of it and later ones. */
  readonly restart: (step: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Begins an event file; one that is there already is gone on with.
 * @throws WeakspotError `io` naming the file.
 */
export async function openEventFile(path: string): Promise<EventFile> {
  let file: FileHandle;
  const append = async (record: Uint8Array): Promise<void> => {
    try {
      await file.appendFile(record);
    } catch (error) {
      throw await cannotWrite(path, error);
    }
  };
  try {
    await makeFolder(dirname(path));
    file = await open(path, 'a');
  } catch (error) {
    throw await cannotWrite(path, error);
  }
  await append(encodeFileVersion(now()));
  return {
    write: (summary) => append(encodeSummary(now(), summary)),
    restart: (step) => append(encodeRestart(now(), step)),
    close: () => file.close(),
  };
}

/** Seconds since 1970. */
function now(): number {
  return Date.now() / 1000;
}

async function cannotWrite(path: string, error: unknown): Promise<WeakspotError> {
  return writingFailed(`Cannot write ${path}`, path, error);
}
