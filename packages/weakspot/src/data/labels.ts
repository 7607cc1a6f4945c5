import { basename, dirname, isAbsolute, join } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import { readCsv } from './csv.js';
import type { LabelledFile, Split } from './dataset.js';
import { mapLimited } from './concurrency.js';
import { EndingIndex } from './ending-index.js';
import { absolutePath, kindOf, listFilesBelow, listFolder, maybeImage, sampleName } from './files.js';
import { FileFinder } from './find-file.js';
import { reportUnlabelled } from './folder.js';
import { imagesAmong } from './image-files.js';
import type { IssueList, IssuePlace } from './issues.js';
import { eitherName, spelled } from './names.js';
import { type LabelRow, oneHotColumns, readOneHot } from './one-hot.js';
import { isAmongOverlays } from './readers/image-index.js';
import { didYouMean } from './suggest.js';

/** What programs write where they have no value. */
const UNKNOWN = /^(nan|#?n\/a|<na>|null|#(value|ref|name\?|div\/0)!?)$/i;

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
/** Rows by which the image root is found where no file is there as it is written. */
const LOOKED_FOR = 100;

/**
 * Reads a label table: `file,label[,patient][,split]`, one image a row; or with a column of 0 and 1 for each class instead of
 * `label` (`readOneHot`).
 *
 * @param roots Folders that relative files may be in. The first one that holds one of the files is the image root. A file
 * may be written URL-encoded or with decomposed letters, without an ending or with another one, or without its folders where
 * only one file below the root fits; its name is then that on disk.
 */
export async function readLabels(table: string, roots: readonly string[], issues: IssueList): Promise<LabelTable> {
  const rows = await readRows(table, issues);
  const { root, paths } = await findFiles(rows, roots, table, issues);
  const byName = new Map<string, LabelledFile>();
  for (const [i, row] of rows.entries()) {
    const next = labelledFile(row, paths[i] ?? [], root, table, issues);
    if (next === undefined) continue;
    const first = byName.get(next.name);
    if (first === undefined) byName.set(next.name, next);
    else reportRepeated(table, first, next, issues);
  }
  const files = [...byName.values()];
  checkPatients(table, files, issues);
  return { root, files };
}

async function readRows(table: string, issues: IssueList): Promise<LabelRow[]> {
  const columns = await oneHotColumns(table);
  if (columns !== undefined) return readOneHot(table, columns, issues);
  const rows = await readCsv<LabelColumn>(table, ['file', 'label'], ['patient', 'split'], issues);
  for (const { line, cells } of rows) {
    if (!UNKNOWN.test(cells.label ?? '')) continue;
    const message = `"${cells.label}" says that the label is not known: write it, or remove the row`;
    issues.error(message, { file: table, line, field: 'label' });
  }
  return rows.map(({ line, cells: { file, label, patient, split } }) => ({
    line,
    file: file as string,
    label: label as string,
    patient,
    split,
  }));
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

/** Where the files of the rows are: absolute paths, none of a row whose file isn't there, several where it can't be told. */
async function findFiles(
  rows: readonly LabelRow[],
  roots: readonly string[],
  table: string,
  issues: IssueList,
): Promise<{ root: string; paths: readonly (readonly string[])[] }> {
  const finder = new FileFinder();
  const exact = await findRoot(rows, roots, finder);
  const [first = ''] = roots;
  const byEnding = exact === undefined ? await rootByEndings(rows, roots) : undefined;
  const root = exact ?? byEnding?.root ?? first;
  const paths = await mapLimited(rows, CONCURRENCY, ({ file }) => finder.find(absolutePath(root, file)));
  if (paths.every(({ length }) => length > 0)) return { root, paths };
  const endings = byEnding?.endings ?? (await endingsBelow(root));
  let [count, example] = [0, ''];
  const found = rows.map(({ file }, i): readonly string[] => {
    const known = paths[i] ?? [];
    if (known.length > 0 || isAbsolute(file)) return known;
    const names = endings.find(file);
    if (names.length === 1 && ++count === 1) example = `${spelled(names[0] as string)} for ${spelled(file)}`;
    return names.map((name) => join(root, name));
  });
  if (count > 0) {
    const message = `${count} of ${rows.length} files are there only under another name or ending, such as ${example}: taken`;
    issues.warning('files of another name', message, { file: table, field: 'file' });
  }
  return { root, paths: found };
}

/** The images below a folder, without drawn annotations; none where it can't be listed. */
async function endingsBelow(root: string): Promise<EndingIndex> {
  const names = await listFilesBelow(root, { report: () => undefined }).catch((error: unknown): string[] => {
    // Too many files below it: what is named in full is found all the same.
    if (error instanceof WeakspotError) return [];
    throw error;
  });
  return new EndingIndex(names.filter((name) => maybeImage(name) && !isAmongOverlays(name)));
}

/** The first root below which a file of the first rows is by another name: best in the folder that is written. */
async function rootByEndings(
  rows: readonly LabelRow[],
  roots: readonly string[],
): Promise<{ root: string; endings: EndingIndex } | undefined> {
  const written = rows.slice(0, LOOKED_FOR).filter(({ file }) => !isAbsolute(file));
  if (written.length === 0) return undefined;
  let below: { root: string; endings: EndingIndex } | undefined;
  for (const root of roots) {
    if ((await kindOf(root)) !== 'folder') continue;
    const endings = await endingsBelow(root);
    for (const { file } of written) {
      const [name] = endings.find(file);
      if (name === undefined) continue;
      if (name.split('/').length === file.replaceAll('\\', '/').split('/').length) return { root, endings };
      below ??= { root, endings };
    }
  }
  return below;
}

async function findRoot(
  rows: readonly LabelRow[],
  roots: readonly string[],
  finder: FileFinder,
): Promise<string | undefined> {
  for (const { file } of rows) {
    if (isAbsolute(file)) continue;
    for (const root of roots) {
      const [path] = await finder.find(absolutePath(root, file));
      if (path !== undefined && (await kindOf(path)) === 'file') return root;
    }
  }
  return undefined;
}

/** @param paths Where the file is; undefined, with an error, where there are several. */
function labelledFile(
  row: LabelRow,
  paths: readonly string[],
  root: string,
  table: string,
  issues: IssueList,
): LabelledFile | undefined {
  const { file, label, patient, split, line } = row;
  const place = { file: table, line };
  const known = split === undefined ? undefined : splitNamed(split, place, issues);
  const [path = absolutePath(root, file), other] = paths;
  if (other !== undefined) {
    issues.error(`the file could be ${eitherName(sampleName(root, path), sampleName(root, other))}`, {
      ...place,
      field: 'file',
    });
    return undefined;
  }
  return { name: sampleName(root, path), path, label, patient, split: known, line };
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
