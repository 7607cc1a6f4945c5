import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder, writeTree } from '../data/testing/files.js';
import type { Sample } from '../data/dataset.js';
import { fingerprintOf, partsTable } from './fingerprint.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

function sample(name: string, label: number, root: string): Sample {
  return { name, path: join(root, name), label, patient: undefined, split: undefined, regions: [] };
}

describe('fingerprintOf', () => {
  const classes = ['clear', 'lesion'];
  const [here, there] = [join(folder, 'here'), join(folder, 'there')];
  for (const root of [here, there]) writeTree(root, { a: 'one', b: 'two' });

  it('is the hash of names, labels and bytes, in the order of the names', async () => {
    const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
    const lines = `["a","lesion","${hash('one')}"]\n["b","clear","${hash('two')}"]`;
    expect(await fingerprintOf([sample('b', 0, here), sample('a', 1, here)], classes)).toBe(hash(lines));
  });

  it('does not depend on the folder, but on labels, names and bytes', async () => {
    const first = await fingerprintOf([sample('a', 1, here), sample('b', 0, here)], classes);
    expect(await fingerprintOf([sample('b', 0, there), sample('a', 1, there)], classes)).toBe(first);
    expect(await fingerprintOf([sample('a', 0, here), sample('b', 0, here)], classes)).not.toBe(first);
    expect(await fingerprintOf([sample('a', 1, here)], classes)).not.toBe(first);
    writeFileSync(join(there, 'a'), 'other');
    expect(await fingerprintOf([sample('a', 1, there), sample('b', 0, there)], classes)).not.toBe(first);
  });
});

describe('partsTable', () => {
  it('counts classes where they are known, else images only', () => {
    const split = new Map([
      ['a', 'train'],
      ['b', 'train'],
      ['c', 'test'],
    ] as const);
    const labels = new Map([
      ['a', 1],
      ['b', 0],
      ['c', 1],
    ]);
    const { columns, rows } = partsTable('set', split, ['clear', 'lesion'], labels);
    expect(columns.map(({ name }) => name)).toEqual(['Part', 'Images', 'clear', 'lesion']);
    expect(rows).toEqual([
      ['Training', '2', '1', '1'],
      ['Validation', '0', '0', '0'],
      ['Test', '1', '0', '1'],
    ]);
    expect(partsTable('set', split, ['clear', 'lesion'], new Map()).rows[0]).toEqual(['Training', '2']);
  });
});
