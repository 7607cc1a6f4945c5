import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import type { StoredSamples } from './describe.js';
import { describeDicom } from './describe.js';

const zoo = join(import.meta.dirname, '../../../../../shared/data/dicom-zoo');

/** The index's columns that are read here; none of those before the last ones is quoted. */
interface Entry {
  readonly file: string;
  readonly shape: string;
  readonly min: number;
  readonly max: number;
  /** The first 16 digits; empty where the reference decoder failed. */
  readonly sha256: string;
}

function readIndex(): Entry[] {
  const [, ...lines] = readFileSync(join(zoo, 'index.csv'), 'utf8').trim().split(/\r?\n/);
  return lines.map((line) => {
    const [file = '', ...rest] = line.split(',');
    const [min, max, sha256 = ''] = rest.slice(-3);
    return { file, shape: /,ok ([\dx]+ [^,]+),/.exec(line)?.[1] ?? '', min: Number(min), max: Number(max), sha256 };
  });
}

/**
 * The width in this file's JPEG 2000 header is overwritten. The reference decoder fails and returns memory as it finds it:
 * another array at every call, so the index's hash is of nothing.
 */
const DAMAGED = 'JPEG2000-embedded-sequence-delimiter.dcm';
/** These two hold the image of this hash in progressive JPEG, which the reference decoder does not read. */
const PROGRESSIVE = /TransferSyntax_1\.2\.840\.10008\.1\.2\.4\.5[35]\.dcm$/;
const PROGRESSIVE_HASH = '85e3b617e00dc755';

/** Milliseconds that a file may take; the largest take a third of a second. */
const LIMIT = 10_000;

async function outcome(file: string): Promise<StoredSamples | WeakspotError> {
  const started = performance.now();
  try {
    return await describeDicom(readFileSync(join(zoo, file)), file);
  } catch (error) {
    if (error instanceof WeakspotError) return error;
    throw error;
  } finally {
    expect(performance.now() - started, file).toBeLessThan(LIMIT);
  }
}

describe.skipIf(!existsSync(zoo))('210 DICOM files (needs shared/data)', () => {
  it('that the reference decoder reads give its array', async () => {
    const entries = readIndex().filter(({ file, sha256 }) => sha256 !== '' && !file.endsWith(DAMAGED));
    expect(entries).toHaveLength(130);
    for (const { file, shape, min, max, sha256 } of entries) {
      const stored = await outcome(file);
      if (stored instanceof WeakspotError) throw stored;
      const found = { sha256: stored.sha256.slice(0, 16), min: stored.min, max: stored.max };
      expect({ ...found, shape: `${stored.shape.join('x')} ${stored.dtype}` }, file).toEqual({
        sha256,
        min,
        max,
        shape,
      });
    }
  });

  it('that it does not read give a clear error, or an array where one more syntax is read', async () => {
    const entries = readIndex().filter(({ file, sha256 }) => sha256 === '' || file.endsWith(DAMAGED));
    expect(entries).toHaveLength(80);
    for (const { file } of entries) {
      const stored = await outcome(file);
      if (PROGRESSIVE.test(file)) {
        expect(stored, file).toHaveProperty('sha256', expect.stringMatching(`^${PROGRESSIVE_HASH}`));
        continue;
      }
      if (!(stored instanceof WeakspotError)) throw new Error(`${file} decodes`);
      expect(stored.code, file).toBe('data');
      expect(stored.message).toMatch(/: (it|its) /);
    }
  });
});
