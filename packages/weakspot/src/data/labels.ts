import { basename, dirname, isAbsolute, join } from 'node:path';
import type { CsvRow } from './csv.js';
import { readCsv } from './csv.js';
import type { LabelledFile, Split } from './dataset.js';
import { mapLimited } from './concurrency.js';
import { absolutePath, kindOf, listFolder, maybeImage, sampleName } from './files.js';
import { FileFinder } from './find-file.js';
import { reportUnlabelled } from './folder.js';
import { imagesAmong } from './image-files.js';
import type { IssueList, IssuePlace } from './issues.js';
import { spelled } from './names.js';
import { didYouMean } from './suggest.js';

type LabelColumn = 'file' | 'label' | 'patient' | 'split';

const SPLITS = new Map<string, Split>([
  ['train', 'train'],
  ['validation', 'validation'],
  ['val', 'validation'],
  ['test', 'test'],
]);

/** The split that a cell names; what names none goes to `issues`. */
export function splitNamed(cell: string, place: IssuePlace, issues: IssueList): Split | undefined {
  const known = SPLITS.get(cell.toLowerCase());
  if (known === undefined) {
    issues.error(
      `"${cell}" is not a split${didYouMean(cell, [...SPLITS.keys()])}; it may be train, validation or test`,
      { ...place, field: 'split' },
    );
  }
  return known;
}

export interface LabelTable {
  readonly root: string;
  readonly files: LabelledFile[];
}

/** Files looked for at once. */
const CONCURRENCY = 16;

/**
 * Reads a label table: `file,label[,patient][,split]`, one image a row.
 *
 * @param roots Folders that relative files may be in. The first one that holds one of the files is the image root. A file
 * may be written URL-encoded or with decomposed letters; its name is then that on disk.
 */
export async function readLabels(table: string, roots: readonly string[], issues: IssueList): Promise<LabelTable> {
  const rows = await readCsv<LabelColumn>(table, ['file', 'label'], ['patient', 'split'], issues);
  const finder = new FileFinder();
  const root = await findRoot(rows, roots, finder);
  const byName = new Map<string, LabelledFile>();
  const paths = await mapLimited(rows, CONCURRENCY, ({ cells }) =>
    finder.find(absolutePath(root, cells.file as string)),
  );
  for (const [i, row] of rows.entries()) {
    const next = readRow(row, paths[i] ?? [], root, table, issues);
    if (next === undefined) continue;
    const first = byName.get(next.name);
    if (first === undefined) byName.set(next.name, next);
    else reportRepeated(table, first, next, issues);
  }
  const files = [...byName.values()];
  checkPatients(table, files, issues);
  return { root, files };
}

/**
 * Warns of images that lie beside labelled ones and are not in the table, and counts what might have been images.
 *
 * @param there Those of the labelled files that are there.
 */
export async function reportUnlabelledImages(
  table: string,
  files: readonly LabelledFile[],
  there: readonly LabelledFile[],
  issues: IssueList,
): Promise<void> {
  const labelled = new Set(files.map((file) => file.path));
  for (const folder of new Set(there.map((file) => dirname(file.path)))) {
    // A folder may be closed to listing and its files still be readable.
    const { files: names } = await listFolder(folder).catch(() => ({ files: [] }));
    const others = names.filter((name) => maybeImage(name) && !labelled.has(join(folder, name)));
    for (const name of await imagesAmong(folder, others, issues.passedOver)) {
      reportUnlabelled(join(folder, name), `it is not in ${basename(table)}`, issues);
    }
  }
}

async function findRoot(
  rows: readonly CsvRow<LabelColumn>[],
  roots: readonly string[],
  finder: FileFinder,
): Promise<string> {
  for (const { cells } of rows) {
    const written = cells.file as string;
    if (isAbsolute(written)) continue;
    for (const root of roots) {
      const [path] = await finder.find(absolutePath(root, written));
      if (path !== undefined && (await kindOf(path)) === 'file') return root;
    }
  }
  return roots[0] as string;
}

/** @param paths Where the file is; undefined, with an error, where there are several. */
function readRow(
  row: CsvRow<LabelColumn>,
  paths: readonly string[],
  root: string,
  table: string,
  issues: IssueList,
): LabelledFile | undefined {
  const { file, label, patient, split } = row.cells as {
    file: string;
    label: string;
    patient?: string;
    split?: string;
  };
  const place = { file: table, line: row.line };
  const known = split === undefined ? undefined : splitNamed(split, place, issues);
  const [path = absolutePath(root, file), other] = paths;
  if (other !== undefined) {
    const both = `${spelled(sampleName(root, path))} or ${spelled(sampleName(root, other))}`;
    const message = `the file could be ${both}, one name in two encodings: take one of them away`;
    issues.error(message, { ...place, field: 'file' });
    return undefined;
  }
  return { name: sampleName(root, path), path, label, patient, split: known, line: row.line };
}

function reportRepeated(table: string, first: LabelledFile, next: LabelledFile, issues: IssueList): void {
  const what = (['label', 'patient', 'split'] as const).find((field) => first[field] !== next[field]);
  const place = { file: table, ...(next.line === undefined ? {} : { line: next.line }) };
  if (what === undefined) {
    issues.warning('repeated rows', `"${next.name}" is listed again, after line ${first.line}: ignored`, place);
    return;
  }
  const [was, is] = [first[what] ?? 'none', next[what] ?? 'none'];
  issues.error(`"${next.name}" has ${what} "${is}" here and "${was}" in line ${first.line}`, { ...place, field: what });
}

/** A patient in two splits would let the test set be learnt by heart. */
function checkPatients(table: string, files: readonly LabelledFile[], issues: IssueList): void {
  const first = new Map<string, LabelledFile>();
  const reported = new Set<string>();
  for (const file of files) {
    const { patient, split, line } = file;
    if (patient === undefined || split === undefined || reported.has(patient)) continue;
    const other = first.get(patient);
    if (other === undefined) first.set(patient, file);
    else if (other.split !== split) {
      reported.add(patient);
      issues.error(`patient "${patient}" is in ${split} here and in ${other.split} in line ${other.line}`, {
        file: table,
        ...(line === undefined ? {} : { line }),
        field: 'split',
      });
    }
  }
}
