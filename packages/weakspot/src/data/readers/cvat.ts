import { join } from 'node:path';
import { throwIfAborted } from '../concurrency.js';
import type { IssueList } from '../issues.js';
import type { PlacedLabel } from '../label-names.js';
import type { AnnotatedSet, Mark } from './annotated-set.js';
import { openAnnotatedSet } from './annotated-set.js';
import { markedShapes } from './cvat-shapes.js';
import { FileErrors } from './file-errors.js';
import { MaskBudget } from './mask-budget.js';
import { splitInPath } from './path-split.js';
import { textEnds } from './peek.js';
import type { DatasetReader, FolderListing } from './reader.js';
import { readXml } from './xml-file.js';
import { numberOf, sizeOf } from './xml-numbers.js';

const HEAD = 65536;
const LOOKED_AT = 20;

/**
 * CVAT for images 1.1: one XML file with an `<image>` for each. Coordinates are pixels from the top left corner: a box
 * covers `[xtl, xbr) x [ytl, ybr)`. Boxes, polygons, ellipses and masks are regions; tags of whole images, points, lines and
 * other shapes count for the label only. An image without any is a negative. CVAT for video, whose frames have no names, is
 * refused.
 */
export const cvat: DatasetReader<'cvat'> = {
  format: 'cvat',
  title: 'CVAT for images',

  recognises: async (listing) => {
    for (const name of xmlFiles(listing).slice(0, LOOKED_AT)) if (await isCvat(join(listing.root, name))) return true;
    return false;
  },

  async read(listing, options, issues) {
    const set = await openAnnotatedSet(listing, options, issues);
    const budget = new MaskBudget();
    const labels: PlacedLabel[] = [];
    for (const name of xmlFiles(listing)) {
      throwIfAborted(options.signal);
      const path = join(listing.root, name);
      if (listing.start === undefined && !(await isCvat(path))) continue;
      labels.push(...(await readInto(set, path, splitInPath(name), budget, issues)));
    }
    return set.result(labels);
  },
};

function xmlFiles({ files, start }: FolderListing): readonly string[] {
  return (start === undefined ? files : [start]).filter((name) => /\.xml$/i.test(name));
}

async function isCvat(path: string): Promise<boolean> {
  const text = await textEnds(path, HEAD);
  return /<annotations[\s>]/.test(text) && (/<image\s[^>]*\bname=/.test(text) || /<track\s[^>]*\blabel=/.test(text));
}

/** Reads a file into the set; returns the labels that it lists. */
async function readInto(
  set: AnnotatedSet,
  file: string,
  split: ReturnType<typeof splitInPath>,
  budget: MaskBudget,
  issues: IssueList,
): Promise<readonly PlacedLabel[]> {
  const document = await readXml(file, issues);
  if (document === undefined) return [];
  const root = document.first('annotations');
  if (root === undefined) issues.error('not of CVAT: its outermost element is not <annotations>', { file });
  const errors = new FileErrors(file, issues);
  const track = root?.first('track');
  if (track !== undefined) {
    const message = 'it is of CVAT for video, which does not name images: export the task as "CVAT for images 1.1"';
    errors.add(message, { line: track.line, field: 'track' });
    return [];
  }
  for (const image of root?.all('image') ?? []) {
    const { line } = image;
    const name = image.attribute('name');
    if (name === undefined) {
      errors.add('the image has no name', { line, field: 'name' });
      continue;
    }
    const found = set.find([name], { file, line });
    if (found === undefined) continue;
    const within = sizeOf(numberOf(image.attribute('width')), numberOf(image.attribute('height')));
    const marks = markedShapes(image, budget, errors).map(({ label, region, line: at }): Mark => {
      return { label, region, within, place: { file, line: at } };
    });
    const own =
      splitInPath(image.attribute('subset') ?? '') ??
      split ??
      splitInPath(found.name.split('/').slice(0, -1).join('/'));
    set.add(found, { marks, split: own, place: { file, line } });
  }
  const meta = root?.first('meta');
  const tasks = ['task', 'project', 'job'].flatMap((key) => meta?.all(key) ?? []);
  return tasks
    .flatMap((task) => task.first('labels')?.all('label') ?? [])
    .flatMap((label): PlacedLabel[] => {
      const name = label.textOf('name');
      return name === undefined ? [] : [[name, { file, line: label.line }]];
    });
}
