import { join } from 'node:path';
import type { Split } from '../dataset.js';
import { imageSize } from '../decode.js';
import type { RegionRow } from '../ground-truth.js';
import type { IssueList } from '../issues.js';
import { readCbisMask } from './cbis-masks.js';
import type { CbisRow } from './cbis-tables.js';
import { CBIS_FINDINGS, isCbisTable, readCbisTable } from './cbis-tables.js';
import type { FindingChoice } from './findings.js';
import { chooseFinding } from './findings.js';
import type { FoundImage, LabelledRow } from './found-images.js';
import { findImages, joinImages, withoutLoneTraining } from './found-images.js';
import { mapReporting } from './map-reporting.js';
import { MaskBudget } from './mask-budget.js';
import type { DatasetReader, FolderListing } from './reader.js';

/** Masks decoded at once. */
const CONCURRENCY = 2;
const DEFAULT = 'malignant';
/** Folder of a film, or with a number that of an abnormality on it; or a file so named. */
const FOLDER = /^((?:Mass|Calc)-(?:Training|Test)_P_\d+_(?:LEFT|RIGHT)_(?:CC|MLO))(?:_(\d+))?(?:\.\w+)?$/i;

/**
 * CBIS-DDSM: 3,103 films of DDSM with masses or calcifications, decompressed, with new outlines and an official division
 * (Lee et al., Scientific Data 4, 170177, 2017). Films, crops and masks are DICOM files in folders named after them, or files
 * in folders named after their series, as in copies of the set.
 *
 * A film with masses and calcifications is there twice; it is one image here, with both. Masses and calcifications were
 * divided on their own, so that a woman may be in the training part of the one and in the test part of the other: her
 * training images are left out.
 */
export const cbisDdsm: DatasetReader<'cbis-ddsm'> = {
  format: 'cbis-ddsm',
  title: 'CBIS-DDSM',

  recognises: ({ files }) => files.some(isCbisTable),

  async read(listing, options, issues) {
    const tables = listing.files.filter(isCbisTable);
    if (tables.length === 0)
      issues.error('there is no table such as mass_case_description_train_set.csv', { file: listing.root });
    const all: CbisRow[] = [];
    for (const table of tables) all.push(...(await readCbisTable(join(listing.root, table), issues)));
    const rows = withoutDivided(all, issues);
    const files = await findFiles(listing, options.images, all, issues);
    const choice = chooseFinding(options.positive ?? DEFAULT, new Set(CBIS_FINDINGS), 'no finding');

    const images = new Map<string, FoundImage>();
    for (const { image, film } of rows) {
      const found = files.films.get(film.toLowerCase());
      if (found !== undefined && !images.has(image)) images.set(image, found);
    }
    const labelled = joinImages(labelledRows(rows, choice), images, listing.root, issues);
    const left = new Set(labelled.map(({ name }) => name));
    const budget = new MaskBudget();
    const marked = rows.filter(
      ({ image, findings }) =>
        left.has(images.get(image)?.name ?? '') && findings.some((finding) => choice.counts(finding)),
    );
    const truth = await mapReporting(
      marked,
      CONCURRENCY,
      issues,
      async ({ image, film, number, place }, own): Promise<RegionRow[]> => {
        const { name, path } = images.get(image) as FoundImage;
        const candidates = files.regions.get(`${film}_${number}`.toLowerCase()) ?? [];
        const size = await imageSize(path).catch(() => undefined);
        // A film that can't be read is reported as such later.
        const mask = size === undefined ? undefined : await readCbisMask(candidates, size, place, budget, own);
        return mask === undefined ? [] : [{ name, ...mask, label: undefined, place }];
      },
      options.signal,
    );
    return { files: withoutLoneTraining(labelled), truth: truth.flat(), positive: choice.positive };
  },
};

/** The rows without those of the training part whose women are in the test part as well. */
function withoutDivided(rows: readonly CbisRow[], issues: IssueList): readonly CbisRow[] {
  const tested = new Set(rows.filter(({ split }) => split === 'test').map(({ patient }) => patient));
  return rows.filter(({ patient, split, place }) => {
    const isDivided = split === 'train' && tested.has(patient);
    const message = `patient ${patient} is in the test part of another table: left out of training`;
    if (isDivided) issues.warning('rows of training whose patient is in the test part', message, place);
    return !isDivided;
  });
}

/** A row per image: with the findings of all its abnormalities. */
function labelledRows(rows: readonly CbisRow[], choice: FindingChoice): LabelledRow[] {
  const images = new Map<string, { first: CbisRow; findings: Set<string> }>();
  for (const row of rows) {
    const known = images.get(row.image);
    if (known === undefined) images.set(row.image, { first: row, findings: new Set(row.findings) });
    else for (const finding of row.findings) known.findings.add(finding);
  }
  return [...images].map(([id, { first, findings }]): LabelledRow => {
    const { patient, view, place } = first;
    const split: Split = first.split;
    return { id, label: choice.labelOf(findings), patient, view, split, place };
  });
}

interface CbisFiles {
  /** By the name of the film's folder, in small letters. */
  readonly films: ReadonlyMap<string, FoundImage>;
  /** Masks and crops, by the name of the abnormality's folder. */
  readonly regions: ReadonlyMap<string, readonly FoundImage[]>;
}

/** Every picture is told by the folder that it lies in: by its name, or by the series of a row. */
async function findFiles(
  listing: FolderListing,
  folder: string | undefined,
  rows: readonly CbisRow[],
  issues: IssueList,
): Promise<CbisFiles> {
  const series = new Map<string, string>();
  for (const { film, number, series: uids } of rows) {
    for (const uid of uids.region) series.set(uid, `${film}_${number}`.toLowerCase());
    if (uids.film !== undefined) series.set(uids.film, film.toLowerCase());
  }
  const folderOf = (name: string): string | undefined => {
    for (const part of name.split('/').toReversed()) {
      const [, film, number] = FOLDER.exec(part) ?? [];
      if (film !== undefined) return `${film}${number === undefined ? '' : `_${number}`}`.toLowerCase();
      const known = series.get(part);
      if (known !== undefined) return known;
    }
    return undefined;
  };
  const isRegion = (id: string): boolean => /_\d+$/.test(id);
  const idOf = (name: string): string | undefined => {
    const id = folderOf(name);
    // Several files may lie in an abnormality's folder.
    return id !== undefined && isRegion(id) ? `${id}/${name}` : id;
  };
  const films = new Map<string, FoundImage>();
  const regions = new Map<string, FoundImage[]>();
  for (const [id, image] of await findImages(listing, folder, { idOf }, issues)) {
    const [key = ''] = id.split('/', 1);
    if (!isRegion(key)) films.set(key, image);
    else regions.set(key, [...(regions.get(key) ?? []), image]);
  }
  return { films, regions };
}
