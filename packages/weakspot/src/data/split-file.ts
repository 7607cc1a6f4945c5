import { basename, join } from 'node:path';
import { z } from 'zod';
import { type CsvRow, readCsv } from './csv.js';
import type { Dataset, Sample, Split } from './dataset.js';
import { kindOf, sampleName } from './files.js';
import { findAmong } from './ending-index.js';
import type { IssueList } from './issues.js';
import { splitNamed } from './labels.js';
import { eitherName } from './names.js';
import { readText } from './text.js';

/** What a split file says of one image. */
interface SplitRow {
  /** Name or path of the image as written. */
  readonly file: string;
  readonly split: Split;
  readonly patient: string | undefined;
  readonly line: number | undefined;
}

/**
 * The samples that a split file names, with the splits that it gives them, which go before their own: a CSV with columns
 * `file` (as in a label table), `split` or `fold`, and maybe `patient`; or the `split.json` of a run, or a run's folder.
 *
 * Samples that it does not name are left out, with a warning. Problems go to `issues`.
 *
 * @param fold Which fold of the column `fold` is for testing; the others are for training. The column `split` counts
 * where it is not given.
 */
export async function applySplitFile(
  path: string,
  fold: number | undefined,
  { samples, root, name: dataset }: Dataset,
  issues: IssueList,
): Promise<Sample[]> {
  const file = (await kindOf(path)) === 'folder' ? join(path, 'split.json') : path;
  const rows = /\.json$/i.test(file) ? await readJson(file, issues) : await readTable(file, fold, issues);
  if (issues.hasErrors) return [];
  const names = findAmong(samples.map(({ name }) => name));
  const byName = new Map<string, SplitRow>();
  const strange: SplitRow[] = [];
  for (const row of rows) {
    const exact = names.find(row.file);
    const found = exact.length > 0 ? exact : names.find(sampleName(root, row.file));
    const [name, other] = found;
    if (name === undefined) strange.push(row);
    else if (other === undefined) addRow(name, row, byName, file, issues);
    else {
      const message = `"${row.file}" could be ${eitherName(name, other)}`;
      issues.error(message, row.line === undefined ? { file } : { file, line: row.line, field: 'file' });
    }
  }
  const chosen = samples.flatMap((sample) => {
    const row = byName.get(sample.name);
    return row === undefined ? [] : [{ ...sample, split: row.split, patient: row.patient ?? sample.patient }];
  });
  const example = strange[0]?.file;
  const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
  if (chosen.length === 0) {
    const such = example === undefined ? '' : `; it names "${example}", the set "${samples[0]?.name}"`;
    issues.error(`the split file names no image of ${dataset}${such}`, { file });
  } else {
    if (strange.length > 0) {
      const what = `${count(strange.length, 'row')} without an image in ${dataset}, such as "${example}": ignored`;
      issues.warning('rows without an image', what, { file });
    }
    const left = samples.find(({ name }) => !byName.has(name));
    if (left !== undefined) {
      const what = count(samples.length - chosen.length, 'image');
      const message = `${what} of ${dataset} without a row in ${basename(file)}, such as "${left.name}": left out`;
      issues.warning('images without a split', message, { file });
    }
  }
  return chosen;
}

function addRow(name: string, row: SplitRow, byName: Map<string, SplitRow>, file: string, issues: IssueList): void {
  const first = byName.get(name);
  if (first === undefined) byName.set(name, row);
  else if (first.split !== row.split) {
    const message = `"${name}" is in ${row.split} here and in ${first.split} in line ${first.line}`;
    issues.error(message, row.line === undefined ? { file } : { file, line: row.line, field: 'split' });
  }
}

async function readTable(file: string, fold: number | undefined, issues: IssueList): Promise<SplitRow[]> {
  const rows = await readCsv(file, ['file'], ['split', 'fold', 'patient'], issues);
  const column = fold === undefined ? 'split' : 'fold';
  if (rows.length > 0 && rows.every(({ cells }) => cells[column] === undefined)) {
    const folded = column === 'split' && rows.some(({ cells }) => cells.fold !== undefined);
    const hint = folded ? ': it has folds, so give the one for testing (fold)' : '';
    issues.error(`there is no column "${column}"${hint}`, { file, line: 1, field: column });
    return [];
  }
  const found = rows.flatMap((row) => rowOf(row, fold, file, issues));
  if (fold !== undefined && !issues.hasErrors && !found.some(({ split }) => split === 'test')) {
    issues.error(`there is no fold ${fold}`, { file, field: 'fold' });
  }
  return found;
}

function rowOf(
  { line, cells }: CsvRow<'file' | 'split' | 'fold' | 'patient'>,
  fold: number | undefined,
  file: string,
  issues: IssueList,
): SplitRow[] {
  const column = fold === undefined ? 'split' : 'fold';
  const place = { file, line };
  const cell = cells[column];
  let split: Split | undefined;
  if (cell === undefined) issues.error('the field is empty', { ...place, field: column });
  else if (fold === undefined) split = splitNamed(cell, place, issues);
  else if (/^\d+$/.test(cell)) split = Number(cell) === fold ? 'test' : 'train';
  else issues.error(`"${cell}" is not the number of a fold`, { ...place, field: column });
  return split === undefined ? [] : [{ file: cells.file as string, split, patient: cells.patient, line }];
}

const splitsSchema = z.record(z.string(), z.enum(['train', 'validation', 'test']));

async function readJson(file: string, issues: IssueList): Promise<SplitRow[]> {
  const text = await readText(file, issues);
  if (text === undefined) return [];
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    issues.error('the split file is not JSON', { file });
    return [];
  }
  const parsed = splitsSchema.safeParse(content);
  if (!parsed.success) {
    issues.error('the split file must give each image train, validation or test, as the split.json of a run', { file });
    return [];
  }
  return Object.entries(parsed.data).map(([name, split]) => ({
    file: name,
    split,
    patient: undefined,
    line: undefined,
  }));
}

/** A split file's text: `file` and one further column, in the samples' order. */
export function splitTable(samples: readonly Sample[], column: 'split' | 'fold', values: readonly unknown[]): string {
  const rows = samples.map(({ name }, i) => `${quoted(name)},${String(values[i])}\n`);
  return `file,${column}\n${rows.join('')}`;
}

/** A cell that reads back as it was, whatever a file name may hold (RFC 4180). */
function quoted(cell: string): string {
  return /[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
