import { join } from 'node:path';
import type { LabelledFile } from '../dataset.js';
import type { RegionRow } from '../ground-truth.js';
import type { IssueList } from '../issues.js';
import type { FoundImage, ImageNaming } from './found-images.js';
import { findImages, stemOf } from './found-images.js';
import { labelOfName, nlmNaming, readConsensus, readReadings, recognisesNlm, TUBERCULOSIS } from './nlm.js';
import type { DatasetReader, FolderListing } from './reader.js';
import { readLesionMasks } from './shenzhen-masks.js';
import { readVia } from './via.js';

const PREFIX = 'CHNCXR';
/** The published annotations, and a second set of them that was put beside without a description. */
const ANNOTATIONS = ['Annotations', 'Annotations-2'] as const;

/**
 * Shenzhen Hospital chest radiographs: 662 images, 336 of them with tuberculosis. Ground truth are the abnormalities that
 * Yang et al. (Data 7(7), 95, 2022) outlined on 330 of these: polygons in JSON, or else one mask image each. Where the
 * folder `Annotations` is not there, `Annotations-2` is taken, else the consensus boxes of `shenzhen_consensus_roi.csv`.
 */
export const shenzhen: DatasetReader<'shenzhen'> = {
  format: 'shenzhen',
  title: 'Shenzhen Hospital chest X-ray set',

  recognises: (listing) => recognisesNlm(listing, PREFIX),

  async read(listing, { images: folder, signal }, issues) {
    const naming = nlmNaming(PREFIX);
    const images = await findImages(listing, folder, naming, issues);
    await readReadings(listing, naming, images, issues, signal);
    const files = [...images].map(([id, image]): LabelledFile => ({
      ...image,
      label: labelOfName(id),
      patient: id,
      split: undefined,
      line: undefined,
    }));
    return { files, truth: await readTruth(listing, images, naming, issues, signal), positive: TUBERCULOSIS };
  },
};

/** Polygons of VIA; the first attribute that says something is named after the abnormality that was marked. */
async function readOutlines(
  file: string,
  nameOf: (filename: string) => string | undefined,
  issues: IssueList,
): Promise<RegionRow[]> {
  const images = await readVia(file, (filename) => nameOf(filename) !== undefined, issues);
  return images.flatMap(({ filename, marks }) =>
    marks.flatMap(({ region, attributes }): RegionRow[] => {
      if (region === undefined) return [];
      const label = Object.keys(attributes).find((key) => attributes[key] !== '' && attributes[key] !== false);
      return [{ name: nameOf(filename) as string, region, label, place: { file } }];
    }),
  );
}

async function readTruth(
  listing: FolderListing,
  images: ReadonlyMap<string, FoundImage>,
  naming: ImageNaming,
  issues: IssueList,
  signal: AbortSignal | undefined,
): Promise<RegionRow[]> {
  const { root, files } = listing;
  const nameOf = (filename: string): string | undefined => images.get(naming.idOf(filename) ?? '')?.name;
  for (const folder of ANNOTATIONS) {
    const inside = files.filter((name) => `/${name}`.includes(`/${folder}/`));
    const outlines = inside.filter((name) => /\.json$/i.test(name));
    // All of them are in one file as well, and again one by one.
    const whole = outlines.filter((name) => /all.?in.?one/i.test(stemOf(name)));
    const rows: RegionRow[] = [];
    for (const name of whole.length > 0 ? whole : outlines) {
      rows.push(...(await readOutlines(join(root, name), nameOf, issues)));
    }
    if (outlines.length > 0) return rows;
    const masks = inside.filter((name) => /(^|\/)masks?\//i.test(name));
    if (masks.length > 0) return readLesionMasks(root, masks, images, issues, signal);
  }
  return readConsensus(listing, images, naming, issues);
}
