import { join } from 'node:path';
import type { IssueList } from '../issues.js';
import type { Mark } from './annotated-set.js';
import { openAnnotatedSet } from './annotated-set.js';
import { stemOf } from './found-images.js';
import { mapReporting } from './map-reporting.js';
import { splitInPath } from './path-split.js';
import { firstBytes } from './peek.js';
import type { DatasetReader, FolderListing } from './reader.js';
import { configFile, isYoloConfig, NAMES_FILE, readYoloConfig } from './yolo-config.js';
import { looksLikeLabels, readYoloLabels } from './yolo-labels.js';

/** Label files read at once. */
const CONCURRENCY = 16;
const LOOKED_AT = 20;
/** Enough for some lines; the last may be cut. */
const HEAD = 65536;

/**
 * YOLO, as of Ultralytics and Darknet: a text file per image, of the same name, in the same folder or in `labels` where the
 * image is in `images`; `data.yaml` names the classes and parts. An empty label file makes a negative, and so does none
 * where other images of the folder have theirs.
 */
export const yolo: DatasetReader<'yolo'> = {
  format: 'yolo',
  title: 'YOLO',

  async recognises(listing) {
    const config = configFile(listing);
    if (listing.start !== undefined && config === undefined) return false;
    const described =
      config !== undefined && (NAMES_FILE.test(config) || (await isYoloConfig(join(listing.root, config))));
    const candidates = labelFiles(listing);
    if (candidates.length === 0) return false;
    let like = 0;
    for (const name of candidates.slice(0, LOOKED_AT)) {
      const text = new TextDecoder().decode(await firstBytes(join(listing.root, name), HEAD));
      if (looksLikeLabels(wholeLines(text))) like++;
      else if (text.trim() !== '') return false;
    }
    return like > 0 || (described && candidates.every((name) => name.includes('labels/')));
  },

  async read(listing, options, issues) {
    const { root } = listing;
    const set = await openAnnotatedSet(listing, options, issues);
    const config = await readYoloConfig(listing, configFile(listing), issues);
    const labels = new Set(labelFiles(listing));
    const folders = new Set([...labels].map(folderOf));
    const splitOf = (image: string, file?: string): ReturnType<typeof splitInPath> =>
      config.splitOf(image) ??
      splitInPath(folderOf(image)) ??
      (file === undefined ? undefined : splitInPath(folderOf(file)));

    const mine = new Map<string, string>();
    for (const image of set.images) {
      const file = labelPlaces(image.name).find((name) => labels.has(name));
      if (file !== undefined) mine.set(file, image.name);
    }
    const byName = new Map(set.images.map((image) => [image.name, image]));
    const names = [...labels];
    const read = async (name: string, own: IssueList): Promise<readonly Mark[]> =>
      readYoloLabels(join(root, name), config, own);
    const marks = await mapReporting(names, CONCURRENCY, issues, read, options.signal);
    names.forEach((name, i) => {
      const place = { file: join(root, name) };
      const own = mine.get(name);
      const image = own === undefined ? set.find([stemOf(name)], place) : byName.get(own);
      if (image !== undefined) set.add(image, { marks: marks[i] ?? [], split: splitOf(image.name, name), place });
    });

    for (const image of set.images) {
      if (set.has(image) || !labelPlaces(image.name).some((name) => folders.has(folderOf(name)))) continue;
      const place = { file: image.path };
      issues.warning('images without a label file', 'it has no label file: taken as one without any object', place);
      set.add(image, { marks: [], split: splitOf(image.name), place });
    }
    return set.result(config.names);
  },
};

/** Text files that may be labels: not lists of images or names, nor what is told of a set. */
function labelFiles({ files }: FolderListing): readonly string[] {
  const others = /(^|\/)(classes|labels|notes|train|val|valid|test|readme[^/]*|license[^/]*)\.txt$/i;
  return files.filter((name) => /\.txt$/i.test(name) && !others.test(name));
}

/** Where the labels of an image may be: for `images` in its path, the last, there is `labels`. */
function labelPlaces(image: string): readonly string[] {
  const same = `${image.replace(/\.[^./]*$/, '')}.txt`;
  const at = `/${same}`.lastIndexOf('/images/');
  return at < 0 ? [same] : [`${same.slice(0, at)}labels/${same.slice(at + 'images/'.length)}`, same];
}

function folderOf(name: string): string {
  return name.split('/').slice(0, -1).join('/');
}

/** Without a last line that may be cut. */
function wholeLines(text: string): string {
  return text.length < HEAD ? text : text.slice(0, text.lastIndexOf('\n'));
}
