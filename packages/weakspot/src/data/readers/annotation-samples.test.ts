import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { regionBounds, scaleRegion } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import { readBoxes } from '../boxes.js';
import type { RegionRow } from '../ground-truth.js';
import { IssueList } from '../issues.js';
import { boxesCsv } from './boxes-csv.js';
import { listForReaders } from './choose.js';
import { coco } from './coco.js';
import { cvat } from './cvat.js';
import type { DatasetReader, FolderListing, FoundDataset } from './reader.js';
import { voc } from './voc.js';
import { yolo } from './yolo.js';

const shared = join(import.meta.dirname, '../../../../../../shared/data');
const films = join(shared, 'samples/CXR-mass50');
const size = 1024;

async function read(reader: DatasetReader, folder: string): Promise<FoundDataset> {
  const issues = new IssueList();
  const listing = (await listForReaders(folder)) as FolderListing;
  expect(await reader.recognises(listing)).toBe(true);
  const found = await reader.read(listing, { images: undefined, positive: undefined, signal: undefined }, issues);
  expect(issues.list()).toEqual([]);
  return found;
}

/** Edges in pixels of images of this size, by image, in the rows' order. */
function edges(truth: readonly RegionRow[]): Map<string, number[][]> {
  const found = new Map<string, number[][]>();
  for (const { name, region, within = { width: size, height: size } } of truth) {
    const { x0, y0, x1, y1 } = regionBounds(scaleRegion(region, size / within.width, size / within.height));
    found.set(name, [...(found.get(name) ?? []), [x0, y0, x1, y1]]);
  }
  return found;
}

describe('fifty films with the same boxes in four formats', () => {
  it.skipIf(!existsSync(films)).each([
    ['cvat', cvat],
    ['yolo', yolo],
    ['boxes-csv', boxesCsv],
  ] as const)('%s agrees with coco to a pixel (needs shared/data)', async (_, reader) => {
    const [first, other] = [await read(coco, films), await read(reader, films)];
    expect([first.files.length, first.truth.length]).toEqual([50, 283]);
    expect(other.files.map(({ name, label }) => [name, label])).toEqual(
      first.files.map(({ name, label }) => [name, label]),
    );
    const [wanted, found] = [edges(first.truth), edges(other.truth)];
    expect([...found.keys()].toSorted()).toEqual([...wanted.keys()].toSorted());
    let furthest = 0;
    for (const [name, boxes] of wanted) {
      expect(found.get(name)).toHaveLength(boxes.length);
      boxes.forEach((box, i) => {
        box.forEach(
          (edge, k) => (furthest = Math.max(furthest, Math.abs(edge - (found.get(name)?.[i]?.[k] ?? Infinity)))),
        );
      });
    }
    expect(furthest).toBeLessThanOrEqual(1);
    // They are not merely the same file.
    expect(reader === boxesCsv || furthest > 0).toBe(true);
  });
});

describe('the Pascal VOC files of TBX11K', () => {
  it.skipIf(!existsSync(shared))(
    'agree with its boxes in pixels of the published images (needs shared/data)',
    async () => {
      const root = join(shared, 'tbx11k');
      const { truth, files } = await read(voc, root);
      const table = new IssueList();
      const wanted = await readBoxes(join(root, 'boxes_512.csv'), join(root, 'images'), table);
      const found = new Map<string, number[][]>();
      for (const { name, region, within } of truth) {
        const { x0, y0, x1, y1 } = regionBounds(
          scaleRegion(region, 512 / (within?.width ?? NaN), 512 / (within?.height ?? NaN)),
        );
        found.set(name, [...(found.get(name) ?? []), [x0, y0, x1, y1]]);
      }
      expect(wanted.length).toBeGreaterThan(500);
      expect(truth).toHaveLength(wanted.length);
      expect(files.length).toBeLessThanOrEqual(400);
      for (const { name, region } of wanted) {
        const { x0, y0, x1, y1 } = regionBounds(region);
        const near = found
          .get(`images/${name}`)
          ?.some((box) => [x0, y0, x1, y1].every((edge, k) => Math.abs(edge - (box[k] ?? NaN)) < 0.01));
        expect([name, near]).toEqual([name, true]);
      }
    },
  );
});
