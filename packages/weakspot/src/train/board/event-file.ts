import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type EventSummary,
  WeakspotError,
  encodeFileVersion,
  encodeRestart,
  encodeSummary,
  messageOf,
} from '@weakspot/core';

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
      throw cannotWrite(path, error);
    }
  };
  try {
    await mkdir(dirname(path), { recursive: true });
    file = await open(path, 'a');
  } catch (error) {
    throw cannotWrite(path, error);
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

function cannotWrite(path: string, error: unknown): WeakspotError {
  return new WeakspotError('io', `Cannot write ${path}: ${messageOf(error)}`, {
    hint: 'Check the folder, its permissions and the space left on the disk.',
    cause: error,
  });
}
