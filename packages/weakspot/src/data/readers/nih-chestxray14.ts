import { basename, join } from 'node:path';
import { boxOfSize } from './box-cells.js';
import { readCsv } from '../csv.js';
import type { Split } from '../dataset.js';
import type { RegionRow } from '../ground-truth.js';
import type { IssueList } from '../issues.js';
import { readText } from '../text.js';
import type { FindingChoice } from './findings.js';
import { chooseFinding } from './findings.js';
import type { FoundImage, ImageNaming, LabelledRow } from './found-images.js';
import { findImages, joinImages, mostlyNamed, stemOf, withoutLoneTraining } from './found-images.js';
import type { DatasetReader, FolderListing } from './reader.js';

const ENTRIES = /(^|\/)Data_Entry_2017[^/]*\.csv$/i;
const BOXES = /(^|\/)BBox_List_2017[^/]*\.csv$/i;
const LISTS: readonly (readonly [RegExp, Split])[] = [
  [/(^|\/)train_val_list[^/]*\.txt$/i, 'train'],
  [/(^|\/)test_list[^/]*\.txt$/i, 'test'],
];
/** The boxes' table names their columns as one cell `Bbox [x,y,w,h]`, which its commas cut into four. */
const BOX_COLUMNS = ['bbox [x', 'y', 'w', 'h]'] as const;
/** Published images have this size, and boxes are in its pixels. */
const SIDE = 1024;
const NONE = 'No Finding';

const naming: ImageNaming = { idOf: (name) => (/^\d{8}_\d{3}$/.test(stemOf(name)) ? stemOf(name) : undefined) };

/**
 * NIH ChestX-ray14: 112,120 frontal radiographs of 30,805 patients with 14 findings mined from reports, and 984 boxes of
 * 8 findings (Wang et al., CVPR 2017, and the set's own `README_CHESTXRAY.pdf`).
 */
export const nihChestXray14: DatasetReader<'nih-chestxray14'> = {
  format: 'nih-chestxray14',
  title: 'NIH ChestX-ray14',

  recognises: (listing) => listing.files.some((name) => ENTRIES.test(name)) || isBare(listing),

  async read(listing, options, issues) {
    const { root, files } = listing;
    const images = await findImages(listing, options.images, naming, issues);
    const splits = await readLists(listing, issues);
    const table = files.find((name) => ENTRIES.test(name));
    if (table === undefined) {
      issues.error('there is no Data_Entry_2017 table: the labels are in it', { file: root });
      return { files: [], truth: [] };
    }
    const entries = await readEntries(join(root, table), issues);
    const known = new Set(entries.flatMap(({ findings }) => [...findings]));
    const choice = chooseFinding(options.positive, known, NONE);
    const several = options.multiLabel === true;
    const rows = entries.map(({ findings, ...row }): LabelledRow => ({
      ...row,
      label: several ? [...findings].join('|') || NONE : choice.labelOf(findings),
      split: splits.get(row.id),
    }));
    const found = joinImages(rows, images, root, issues);
    const boxes = files.find((name) => BOXES.test(name));
    const truth =
      boxes === undefined ? [] : await readBoxList(join(root, boxes), images, several ? undefined : choice, issues);
    return { files: withoutLoneTraining(found), truth, ...(several ? {} : { positive: choice.positive }) };
  },
};

/** Its images and lists without its table, which is still better told so than read as something else. */
function isBare(listing: FolderListing): boolean {
  return listing.files.some((name) => BOXES.test(name)) && mostlyNamed(listing, naming);
}

interface Entry extends Omit<LabelledRow, 'label' | 'split'> {
  readonly findings: ReadonlySet<string>;
}

async function readEntries(file: string, issues: IssueList): Promise<Entry[]> {
  const rows = await readCsv(file, ['image index', 'finding labels'], ['patient id', 'view position'], issues);
  const seen = new Map<string, number>();
  return rows.flatMap(({ line, cells }): Entry[] => {
    const id = stemOf(cells['image index'] as string);
    const place = { file, line };
    const before = seen.get(id);
    if (before !== undefined) {
      issues.warning('repeated rows', `${id} is listed again, after line ${before}: ignored`, place);
      return [];
    }
    seen.set(id, line);
    const findings = new Set((cells['finding labels'] as string).split('|').map((finding) => finding.trim()));
    for (const nothing of ['', NONE]) findings.delete(nothing);
    const view = cells['view position'];
    return [{ id, findings, patient: cells['patient id'], place, ...(view === undefined ? {} : { view }) }];
  });
}

/** Split by image from the official lists, one image name a line. */
async function readLists({ root, files }: FolderListing, issues: IssueList): Promise<Map<string, Split>> {
  const splits = new Map<string, Split>();
  for (const [pattern, split] of LISTS) {
    const name = files.find((other) => pattern.test(other));
    const text = name === undefined ? undefined : await readText(join(root, name), issues);
    (text ?? '').split(/\r\n|\n|\r/).forEach((written, i) => {
      const id = stemOf(written.trim());
      if (id === '') return;
      const other = splits.get(id);
      if (other !== undefined && other !== split) {
        issues.error(`${id} is also in the list of the other part`, { file: join(root, name as string), line: i + 1 });
      }
      splits.set(id, split);
    });
  }
  return splits;
}

async function readBoxList(
  file: string,
  images: ReadonlyMap<string, FoundImage>,
  choice: FindingChoice | undefined,
  issues: IssueList,
): Promise<RegionRow[]> {
  const rows = await readCsv(file, ['image index', 'finding label', ...BOX_COLUMNS], [], issues);
  return rows.flatMap((row): RegionRow[] => {
    const place = { file, line: row.line };
    const region = boxOfSize(row, BOX_COLUMNS, place, issues);
    // This table's name for the finding that the other one calls Infiltration.
    const written = row.cells['finding label'] as string;
    const label = written === 'Infiltrate' ? 'Infiltration' : written;
    const image = images.get(stemOf(basename(row.cells['image index'] as string)));
    if (region === undefined || image === undefined || choice?.counts(label) === false) return [];
    return [{ name: image.name, region, within: { width: SIDE, height: SIDE }, label, place }];
  });
}
