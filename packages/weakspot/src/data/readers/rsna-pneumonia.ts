import { join } from 'node:path';
import type { BoxRegion } from '@weakspot/core';
import { readCsv } from '../csv.js';
import type { RegionRow } from '../ground-truth.js';
import type { IssueList, IssuePlace } from '../issues.js';
import { boxOfSize } from './box-cells.js';
import type { ImageNaming, LabelledRow } from './found-images.js';
import { findImages, joinImages, stemOf } from './found-images.js';
import type { DatasetReader, FolderListing } from './reader.js';
import { readRsnaPatients } from './rsna-patients.js';

const LABELS = /(^|\/)stage_2_train_labels\.csv$/i;
const CLASSES = /(^|\/)stage_2_detailed_class_info\.csv$/i;
const MAPPING = /(^|\/)pneumonia-challenge-dataset-mappings[^/]*\.json$/i;
const POSITIVE = 'pneumonia';
const NEGATIVE = `no ${POSITIVE}`;
/** All images have this size, and boxes are in its pixels. */
const SIDE = 1024;

const naming: ImageNaming = {
  idOf: (name) => (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(stemOf(name)) ? stemOf(name) : undefined),
  // Published without labels.
  isOther: (name) => /(^|\/)stage_2_test_images\//i.test(name),
};

/**
 * RSNA Pneumonia Detection Challenge 2018, its stage 2: 26,684 frontal radiographs of NIH ChestX-ray14, read anew for
 * opacities that suggest pneumonia, with boxes (Shih et al., Radiology: Artificial Intelligence 1(1), 2019). The negative
 * class holds normal images and those with other abnormalities.
 */
export const rsnaPneumonia: DatasetReader<'rsna-pneumonia'> = {
  format: 'rsna-pneumonia',
  title: 'RSNA Pneumonia Detection Challenge',

  recognises: ({ files }) => files.some((name) => LABELS.test(name)),

  async read(listing, options, issues) {
    const { root, files } = listing;
    const table = files.find((name) => LABELS.test(name));
    if (table === undefined) {
      issues.error('there is no stage_2_train_labels.csv: the labels are in it', { file: root });
      return { files: [], truth: [] };
    }
    const images = await findImages(listing, options.images, naming, issues);
    const entries = await readEntries(join(root, table), issues);
    await checkClasses(listing, entries, issues);
    const mapping = files.find((name) => MAPPING.test(name));
    const patients = mapping === undefined ? undefined : await readRsnaPatients(join(root, mapping), issues);

    const rows = [...entries].map(([id, { target, place }]): LabelledRow => ({
      id,
      label: target ? POSITIVE : NEGATIVE,
      patient: patients?.get(id) ?? id,
      split: undefined,
      place,
    }));
    const truth = [...entries].flatMap(([id, { boxes }]): RegionRow[] => {
      const name = images.get(id)?.name;
      const within = { width: SIDE, height: SIDE };
      return name === undefined ? [] : boxes.map((box) => ({ name, within, label: undefined, ...box }));
    });
    return { files: joinImages(rows, images, root, issues), truth, positive: POSITIVE };
  },
};

interface Entry {
  readonly target: boolean;
  readonly boxes: { readonly region: BoxRegion; readonly place: IssuePlace }[];
  readonly place: IssuePlace;
}

/** By `patientId`, which is an image's name; an image with several boxes has as many rows. */
async function readEntries(file: string, issues: IssueList): Promise<Map<string, Entry>> {
  const columns = ['x', 'y', 'width', 'height'] as const;
  const rows = await readCsv(file, ['patientid', 'target'], columns, issues);
  const entries = new Map<string, Entry>();
  for (const row of rows) {
    const place = { file, line: row.line };
    const { patientid: id, target } = row.cells as { patientid: string; target: string };
    if (target !== '0' && target !== '1') {
      issues.error(`"${target}" is not a target: it must be 0 or 1`, { ...place, field: 'target' });
      continue;
    }
    const entry: Entry = entries.get(id) ?? { target: target === '1', boxes: [], place };
    entries.set(id, entry);
    if (entry.target !== (target === '1')) {
      issues.error(`image ${id} has another target in line ${entry.place.line}`, { ...place, field: 'target' });
      continue;
    }
    const region = entry.target ? boxOfSize(row, columns, place, issues) : undefined;
    if (region !== undefined) entry.boxes.push({ region, place });
  }
  return entries;
}

/** The second table tells normal images from those with other findings; it must not contradict the first. */
async function checkClasses(
  { root, files }: FolderListing,
  entries: ReadonlyMap<string, Entry>,
  issues: IssueList,
): Promise<void> {
  const name = files.find((other) => CLASSES.test(other));
  if (name === undefined) return;
  const file = join(root, name);
  for (const { line, cells } of await readCsv(file, ['patientid', 'class'], [], issues)) {
    const entry = entries.get(cells.patientid as string);
    if (entry === undefined || (cells.class === 'Lung Opacity') === entry.target) continue;
    const message = `image ${cells.patientid} is "${cells.class}" here and has target ${entry.target ? 1 : 0} in line ${entry.place.line} of the labels`;
    issues.warning('contradicting classes', message, { file, line, field: 'class' });
  }
}
