import { join } from 'node:path';
import { dirname } from 'node:path/posix';
import type { CsvRow } from '../csv.js';
import { readCsv } from '../csv.js';
import type { LabelledFile } from '../dataset.js';
import type { RegionRow } from '../ground-truth.js';
import type { IssueList, IssuePlace } from '../issues.js';
import { checkAlike } from '../label-names.js';
import { splitNamed } from '../labels.js';
import type { Mark } from './annotated-set.js';
import { columnFor, columnsOf } from './csv-columns.js';
import type { DicomHeader } from './dicom-headers.js';
import { readDicomMarks } from './dicom-marks.js';
import { hashedPatient, holdsDicom, readDicomHeaders } from './dicom-headers.js';
import { ImageIndex } from './image-index.js';
import type { DatasetReader, FolderListing } from './reader.js';

/** Columns that say which files a row is of, the surer ones first. */
const KEYS = ['file', 'instance', 'series', 'study', 'patient'] as const;
const LOOKED_AT = 20;

/**
 * A folder of DICOM files, as a PACS or a study exports it, and a CSV table of labels. A row is of the file that it names,
 * or of those of a SOP instance, series, study or patient; columns are known by their usual names. Files may have no ending.
 *
 * Segmentations and reports in the same folder are ground truth, as of `dicom-seg`.
 *
 * Patients are those of the table, else those of the files. Neither is passed on: a patient is called by a hash of the id.
 */
export const dicomCsv: DatasetReader<'dicom-csv'> = {
  format: 'dicom-csv',
  title: 'DICOM files with a table',

  recognises: async (listing) => (await labelTable(listing)) !== undefined && holdsDicom(listing),

  async read(listing, options, issues) {
    const { root } = listing;
    const table = await labelTable(listing);
    if (table === undefined) {
      issues.error('there is no CSV table with a column that names the files and one of labels', { file: root });
      return { files: [], truth: [] };
    }
    const headers = await readDicomHeaders(listing, options.images, options.signal, issues);
    const images = headers.filter(({ kind }) => kind === 'image');
    const file = join(root, table);
    const labelled = await readRows(file, finderOf(images, dirname(table)), issues);
    if (labelled.size === 0 && !issues.hasErrors) {
      const message = `no row of it belongs to any of the ${images.length} DICOM images; give their folder with --images`;
      issues.error(message, { file });
    }
    for (const { name, path } of images) {
      if (!labelled.has(name) && labelled.size > 0) {
        issues.warning('images without a label', 'the image has no label (no row belongs to it): left out', {
          file: path,
        });
      }
    }
    const marks = await readDicomMarks(headers, options.signal, issues);
    const byName = new Map(images.map((image) => [image.name, image]));
    const marked = [...labelled.values()].map((row) => ({ row, ...marks.on(byName.get(row.name) as DicomHeader) }));
    marks.reportMissing();
    return {
      files: marked.map(({ row, frame }): LabelledFile => (frame === undefined ? row : { ...row, frame })),
      truth: marked.flatMap(({ row: { name }, marks: own }) => own.flatMap((mark) => rowOf(name, mark))),
    };
  },
};

/** Without its label: the table's is that of the image. */
function rowOf(name: string, { region, within, place }: Mark): RegionRow[] {
  return region === undefined
    ? []
    : [{ name, region, label: undefined, place, ...(within === undefined ? {} : { within }) }];
}

/** The first table that has a column of labels and one that says whose they are. */
async function labelTable({ root, files, start }: FolderListing): Promise<string | undefined> {
  const tables = (start === undefined ? files : [start]).filter((name) => /\.(csv|tsv)$/i.test(name));
  for (const name of tables.slice(0, LOOKED_AT)) {
    const columns = await columnsOf(join(root, name));
    // The user's own label table is read as one; and a table of boxes has a row for each.
    const isPlain = start !== undefined && columns.includes('file') && columns.includes('label');
    const isOther = columnFor('label', columns) === undefined || columnFor('xmin', columns) !== undefined;
    if (!isPlain && !isOther && KEYS.some((key) => columnFor(key, columns) !== undefined)) return name;
  }
  return undefined;
}

/** The images that a cell of a column stands for. */
type Finder = (key: (typeof KEYS)[number], cell: string) => readonly DicomHeader[];

function finderOf(images: readonly DicomHeader[], folder: string): Finder {
  const index = new ImageIndex(images);
  const byName = new Map(images.map((image) => [image.name, image]));
  const maps = {
    instance: groupBy(images, 'instance'),
    series: groupBy(images, 'series'),
    study: groupBy(images, 'study'),
    patient: groupBy(images, 'patient'),
  };
  return (key, cell) => {
    if (key === 'patient') return maps.patient.get(hashedPatient(cell)) ?? [];
    if (key !== 'file') return maps[key].get(cell) ?? [];
    const found = index.find(cell, folder === '.' ? '' : folder).flatMap(({ name }) => byName.get(name) ?? []);
    // A column named "image" may as well hold the instance.
    return found.length > 0 ? found : (maps.instance.get(cell) ?? []);
  };
}

function groupBy(
  images: readonly DicomHeader[],
  key: 'instance' | 'series' | 'study' | 'patient',
): Map<string, DicomHeader[]> {
  const groups = new Map<string, DicomHeader[]>();
  for (const image of images) {
    const value = image[key];
    if (value === undefined) continue;
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [image]);
    else group.push(image);
  }
  return groups;
}

/** Labelled files by name. */
async function readRows(file: string, find: Finder, issues: IssueList): Promise<Map<string, LabelledFile>> {
  const columns = await columnsOf(file);
  const column = (what: Parameters<typeof columnFor>[0]): string => columnFor(what, columns) ?? what;
  const keys = KEYS.filter((key) => columnFor(key, columns) !== undefined);
  const wanted = [...new Set([...keys, 'patient' as const, 'split' as const].map(column))];
  const rows: readonly CsvRow<string>[] = await readCsv<string>(file, [column('label')], wanted, issues);
  checkAlike(
    rows.map(({ line, cells }) => [cells[column('label')] as string, { file, line, field: column('label') }] as const),
    issues,
  );
  const labelled = new Map<string, LabelledFile>();
  for (const { line, cells } of rows) {
    const place = { file, line };
    const images = matching(keys, (key) => cells[column(key)], find, place, issues);
    const label = cells[column('label')] as string;
    const patient = cells[column('patient')];
    const cell = cells[column('split')];
    const split = cell === undefined ? undefined : splitNamed(cell, place, issues);
    for (const { name, path, view, patient: own } of images) {
      const before = labelled.get(name);
      if (before !== undefined) {
        reportAgain(name, label, before, place, issues);
        continue;
      }
      const known = patient === undefined ? own : hashedPatient(patient);
      labelled.set(name, { name, path, label, patient: known, split, line, ...(view === undefined ? {} : { view }) });
    }
  }
  return labelled;
}

/** The images of a row, by the surest of its cells that finds any. Cells aren't quoted: they may be a patient's id. */
function matching(
  keys: readonly (typeof KEYS)[number][],
  cellOf: (key: (typeof KEYS)[number]) => string | undefined,
  find: Finder,
  place: IssuePlace,
  issues: IssueList,
): readonly DicomHeader[] {
  const given = keys.filter((key) => cellOf(key) !== undefined);
  // A patient of whom the file that is named isn't there has others, with other labels maybe.
  const exact = given.filter((key) => key === 'file' || key === 'instance');
  for (const key of exact.length > 0 ? exact : given) {
    const found = find(key, cellOf(key) as string);
    if (found.length > 1 && key === 'file') {
      issues.warning('rows of several files', 'several files have the name in this row: left out', place);
      return [];
    }
    if (found.length > 0) return found;
  }
  issues.warning('labelled images that are missing', 'there is no DICOM image for this row: left out', place);
  return [];
}

function reportAgain(name: string, label: string, before: LabelledFile, place: IssuePlace, issues: IssueList): void {
  if (before.label === label)
    issues.warning('repeated rows', `"${name}" has a row already, in line ${before.line}: ignored`, place);
  else issues.error(`"${name}" has label "${label}" here and "${before.label}" in line ${before.line}`, place);
}
