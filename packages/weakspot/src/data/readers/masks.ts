import { readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import { decodeAlpha, decodeImage, imageGeometry } from '../decode.js';
import { hasImageEnding } from '../files.js';
import type { DecodedImage } from '../image.js';
import type { IssueList } from '../issues.js';
import { nameKey } from '../names.js';
import type { Mark } from './annotated-set.js';
import { AnnotatedSet } from './annotated-set.js';
import type { FoundImage } from './found-images.js';
import { findImages, stemOf } from './found-images.js';
import { mapReporting } from './map-reporting.js';
import { MaskBudget } from './mask-budget.js';
import { maskRegions } from './mask-regions.js';
import { splitInPath } from './path-split.js';
import type { DatasetReader, FolderListing } from './reader.js';

/** Masks decoded at once. */
const CONCURRENCY = 2;
/** Largest mask file that is read, in bytes. */
const MAX_BYTES = 2 ** 29;

const FOLDER = /^(masks?|segmentations?|ground[-_ ]?truths?|gt)$/i;
const SUFFIX = /[-_ ](mask|masks|seg|segmentation|gt)([-_ ]?\d+)?$/i;
/** Of JPEG masks: the compression leaves weak traces around what was drawn. */
const JPEG_THRESHOLD = 127;

/**
 * Images with a mask of each: in a folder `masks` (or `mask`, `segmentations`, `ground_truth`, `gt`) with the image's name,
 * maybe with `_mask` at its end, or beside the image with `_mask`; `_mask_1` and so on are further masks of the same image.
 * What is not 0 is lesion, of JPEG what is above 127, and of a picture of one colour what is not transparent. An empty mask makes its image a negative; each connected part (8
 * neighbours) of another is a lesion of its own. An image without a mask is left out.
 */
export const masks: DatasetReader<'masks'> = {
  format: 'masks',
  title: 'Images and masks',

  recognises({ files, start }) {
    if (start !== undefined) return false;
    const pictures = files.filter(hasImageEnding);
    const owners = new Set(pictures.flatMap((name) => ownerOf(name) ?? []));
    const images = pictures.filter((name) => ownerOf(name) === undefined);
    const masked = images.filter((name) => owners.has(nameKey(stemOf(name)).toLowerCase())).length;
    return masked > 0 && masked >= images.length / 2;
  },

  async read(listing, options, issues) {
    const naming = { idOf: (name: string) => name, isOther: (name: string) => ownerOf(name) !== undefined };
    const images = await findImages(listing, options.images, naming, issues);
    const set = new AnnotatedSet(listing.root, [...images.values()], options.positive, issues);
    const pairs = pairUp(listing, set, issues);
    const budget = new MaskBudget();
    const read = async ({ path }: Pair, own: IssueList): Promise<readonly Mark[] | undefined> =>
      readMask(path, budget, own);
    const marks = await mapReporting(pairs, CONCURRENCY, issues, read, options.signal);
    pairs.forEach(({ image, path, name }, i) => {
      const split = splitInPath(folderOf(image.name)) ?? splitInPath(folderOf(name));
      const found = marks[i];
      if (found !== undefined) set.add(image, { marks: found, split, place: { file: path } });
    });
    return set.result();
  },
};

/** The name, without folder and ending, of the image that a mask is of; undefined where it is no mask. */
function ownerOf(name: string): string | undefined {
  const stem = nameKey(stemOf(name)).toLowerCase();
  if (SUFFIX.test(stem)) return stem.replace(SUFFIX, '');
  return name
    .split('/')
    .slice(0, -1)
    .some((part) => FOLDER.test(part))
    ? stem
    : undefined;
}

interface Pair {
  readonly image: FoundImage;
  readonly name: string;
  readonly path: string;
}

function pairUp({ root, files }: FolderListing, set: AnnotatedSet, issues: IssueList): Pair[] {
  const pairs: Pair[] = [];
  for (const name of files.filter(hasImageEnding)) {
    const owner = ownerOf(name);
    if (owner === undefined) continue;
    const path = join(root, name);
    // From `test/masks/a_mask.png` to `test/images/a.png` the folders before agree, and of `masks/test` those after it.
    const inside = name
      .split('/')
      .slice(0, -1)
      .filter((part) => !FOLDER.test(part));
    const image = set.find([[...inside, owner].join('/')], { file: path });
    if (image === undefined) continue;
    if (image.path === path) issues.error('the mask is its own image', { file: path });
    else pairs.push({ image, name, path });
  }
  return pairs;
}

/** Undefined, with a warning, where the mask can't be read: then nothing is known of its image. */
async function readMask(path: string, budget: MaskBudget, issues: IssueList): Promise<readonly Mark[] | undefined> {
  const place = { file: path };
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw new WeakspotError('data', `it is larger than ${MAX_BYTES} bytes`);
    const bytes = await readFile(path);
    const mask = await decodeImage(bytes, path);
    const set = setPixels(mask, /^\.jpe?g$/i.test(extname(path)) ? JPEG_THRESHOLD : 0);
    // One colour all over may be that of a brush on a transparent ground.
    const isFlat = set.every((value) => value === set[0]);
    const painted = isFlat ? await decodeAlpha(bytes, path) : undefined;
    const regions = maskRegions(painted ?? set, mask, budget);
    const within = { width: mask.width, height: mask.height };
    // A mask with an orientation of its own was made by what reads orientations.
    const turned = (await imageGeometry(path)).orientation === 1 ? {} : { asShown: true };
    if (typeof regions !== 'string')
      return regions.map((region) => ({ label: undefined, region, within, place, ...turned }));
    issues.error(regions, place);
  } catch (error) {
    if (!(error instanceof WeakspotError) || error.code !== 'data') throw error;
    const reason = error.issues[0]?.message ?? error.message;
    issues.warning('masks that cannot be read', `the mask cannot be read, so its image is left out: ${reason}`, place);
  }
  return undefined;
}

function setPixels({ pixels, inverted, highest }: DecodedImage, threshold: number): Uint8Array {
  const set = new Uint8Array(pixels.length);
  for (let i = 0; i < set.length; i++) {
    const value = pixels[i] as number;
    if ((inverted ? highest - value : value) > threshold) set[i] = 1;
  }
  return set;
}

function folderOf(name: string): string {
  return name.split('/').slice(0, -1).join('/');
}
