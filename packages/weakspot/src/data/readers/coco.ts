import { join } from 'node:path';
import { throwIfAborted } from '../concurrency.js';
import type { PlacedLabel } from '../label-names.js';
import { openAnnotatedSet } from './annotated-set.js';
import { readCocoFile } from './coco-file.js';
import { MaskBudget } from './mask-budget.js';
import { splitInPath } from './path-split.js';
import { textEnds } from './peek.js';
import type { DatasetReader, FolderListing } from './reader.js';

/** What is looked at of a file's beginning and of its end. */
const ENDS = 65536;
/** JSON files that are looked at before a folder counts as not of COCO. */
const LOOKED_AT = 20;

/**
 * COCO's instances: one JSON file, or one for each part, as Roboflow writes them (`train/_annotations.coco.json`) or as the
 * set itself has them (`annotations/instances_train2017.json`). An image that is listed and has no annotation is a negative;
 * one that isn't listed is left out. So is one without an annotation in a file that only labels images, those without a
 * finding, too.
 */
export const coco: DatasetReader<'coco'> = {
  format: 'coco',
  title: 'COCO',

  recognises: async (listing) => {
    for (const name of jsonFiles(listing).slice(0, LOOKED_AT)) if (await isCoco(join(listing.root, name))) return true;
    return false;
  },

  async read(listing, options, issues) {
    const set = await openAnnotatedSet(listing, options, issues);
    const budget = new MaskBudget();
    const categories: PlacedLabel[] = [];
    for (const name of jsonFiles(listing)) {
      throwIfAborted(options.signal);
      const path = join(listing.root, name);
      // Where the user names a file it should say what is wrong with it.
      if (listing.start === undefined && !(await isCoco(path))) continue;
      const file = await readCocoFile(path, budget, issues);
      categories.push(...(file?.categories ?? []));
      const split = splitInPath(name);
      for (const { name: written, marks, place } of file?.images ?? []) {
        const image = set.find([written], place);
        if (image !== undefined && marks.length === 0 && file?.isOfLabels === true) {
          issues.warning('images without a label', 'no annotation labels the image: left out', place);
          continue;
        }
        if (image !== undefined) set.add(image, { marks, split: split ?? splitInPath(folderOf(image.name)), place });
      }
    }
    return set.result(categories);
  },
};

function jsonFiles({ files, start }: FolderListing): readonly string[] {
  return (start === undefined ? files : [start]).filter((name) => /\.json$/i.test(name));
}

/** Whether it has lists of images and annotations with COCO's keys, as far as its two ends show. */
async function isCoco(path: string): Promise<boolean> {
  const text = await textEnds(path, ENDS);
  const has = (key: string): boolean => new RegExp(`"${key}"\\s*:`).test(text);
  return (
    (has('images') || has('annotations') || has('categories')) &&
    (has('file_name') || (has('image_id') && has('category_id')))
  );
}

function folderOf(name: string): string {
  return name.split('/').slice(0, -1).join('/');
}
