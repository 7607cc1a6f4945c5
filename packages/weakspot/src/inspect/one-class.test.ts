import { afterAll, describe, expect, it } from 'vitest';
import { greyPng, temporaryFolder, writeTree } from '../data/testing/files.js';
import { describeInspection } from './describe.js';
import type { InspectEvent } from './inspect-data.js';
import { inspectDataset } from './inspect-data.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

describe('inspectDataset', () => {
  it('shows a set of one class all the same, and says that training would fail', async () => {
    const films: Record<string, Buffer> = {};
    for (const name of ['a', 'b', 'c']) {
      const pixels = Uint8Array.from({ length: 20 * 16 }, (_, i) => (i * name.charCodeAt(0)) % 251);
      films[`tb/${name}.png`] = await greyPng(pixels, 20, 16);
    }
    const root = writeTree(folder, { ...films, 'boxes.csv': 'file,xmin,ymin,xmax,ymax\ntb/a.png,2,3,8,9\n' });
    let done: Extract<InspectEvent, { type: 'done' }> | undefined;
    for await (const event of inspectDataset(root)) if (event.type === 'done') done = event;
    const { inspection, sheet, yaml } = done as Extract<InspectEvent, { type: 'done' }>;
    expect([inspection.ok, inspection.issues[0]?.message]).toEqual([
      false,
      'all labels are "tb": at least two classes are needed',
    ]);
    expect(inspection.set).toMatchObject({
      classes: ['tb'],
      positive: 'tb',
      counts: { images: 3, regions: { count: 1 } },
    });
    expect([sheet === undefined, yaml]).toEqual([false, undefined]);
    expect(describeInspection(inspection)).toContain('3 images');
  });
});
