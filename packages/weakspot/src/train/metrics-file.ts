import { appendFile, readFile } from 'node:fs/promises';
import { WeakspotError, messageOf } from '@weakspot/core';
import { writeFileWhole } from '../run/write.js';
import type { EpochRecord } from './events.js';

/** Adds an epoch's line to `metrics.jsonl`. */
export async function appendRecord(path: string, record: EpochRecord): Promise<void> {
  try {
    await appendFile(path, `${JSON.stringify(record)}\n`);
  } catch (error) {
    throw new WeakspotError('io', `Cannot write ${path}: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * The records of the first `epochs` epochs. A line cut short by a killed process, or written after the checkpoint that a
 * run resumes from, is not among them.
 */
export async function readRecords(path: string, epochs = Infinity): Promise<EpochRecord[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const records: EpochRecord[] = [];
  for (const line of text.split('\n')) {
    const record = parseRecord(line);
    if (record !== undefined && record.epoch <= epochs) records.push(record);
  }
  return records;
}

/** Rewrites the file to the first `epochs` epochs, so that a resumed run continues it without a repeat. */
export async function truncateRecords(path: string, epochs: number): Promise<void> {
  const records = await readRecords(path, epochs);
  await writeFileWhole(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

function parseRecord(line: string): EpochRecord | undefined {
  try {
    const value = JSON.parse(line) as Partial<EpochRecord> | null;
    return typeof value?.epoch === 'number' ? (value as EpochRecord) : undefined;
  } catch {
    return undefined;
  }
}
