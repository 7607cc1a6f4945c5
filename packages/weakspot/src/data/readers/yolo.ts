import { join } from 'node:path';
import type { IssueList } from '../issues.js';
import type { PlacedLabel } from '../label-names.js';
import { NameIndex, nameKey, spelled } from '../names.js';
import type { Mark } from './annotated-set.js';
import { openAnnotatedSet } from './annotated-set.js';
import type { FoundImage } from './found-images.js';
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
    let [like, unlike] = [0, 0];
    for (const name of candidates.slice(0, LOOKED_AT)) {
      const text = new TextDecoder().decode(await firstBytes(join(listing.root, name), HEAD));
      if (looksLikeLabels(wholeLines(text), described)) like++;
      else if (text.trim() !== '') unlike++;
    }
    const areApart = candidates.every((name) => name.includes('labels/'));
    if (described && areApart) return true;
    // One that is damaged among many is told by its line; notes that lie about are of another kind of set.
    return like > 0 && (unlike === 0 || (areApart && like > unlike));
  },

  async read(listing, options, issues) {
    const { root } = listing;
    const set = await openAnnotatedSet(listing, options, issues);
    const described = configFile(listing);
    const config = await readYoloConfig(listing, described, issues);
    const labels = labelFiles(listing);
    const index = new NameIndex(labels.map((name) => [name, name] as const));
    const folders = new Set(labels.map((name) => nameKey(folderOf(name))));
    const splitOf = (image: string, file?: string): ReturnType<typeof splitInPath> =>
      config.splitOf(image) ??
      splitInPath(folderOf(image)) ??
      (file === undefined ? undefined : splitInPath(folderOf(file)));

    const mine = ownersOf(set.images, index);
    const byName = new Map(set.images.map((image) => [image.name, image]));
    const read = async (name: string, own: IssueList): Promise<readonly Mark[]> =>
      readYoloLabels(join(root, name), config, own);
    const marks = await mapReporting(labels, CONCURRENCY, issues, read, options.signal);
    const lost: string[] = [];
    labels.forEach((name, i) => {
      const place = { file: join(root, name) };
      const own = mine.get(name);
      const image = own === undefined ? set.find([stemOf(name)], place) : byName.get(own);
      if (image === undefined) lost.push(name);
      else set.add(image, { marks: marks[i] ?? [], split: splitOf(image.name, name), place });
    });

    const bare = set.images.filter(
      (image) => !set.has(image) && labelPlaces(image.name).some((name) => folders.has(nameKey(folderOf(name)))),
    );
    const mayBeBare = checkBare(bare, lost, listing, issues);
    for (const image of mayBeBare ? bare : []) {
      const place = { file: image.path };
      issues.warning(
        'images without a label file',
        'it has no label file: taken as an image without any object',
        place,
      );
      set.add(image, { marks: [], split: splitOf(image.name), place });
    }
    const listed = config.names.map((name): PlacedLabel => [
      name,
      { file: join(root, described ?? ''), field: 'names' },
    ]);
    return set.result(listed);
  },
};

/**
 * The images that label files are of by their places: those of the very name, else those whose name is the same to `nameKey`.
 * A file that could be of several is none's.
 */
function ownersOf(images: readonly FoundImage[], labels: NameIndex): Map<string, string> {
  const mine = new Map<string, string>();
  const others = images.filter(({ name }) => {
    const file = labelPlaces(name).find((place) => labels.has(place));
    if (file !== undefined) mine.set(file, name);
    return file === undefined;
  });
  const claims = new Map<string, string[]>();
  for (const { name } of others) {
    for (const file of new Set(labelPlaces(name).flatMap((place) => labels.same(place)))) {
      if (!mine.has(file)) claims.set(file, [...(claims.get(file) ?? []), name]);
    }
  }
  for (const [file, [name, other]] of claims) if (name !== undefined && other === undefined) mine.set(file, name);
  return mine;
}

/**
 * That an image without a label file has no object holds only where each label file has its image, and where nothing else says
 * what the image shows.
 */
function checkBare(
  bare: readonly FoundImage[],
  lost: readonly string[],
  { root, files }: FolderListing,
  issues: IssueList,
): boolean {
  const [first] = bare;
  if (first === undefined) return true;
  let isWhole = lost.length === 0;
  for (const name of lost) {
    const message =
      `the label file belongs to no image, and ${bare.length} of the images have no label file, such as ${spelled(first.name)}, which would ` +
      'be taken as images without any object: correct the names, or remove the file';
    issues.error(message, { file: join(root, name) });
  }
  const stems = new Map(
    files.filter((name) => /\.(xml|json)$/i.test(name)).map((name) => [nameKey(stemOf(name)), name]),
  );
  for (const { name, path } of bare) {
    const other = stems.get(nameKey(stemOf(name)));
    if (other === undefined) continue;
    isWhole = false;
    const message = `it has no YOLO label file but ${other}: write all annotations in one format, or name the format with --format`;
    issues.error(message, { file: path });
  }
  return isWhole;
}

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
