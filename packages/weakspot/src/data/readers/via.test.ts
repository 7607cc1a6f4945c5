import { join } from 'node:path';
import { regionBounds } from '@weakspot/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { IssueList } from '../issues.js';
import { temporaryFolder } from '../testing/files.js';
import { setWriter } from '../testing/sets.js';
import type { ViaImage } from './via.js';
import { readVia } from './via.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

async function read(content: unknown): Promise<{ rows: ViaImage['marks']; images: ViaImage[]; issues: IssueList }> {
  const issues = new IssueList();
  const root = write({ 'via.json': typeof content === 'string' ? content : JSON.stringify(content) });
  const images = await readVia(join(root, 'via.json'), () => true, issues);
  return { rows: images.flatMap(({ marks }) => marks), images, issues };
}

const entry = (...shapes: readonly unknown[]): object => ({
  filename: 'a.png',
  size: 1,
  regions: shapes.map((shape_attributes) => ({ shape_attributes, region_attributes: { Cavity: 'good' } })),
});

describe('readVia', () => {
  it('reads every shape with an area, and the name of what was marked', async () => {
    const { rows, images, issues } = await read({
      a: entry(
        { name: 'polyline', all_points_x: [0, 4, 4], all_points_y: [0, 0, 4] },
        { name: 'rect', x: 1, y: 2, width: 3, height: 4 },
        { name: 'circle', cx: 5, cy: 6, r: 2 },
        { name: 'ellipse', cx: 10, cy: 20, rx: 4, ry: 2, theta: Math.PI / 2 },
      ),
    });
    expect(issues.list()).toEqual([]);
    expect(images.map(({ filename }) => filename)).toEqual(['a.png']);
    expect(rows.map(({ attributes }) => attributes)).toEqual(rows.map(() => ({ Cavity: 'good' })));
    expect(rows.map(({ region }) => region?.kind)).toEqual(['polygon', 'box', 'circle', 'polygon']);
    const bounds = rows.map(({ region }) => regionBounds(region!));
    expect(bounds.slice(0, 3)).toEqual([
      { x0: 0, y0: 0, x1: 4, y1: 4 },
      { x0: 1, y0: 2, x1: 4, y1: 6 },
      { x0: 3, y0: 4, x1: 7, y1: 8 },
    ]);
    // Turned by a right angle: 4 along y, 2 along x.
    for (const [edge, value] of Object.entries({ x0: 8, y0: 16, x1: 12, y1: 24 })) {
      expect(bounds[3]?.[edge as 'x0']).toBeCloseTo(value, 6);
    }
  });

  it('reads a project, and one entry alone, and regions by number', async () => {
    const rect = { name: 'rect', x: 1, y: 2, width: 3, height: 4 };
    const numbered = { filename: 'a.png', regions: { '0': { shape_attributes: rect } } };
    for (const content of [
      { _via_settings: {}, _via_img_metadata: { a: entry(rect) } },
      entry(rect),
      { a: numbered },
    ]) {
      expect((await read(content)).rows.map(({ region }) => region?.kind)).toEqual(['box']);
    }
  });

  it('keeps what has no area or is no shape as a mark without a region, with a warning', async () => {
    const { rows, issues } = await read({
      a: entry(
        { name: 'point', cx: 1, cy: 1 },
        { name: 'polygon', all_points_x: [1, 2], all_points_y: [1, 2] },
        { name: 'blob' },
        { name: 'circle', cx: 5, cy: 6, r: 2 },
      ),
    });
    expect(rows.map(({ region }) => region?.kind)).toEqual([undefined, undefined, undefined, 'circle']);
    expect(issues.list().map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      'warning: a point has no area or too many points on "a.png": it has no region',
      'warning: a polygon has no area or too many points on "a.png": it has no region',
      'warning: a shape is not one of VIA on "a.png": it has no region',
    ]);
  });

  it('reports anything else as one error and throws nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (text) => {
        const { rows, issues } = await read(text);
        expect(rows).toEqual([]);
        if (text.trim() !== '{}') expect(issues.list().filter(({ severity }) => severity === 'error')).toHaveLength(1);
      }),
      { numRuns: 100 },
    );
  });
});
