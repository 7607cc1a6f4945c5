import { join } from 'node:path';
import type { Split } from '../dataset.js';
import type { IssueList } from '../issues.js';
import { deniesFinding } from '../label-names.js';
import { nameKey } from '../names.js';
import { readText } from '../text.js';
import { openAnnotatedSet } from './annotated-set.js';
import { stemOf } from './found-images.js';
import { mapReporting } from './map-reporting.js';
import { splitInPath } from './path-split.js';
import { textEnds } from './peek.js';
import type { DatasetReader, FolderListing } from './reader.js';
import type { VocAnnotation } from './voc-annotations.js';
import { readVocAnnotations } from './voc-annotations.js';

/** Annotation files read at once. */
const CONCURRENCY = 16;
const LOOKED_AT = 20;
const HEAD = 4096;

/** Lists of the parts; `trainval` holds two of them and says nothing. Others are of one category: `aeroplane_train.txt`. */
const LISTS: readonly (readonly [RegExp, Split])[] = [
  [/(^|\/)ImageSets\/Main\/train\.txt$/i, 'train'],
  [/(^|\/)ImageSets\/Main\/val(id|idation)?\.txt$/i, 'validation'],
  [/(^|\/)ImageSets\/Main\/test\.txt$/i, 'test'],
];

/**
 * Pascal VOC: an XML file per image, `Annotations` beside `JPEGImages` or each beside its image, as labelImg and Roboflow
 * write them; or one XML file of many. Its image has the XML file's name or else the one that it gives. An image without an
 * object is a negative; one without an XML file is left out.
 */
export const voc: DatasetReader<'voc'> = {
  format: 'voc',
  title: 'Pascal VOC',

  recognises: async (listing) => {
    for (const name of xmlFiles(listing).slice(0, LOOKED_AT)) if (await isVoc(join(listing.root, name))) return true;
    return false;
  },

  async read(listing, options, issues) {
    const set = await openAnnotatedSet(listing, options, issues);
    const lists = await readLists(listing, issues);
    const names = xmlFiles(listing);
    const read = async (name: string, own: IssueList): Promise<readonly VocAnnotation[]> => {
      const path = join(listing.root, name);
      // Where the user names a file it should say what is wrong with it.
      return listing.start !== undefined || (await isVoc(path)) ? readVocAnnotations(path, own) : [];
    };
    const found = await mapReporting(names, CONCURRENCY, issues, read, options.signal);
    const categories = new Set(
      found.flatMap((all) => (all ?? []).flatMap(({ marks }) => marks.map(({ label }) => label))),
    );
    names.forEach((name, i) => {
      const annotations = found[i] ?? [];
      for (const { filename, marks, unknown, place } of annotations) {
        const named = unknown.find(([text]) => categories.has(text) && !deniesFinding(text));
        if (named !== undefined) {
          const message =
            `the image has no object, and this names the category ${JSON.stringify(named[0])}: make it an <object> with ` +
            'a <name>, or call the element <label>';
          issues.error(message, named[1]);
        }
        const own = annotations.length === 1 ? [stemOf(name)] : [];
        const image = set.find([...own, ...(filename === undefined ? [] : [filename])], place);
        if (image === undefined) continue;
        set.add(image, {
          marks,
          split: lists.get(nameKey(stemOf(image.name))) ?? splitInPath(folderOf(image.name)),
          place,
        });
      }
    });
    return set.result();
  },
};

function xmlFiles({ files, start }: FolderListing): readonly string[] {
  return (start === undefined ? files : [start]).filter((name) => /\.xml$/i.test(name));
}

async function isVoc(path: string): Promise<boolean> {
  const text = await textEnds(path, HEAD);
  return /<annotation[\s>]/.test(text) && /<(filename|size|object|folder)[\s>]/.test(text);
}

async function readLists({ root, files }: FolderListing, issues: IssueList): Promise<Map<string, Split>> {
  const splits = new Map<string, Split>();
  for (const [pattern, split] of LISTS) {
    for (const name of files.filter((other) => pattern.test(other))) {
      const text = await readText(join(root, name), issues);
      (text ?? '').split(/\r\n|\n|\r/).forEach((written, i) => {
        // Lists of one category have a second column.
        const id = written.trim().split(/\s+/, 1)[0] ?? '';
        if (id === '') return;
        const key = nameKey(id);
        const other = splits.get(key);
        if (other !== undefined && other !== split) {
          issues.error(`image "${id}" is also in the list of ${other}`, { file: join(root, name), line: i + 1 });
        }
        splits.set(key, split);
      });
    }
  }
  return splits;
}

function folderOf(name: string): string {
  return name.split('/').slice(0, -1).join('/');
}
