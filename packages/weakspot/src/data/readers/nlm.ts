import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '@weakspot/core';
import { readCsv } from '../csv.js';
import type { RegionRow } from '../ground-truth.js';
import type { IssueList } from '../issues.js';
import { boxOfSize } from './box-cells.js';
import type { FoundImage, ImageNaming } from './found-images.js';
import { mostlyNamed, stemOf } from './found-images.js';
import { mapReporting } from './map-reporting.js';
import type { FolderListing } from './reader.js';

// The two sets of chest radiographs with and without tuberculosis of the U.S. National Library of Medicine (Jaeger et al.,
// Quantitative Imaging in Medicine and Surgery 4(6), 2014) are made up alike: `CHNCXR_0001_0.png` and `MCUCXR_0001_0.png`,
// the last figure 1 where the image shows tuberculosis.

export const TUBERCULOSIS = 'tuberculosis';
export const NORMAL = 'normal';

/** Consensus boxes are in pixels of copies of this size. */
const ROI_SIDE = 1024;
const ROI_COLUMNS = ['x_dis', 'y_dis', 'width_dis', 'height_dis'] as const;
/** Readings have some 50 bytes. */
const MAX_READING = 2 ** 16;
/** `Patient's Sex: F`, `Patient's Age: 049Y`; `male 45yrs`, and such with slips as `femal 24yrs` and `female24yrs`. */
const DEMOGRAPHY = /^(patient'?s (sex|age)|male|femal)/i;
/** Files read at once. */
const CONCURRENCY = 16;

export type Prefix = 'CHNCXR' | 'MCUCXR';

export function nlmNaming(prefix: Prefix): ImageNaming {
  const pattern = new RegExp(`^${prefix}_(\\d{4})_([01])$`, 'i');
  return {
    idOf: (name) => (pattern.test(stemOf(name)) ? stemOf(name).toUpperCase() : undefined),
    // Masks of lungs are named after their images, some exactly so.
    isOther: (name) => /(^|\/)([^/]*masks?|Annotations[^/]*)\//i.test(name) || /_mask\.\w+$/i.test(name),
  };
}

/** By the images' names or, where the images are elsewhere, by those of the readings. */
export function recognisesNlm(listing: FolderListing, prefix: Prefix): boolean {
  const naming = nlmNaming(prefix);
  return mostlyNamed(listing, naming) || readingsOf(listing, naming).length > 0;
}

export function labelOfName(id: string): string {
  return id.endsWith('1') ? TUBERCULOSIS : NORMAL;
}

/** What a radiologist wrote of an image, a text file named after it. */
export interface Reading {
  readonly id: string;
  readonly path: string;
  /** Lines without those on sex and age, of which nothing is kept. */
  readonly findings: readonly string[];
}

/** The clinical readings; one that can't be read is reported. Such without an image, and such that contradict the name, too. */
export async function readReadings(
  listing: FolderListing,
  naming: ImageNaming,
  images: ReadonlyMap<string, FoundImage>,
  issues: IssueList,
  signal: AbortSignal | undefined,
): Promise<Reading[]> {
  const names = readingsOf(listing, naming);
  const texts = await mapReporting(
    names,
    CONCURRENCY,
    issues,
    (name, own) => readReading(join(listing.root, name), own),
    signal,
  );
  return names.flatMap((name, i): Reading[] => {
    const text = texts[i];
    if (text === undefined) return [];
    const path = join(listing.root, name);
    const id = naming.idOf(name) as string;
    const lines = text.split(/\r\n|\n|\r/).map((line) => line.trim());
    const findings = lines.filter((line) => line !== '' && !DEMOGRAPHY.test(line));
    if (!images.has(id)) {
      issues.warning('readings without an image', `image ${id} is missing`, { file: path });
      return [];
    }
    const [first] = findings;
    if (first !== undefined && /^normale?\.?$/i.test(first) !== (labelOfName(id) === NORMAL)) {
      const message = `by its name the image is ${labelOfName(id)}, by its reading ${labelOfName(id) === NORMAL ? 'it is not' : 'it is normal'}`;
      issues.warning('readings that contradict the name', message, { file: path });
    }
    return [{ id, path, findings }];
  });
}

function readingsOf({ files }: FolderListing, naming: ImageNaming): string[] {
  return files.filter((name) => /\.txt$/i.test(name) && naming.idOf(name) !== undefined);
}

async function readReading(path: string, issues: IssueList): Promise<string | undefined> {
  try {
    const info = await stat(path);
    if (!info.isFile() || info.size > MAX_READING) throw new Error('this is not a short text');
    // Any byte is a character there: a reading only confirms what the name says.
    return await readFile(path, 'latin1');
  } catch (error) {
    issues.warning('readings that cannot be read', `cannot read: ${messageOf(error)}`, { file: path });
    return undefined;
  }
}

/** The consensus boxes of two radiologists that are published with both sets, in pixels of copies of 1024 x 1024. */
export async function readConsensus(
  { root, files }: FolderListing,
  images: ReadonlyMap<string, FoundImage>,
  naming: ImageNaming,
  issues: IssueList,
): Promise<RegionRow[]> {
  const table = files.find((name) => /(^|\/)(shenzhen|montgomery)_consensus_roi\.csv$/i.test(name));
  if (table === undefined) return [];
  const file = join(root, table);
  const rows = await readCsv(file, ['patientid', ...ROI_COLUMNS], [], issues);
  return rows.flatMap((row): RegionRow[] => {
    const place = { file, line: row.line };
    const written = row.cells.patientid as string;
    const id = naming.idOf(/\.\w+$/.test(written) ? written : `${written}.png`);
    const region = boxOfSize(row, ROI_COLUMNS, place, issues);
    if (id === undefined) {
      issues.error(`"${written}" is not an image of this set`, { ...place, field: 'patientid' });
      return [];
    }
    const image = images.get(id);
    if (region === undefined || image === undefined) return [];
    return [{ name: image.name, region, within: { width: ROI_SIDE, height: ROI_SIDE }, label: undefined, place }];
  });
}
