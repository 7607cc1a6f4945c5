import { open, readFile } from 'node:fs/promises';
import { WeakspotError, messageOf } from '@weakspot/core';
import { z } from 'zod';
import { writingFailed } from '../data/storage.js';
import { writeFileWhole } from '../run/write.js';
import type { EpochRecord } from './events.js';

const nullableNumber = z.number().nullable();

const recordSchema: z.ZodType<EpochRecord> = z.object({
  epoch: z.int().min(1),
  alpha: z.number(),
  learningRate: z.number(),
  loss: z.number(),
  classifierLoss: nullableNumber,
  localizerLoss: z.number(),
  gradientNorm: z.number(),
  validationLoss: nullableNumber,
  validationAuc: nullableNumber,
  imagesPerSecond: z.number(),
});

/**
 * Adds an epoch's line to `metrics.jsonl` and flushes it to the disk.
 * @throws WeakspotError `io` naming the file.
 */
export async function appendRecord(path: string, record: EpochRecord): Promise<void> {
  try {
    const file = await open(path, 'a');
    try {
      const { size } = await file.stat();
      try {
        await file.writeFile(`${JSON.stringify(record)}\n`);
        await file.sync();
      } catch (error) {
        // No half a line stays; a reader would pass over it all the same.
        await file.truncate(size).catch(() => undefined);
        throw error;
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw await writingFailed(`Cannot write ${path}`, path, error);
  }
}

/**
 * The records of the first `epochs` epochs; none where there is no file. A line cut short by a killed process, or
 * written after the checkpoint that a run resumes from, is not among them.
 * @throws WeakspotError `io` naming the file, if it is there and cannot be read.
 */
export async function readRecords(path: string, epochs = Infinity): Promise<EpochRecord[]> {
  const text = await readIfThere(path);
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

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw new WeakspotError('io', `Cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function parseRecord(line: string): EpochRecord | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
