import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { failureOf, temporaryFolder } from '../data/testing/files.js';
import type { EpochRecord } from './events.js';
import { appendRecord, readRecords, truncateRecords } from './metrics-file.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const path = join(folder, 'metrics.jsonl');

const record = (epoch: number): EpochRecord => ({
  epoch,
  alpha: 0.1,
  learningRate: 0.01,
  loss: 1 / epoch,
  classifierLoss: null,
  localizerLoss: 0.1 + 0.2,
  gradientNorm: 3,
  validationLoss: 0.5,
  validationAuc: null,
  imagesPerSecond: 12,
});

describe('metrics.jsonl', () => {
  beforeEach(async () => {
    writeFileSync(path, '');
    for (const epoch of [1, 2, 3]) await appendRecord(path, record(epoch));
  });

  it('has one line per epoch, which come back as they were', async () => {
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(4);
    expect(await readRecords(path)).toEqual([record(1), record(2), record(3)]);
    expect(await readRecords(path, 2)).toEqual([record(1), record(2)]);
  });

  it('is read without a last line that was cut short', async () => {
    for (const cut of [1, 10, 100, JSON.stringify(record(4)).length - 1]) {
      writeFileSync(path, `${JSON.stringify(record(1))}\n${JSON.stringify(record(4)).slice(0, cut)}`);
      expect(await readRecords(path)).toEqual([record(1)]);
    }
  });

  it('is read without lines that are no records', async () => {
    appendFileSync(path, '{"epoch": 4}\n[]\nnull\n\n{"epoch": "5"}\n');
    expect(await readRecords(path)).toEqual([record(1), record(2), record(3)]);
  });

  it('truncated, goes on after the epochs kept, without the line cut short', async () => {
    appendFileSync(path, '{"epoch": 4, "al');
    await truncateRecords(path, 2);
    await appendRecord(path, record(3));
    expect(readFileSync(path, 'utf8')).toBe([1, 2, 3].map((epoch) => `${JSON.stringify(record(epoch))}\n`).join(''));
  });

  it('truncated to nothing or not there yet, is an empty file', async () => {
    await truncateRecords(path, 0);
    expect(readFileSync(path, 'utf8')).toBe('');
    const other = join(folder, 'new', 'metrics.jsonl');
    expect(await readRecords(other)).toEqual([]);
    await truncateRecords(other, 5);
    expect(readFileSync(other, 'utf8')).toBe('');
  });

  it('that cannot be read or written is an error, not an empty file', async () => {
    mkdirSync(join(folder, 'directory'));
    for (const call of [
      readRecords,
      (at: string) => appendRecord(at, record(1)),
      (at: string) => truncateRecords(at, 1),
    ]) {
      const error = await failureOf(() => call(join(folder, 'directory')));
      expect(error.code).toBe('io');
      expect(error.message).toContain(join(folder, 'directory'));
    }
  });
});
