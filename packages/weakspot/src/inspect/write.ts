import { join, resolve } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import { isOccupied } from '../run/folder.js';
import { writeFileWhole } from '../run/write.js';
import type { InspectEvent } from './inspect-data.js';

/** Names of what is written. */
export const inspectionFiles = {
  report: 'inspect.json',
  config: 'config.yaml',
  sheet: 'contact-sheet.png',
} as const;

/** @throws WeakspotError `exists` where the folder has something in it and `force` is not set. */
export async function checkInspectionFolder(folder: string, force: boolean): Promise<void> {
  if (force || !(await isOccupied(folder))) return;
  throw new WeakspotError('exists', `${folder} exists and is not empty.`, {
    hint: 'Choose another folder, or write into it with --force.',
  });
}

/**
 * Writes what was found, each file whole, and returns their paths.
 * @throws WeakspotError `io`.
 */
export async function writeInspection(
  folder: string,
  { inspection, yaml, sheet }: Extract<InspectEvent, { type: 'done' }>,
): Promise<string[]> {
  const files: (readonly [string, string | Uint8Array | undefined])[] = [
    [inspectionFiles.report, `${JSON.stringify(inspection, undefined, 1)}\n`],
    [inspectionFiles.config, yaml],
    [inspectionFiles.sheet, sheet],
  ];
  const written: string[] = [];
  for (const [name, content] of files) {
    if (content === undefined) continue;
    const path = join(resolve(folder), name);
    await writeFileWhole(path, content);
    written.push(path);
  }
  return written;
}
