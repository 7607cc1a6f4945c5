import { join } from 'node:path';
import { throwIfAborted } from '../concurrency.js';
import { openAnnotatedSet } from './annotated-set.js';
import { splitInPath } from './path-split.js';
import { textEnds } from './peek.js';
import type { DatasetReader, FolderListing } from './reader.js';
import { readVia } from './via.js';

/** What is looked at of a file's beginning and of its end. */
const ENDS = 65536;
const LOOKED_AT = 20;

/**
 * The VGG Image Annotator (VIA 1 and 2): projects or annotations in JSON. An image that is listed and has nothing drawn on it
 * is a negative; one that isn't listed is left out. A region's category is the value of its attribute: `{"type": "mass"}` is a
 * mass, and so is `{"mass": true}` or `{"type": {"mass": true}}`, as boxes that are ticked are saved.
 */
export const viaProject: DatasetReader<'via'> = {
  format: 'via',
  title: 'VGG Image Annotator',

  recognises: async (listing) => {
    for (const name of jsonFiles(listing).slice(0, LOOKED_AT)) if (await isVia(join(listing.root, name))) return true;
    return false;
  },

  async read(listing, options, issues) {
    const set = await openAnnotatedSet(listing, options, issues);
    for (const name of jsonFiles(listing)) {
      throwIfAborted(options.signal);
      const file = join(listing.root, name);
      // Where the user names a file it should say what is wrong with it.
      if (listing.start === undefined && !(await isVia(file))) continue;
      for (const { filename, marks: drawn } of await readVia(file, () => true, issues)) {
        const place = { file };
        const image = set.find([filename], place);
        if (image === undefined) continue;
        const marks = drawn.map(({ region, attributes }) => ({ label: categoryIn(attributes), region, place }));
        const folder = image.name.split('/').slice(0, -1).join('/');
        set.add(image, { marks, split: splitInPath(name) ?? splitInPath(folder), place });
      }
    }
    return set.result();
  },
};

function jsonFiles({ files, start }: FolderListing): readonly string[] {
  return (start === undefined ? files : [start]).filter((name) => /\.json$/i.test(name));
}

async function isVia(path: string): Promise<boolean> {
  const text = await textEnds(path, ENDS);
  return /"_via_img_metadata"\s*:/.test(text) || (/"filename"\s*:/.test(text) && /"shape_attributes"\s*:/.test(text));
}

/** What the first attribute says that says something. */
function categoryIn(attributes: Readonly<Record<string, unknown>>): string | undefined {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
    if (typeof value === 'number') return String(value);
    if (value === true) return key;
    if (typeof value !== 'object' || value === null) continue;
    const ticked = Object.entries(value).find(([, isTicked]: [string, unknown]) => isTicked === true);
    if (ticked !== undefined) return ticked[0];
  }
  return undefined;
}
