import { join } from 'node:path';
import type { LabelledFile } from '../dataset.js';
import type { RegionRow } from '../ground-truth.js';
import type { IssueList } from '../issues.js';
import { readText } from '../text.js';
import type { FoundImage, ImageNaming } from './found-images.js';
import { findImages, mostlyNamed, stemOf } from './found-images.js';
import type { DatasetReader } from './reader.js';

const NODULES = /(^|\/)CLNDAT[^/]*\.txt$/i;
const POSITIVE = 'nodule';
const NEGATIVE = `no ${POSITIVE}`;
/** Published images have this size, and coordinates are in its pixels. */
const SIDE = 2048;
/** Millimetres from one pixel to the next. */
const SPACING = 0.175;

const naming: ImageNaming = {
  idOf: (name) => (/^JPC(LN|NN)\d{3}$/i.test(stemOf(name)) ? stemOf(name).toUpperCase() : undefined),
  // Outlines of lungs and hearts by others (van Ginneken et al., 2006) are named exactly after their images.
  isOther: (name) => /(^|\/)(masks?|scr|fold\d|landmarks)\//i.test(name),
};

/**
 * JSRT: 247 chest radiographs, 154 of them with one lung nodule each (Shiraishi et al., AJR 174, 2000). Its images are raw
 * files, 2048 x 2048 numbers of 16 bits, big endian: read are PNG files made of these. Ground truth are circles of the
 * nodules' diameter around the centres that `CLNDAT_EN.txt` gives.
 */
export const jsrt: DatasetReader<'jsrt'> = {
  format: 'jsrt',
  title: 'JSRT lung nodules',

  recognises: (listing) => mostlyNamed(listing, naming) || listing.files.some((name) => NODULES.test(name)),

  async read(listing, options, issues) {
    const { root, files } = listing;
    const images = await findImages(listing, options.images, naming, issues);
    const raw = files.filter((name) => /\.img$/i.test(name) && !images.has(naming.idOf(name) ?? ''));
    const advice = 'raw .IMG files are not read: write it as PNG of 16 bits of the same name';
    for (const name of raw) issues.warning('raw images', advice, { file: join(root, name) });
    if (raw.length > 0 && images.size === 0) {
      issues.error('there are raw .IMG files only: write them as PNG of 16 bits of the same names', { file: root });
    }
    const table = files.find((name) => NODULES.test(name));
    const truth = table === undefined ? [] : await readNodules(join(root, table), images, issues);
    const labelled = [...images].map(([id, image]): LabelledFile => ({
      ...image,
      label: id.startsWith('JPCLN') ? POSITIVE : NEGATIVE,
      patient: id,
      split: undefined,
      line: undefined,
      view: 'PA',
    }));
    return { files: labelled, truth, positive: POSITIVE };
  },
};

/**
 * A record an image, apart by blanks: name, subtlety, diameter in mm, age, sex, x, y, and what it was. In some copies
 * records follow each other without a line end.
 */
async function readNodules(
  file: string,
  images: ReadonlyMap<string, FoundImage>,
  issues: IssueList,
): Promise<RegionRow[]> {
  const text = (await readText(file, issues)) ?? '';
  const starts = [...text.matchAll(/JPCLN\d{3}/gi)];
  let [line, before] = [1, 0];
  return starts.flatMap((start, i): RegionRow[] => {
    line += text.slice(before, start.index).split(/\r\n|\n|\r/).length - 1;
    before = start.index;
    const place = { file, line };
    const [written = '', , diameter, , , x, y] = text.slice(start.index, starts[i + 1]?.index).split(/\s+/);
    const numbers = [diameter, x, y].map((cell) =>
      cell !== undefined && /^\d{1,6}(\.\d{1,6})?$/.test(cell) ? Number(cell) : 0,
    );
    const [size, column, row] = numbers as [number, number, number];
    if (!(size > 0 && column > 0 && row > 0)) {
      issues.error(`the nodule of ${stemOf(written)} has no diameter, x and y where they should be`, place);
      return [];
    }
    const image = images.get(stemOf(written).toUpperCase());
    if (image === undefined) return [];
    const region = { kind: 'circle', x: column, y: row, radius: size / 2 / SPACING } as const;
    return [{ name: image.name, region, within: { width: SIDE, height: SIDE }, label: undefined, place }];
  });
}
