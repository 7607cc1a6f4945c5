import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Region } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { failureOf, temporaryFolder } from '../data/testing/files.js';
import { evaluatedImages, readEvaluation, storedRegion, writeEvaluation } from './evaluation-file.js';
import { evaluationOf } from './testing/evaluations.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

describe('an evaluation’s file', () => {
  it('gives every region back, masks pixel by pixel', async () => {
    const mask = (pixels: number[]): Region => ({
      kind: 'mask',
      x0: 3,
      y0: 4,
      width: 3,
      height: 2,
      pixels: Uint8Array.from(pixels),
    });
    const regions: Region[] = [
      { kind: 'box', x0: 1, y0: 2, x1: 3.5, y1: 4 },
      { kind: 'circle', x: 5, y: 6, radius: 2 },
      {
        kind: 'polygon',
        points: [
          { x: 0, y: 0 },
          { x: 4, y: 0 },
          { x: 0, y: 4 },
        ],
      },
      mask([0, 1, 1, 0, 0, 1]),
      mask([1, 1, 1, 1, 1, 1]),
      mask([0, 0, 0, 0, 0, 0]),
      mask([1, 0, 1, 0, 1, 0]),
    ];
    const evaluation = evaluationOf('A', [0.9, 0.1]);
    const [first, ...rest] = evaluation.images;
    const path = join(folder, 'regions.json');
    await writeEvaluation(path, {
      ...evaluation,
      images: [{ ...first!, regions: regions.map(storedRegion) }, ...rest],
    });
    const read = await readEvaluation(path);
    expect(evaluatedImages(read)[0]?.regions).toEqual(regions);
    expect({ ...read, images: read.images.slice(1) }).toEqual({ ...evaluation, images: rest });
  });

  it('that is damaged is an error that names it', async () => {
    const path = join(folder, 'damaged.json');
    for (const text of ['{', '{ "format": 2 }']) {
      writeFileSync(path, text);
      const error = await failureOf(() => readEvaluation(path));
      expect([error.code, error.message]).toEqual(['model', expect.stringContaining(path)]);
    }
  });
});
