import { saysNothingThere } from './classes.js';
import type { CsvRow } from './csv.js';
import { readCsv } from './csv.js';
import type { IssueList } from './issues.js';
import { ALIASES, columnFor, headOf } from './readers/csv-columns.js';
import { chooseFinding } from './readers/findings.js';

/** Label of an image that has none of several classes. */
const NONE = 'none';
/** Columns that are no class although they may hold 0 and 1. */
const OTHERS =
  /^(|#|id|no|nr|index|row|unnamed ?:? ?\d*|level_\d|sex|gender|male|female|age|age ?group|view|position|laterality|side|fold|group|site|source|date|time|year|visit|height|width|frontal\/lateral|ap\/pa)$/;
const KNOWN: ReadonlySet<string> = new Set(
  (
    [
      'file',
      'instance',
      'series',
      'study',
      'patient',
      'split',
      'xmin',
      'ymin',
      'xmax',
      'ymax',
      'width',
      'height',
    ] as const
  ).flatMap((what) => ALIASES[what] as readonly string[]),
);
/** Share of a column's cells that are 0 or 1 where it is one of a class; the others are errors. */
const MOST = 0.9;

const VALUES: ReadonlyMap<string, boolean> = new Map([
  ...['0', '0.0', '0.', 'false', 'no'].map((text) => [text, false] as const),
  ...['1', '1.0', '1.', 'true', 'yes'].map((text) => [text, true] as const),
]);

/** The columns of a table with a column for each class. */
export interface OneHotColumns {
  /** That of the file, as `readCsv` names it. */
  readonly file: string;
  readonly patient: string | undefined;
  readonly split: string | undefined;
  /** Names of the classes, as they are written. */
  readonly classes: readonly string[];
}

/**
 * The columns of a table that has a column of 0 and 1 for each class, such as Roboflow's `_classes.csv`; undefined of another
 * table. Only its beginning is looked at.
 */
export async function oneHotColumns(path: string): Promise<OneHotColumns | undefined> {
  const { header, rows } = await headOf(path);
  const columns = header.map((name) => name.toLowerCase());
  const file = columnFor('file', columns);
  if (file === undefined || columns.includes('label')) return undefined;
  const classes = header.filter((_, i) =>
    isClass(
      columns[i] as string,
      rows.map((row) => row[i] ?? ''),
    ),
  );
  if (classes.length === 0) return undefined;
  return { file, patient: columnFor('patient', columns), split: columnFor('split', columns), classes };
}

function isClass(column: string, cells: readonly string[]): boolean {
  if (OTHERS.test(column) || KNOWN.has(column.replaceAll(/[\s_.-]+/g, ''))) return false;
  const values = cells.filter((cell) => VALUES.has(cell.toLowerCase())).length;
  return cells.length > 0 && values >= MOST * cells.length;
}

/** A row of a label table. */
export interface LabelRow {
  readonly line: number;
  readonly file: string;
  /** Of several, with `|` between them. */
  readonly label: string;
  readonly patient: string | undefined;
  readonly split: string | undefined;
}

/**
 * The rows of a table with a column for each class. An image is of the class that has a 1; of several, with `|` between them;
 * of one column `tb`, 0 is `no tb`; of several, `none` is an image that has no 1, with a warning.
 */
export async function readOneHot(table: string, columns: OneHotColumns, issues: IssueList): Promise<LabelRow[]> {
  const { file, patient, split, classes } = columns;
  const others = [patient, split].filter((column) => column !== undefined);
  const keys = classes.map((name) => name.toLowerCase());
  const rows: readonly CsvRow<string>[] = await readCsv<string>(table, [file, ...keys], others, issues);
  let none = 0;
  const read = rows.flatMap(({ line, cells }): LabelRow[] => {
    const wrong = keys.some((key) => !VALUES.has((cells[key] as string).toLowerCase()));
    const has = classes.filter((name, i) => {
      const cell = cells[keys[i] as string] as string;
      const value = VALUES.get(cell.toLowerCase());
      if (value === undefined) issues.error(`"${cell}" is neither 0 nor 1`, { file: table, line, field: name });
      return value;
    });
    const nothing = has.find(saysNothingThere);
    const other = has.find((name) => name !== nothing);
    if (nothing !== undefined && other !== undefined) {
      issues.error(`it is "${nothing}" and "${other}" at once`, { file: table, line });
    }
    if (wrong) return [];
    if (has.length === 0) none++;
    const label = has.length === 0 ? nameOfNone(classes) : has.join('|');
    const of = (column: string | undefined): string | undefined => (column === undefined ? undefined : cells[column]);
    return [{ line, file: cells[file] as string, label, patient: of(patient), split: of(split) }];
  });
  if (none > 0 && classes.length > 1) {
    const message = `${none} of ${read.length} rows have no 1 in any of the columns ${classes.join(', ')}: taken as "${NONE}"`;
    issues.warning('rows of no class', message, { file: table });
  }
  return read;
}

function nameOfNone(classes: readonly string[]): string {
  const [only, other] = classes;
  return only === undefined || other !== undefined ? NONE : chooseFinding(only, new Set([only]), NONE).negative;
}
