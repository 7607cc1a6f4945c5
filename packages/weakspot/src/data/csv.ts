import { readFile } from 'node:fs/promises';
import { messageOf } from '@weakspot/core';
import { CsvError, parse } from 'csv-parse/sync';
import type { IssueList } from './issues.js';
import { didYouMean } from './suggest.js';

/** One row: cells by column name, trimmed; undefined where the column is absent or the cell is empty. */
export interface CsvRow<Column extends string> {
  /** Line in the file, from 1; of a row over several lines, the first. */
  readonly line: number;
  readonly cells: Readonly<Partial<Record<Column, string>>>;
}

interface ParsedRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * Reads a table with a header line: UTF-8 with or without byte order mark, any line ends, quoted fields; separated by
 * commas, semicolons or tabs, whichever the header line holds most of. Column names ignore case and surrounding blanks;
 * columns that are not asked for are ignored, and so are blank lines.
 *
 * Problems go to `issues`; a table that cannot be read at all, or lacks a required column, has no rows.
 */
export async function readCsv<Column extends string>(
  file: string,
  required: readonly Column[],
  optional: readonly Column[],
  issues: IssueList,
): Promise<CsvRow<Column>[]> {
  const records = await parseFile(file, issues);
  if (records === undefined) return [];
  const [header, ...rest] = records;
  if (header === undefined) {
    issues.error(`the table is empty: its first line should name the columns ${required.join(', ')}`, {
      file,
      line: 1,
    });
    return [];
  }
  const names = header.record.map((name) => name.toLowerCase());
  const places = new Map<Column, number>();
  for (const column of [...required, ...optional]) {
    const place = names.indexOf(column);
    if (place >= 0) places.set(column, place);
    if (place !== names.lastIndexOf(column)) {
      issues.error(`there are two columns "${column}"`, { file, line: header.info.lines, field: column });
    }
  }
  const missing = required.filter((column) => !places.has(column));
  for (const column of missing) {
    const others = header.record.filter(
      (name) => !([...required, ...optional] as string[]).includes(name.toLowerCase()),
    );
    const found = `it has ${header.record.map((name) => `"${name}"`).join(', ')}`;
    issues.error(`there is no column "${column}"${didYouMean(column, others)}; ${found}`, {
      file,
      line: header.info.lines,
      field: column,
    });
  }
  if (missing.length > 0) return [];
  return rest.flatMap(({ record, info }) => {
    const line = info.lines - record.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
    if (record.slice(names.length).some((cell) => cell !== '')) {
      issues.error(`the row has ${record.length} fields, the header ${names.length}: is a comma not quoted?`, {
        file,
        line,
      });
      return [];
    }
    const cells: Partial<Record<Column, string>> = {};
    for (const [column, place] of places) if (record[place]) cells[column] = record[place];
    const empty = required.filter((column) => cells[column] === undefined);
    for (const field of empty) issues.error('the field is empty', { file, line, field });
    return empty.length > 0 ? [] : [{ line, cells }];
  });
}

async function parseFile(file: string, issues: IssueList): Promise<ParsedRecord[] | undefined> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    issues.error(
      error instanceof TypeError
        ? 'the table is not UTF-8 text: save it as CSV UTF-8'
        : `cannot read: ${messageOf(error)}`,
      { file },
    );
    return undefined;
  }
  try {
    const records: unknown = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
    });
    // With `info` each record comes with its place, which the library's types do not say.
    return records as ParsedRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const lines = error['lines'];
    issues.error(error.message, typeof lines === 'number' ? { file, line: lines } : { file });
    return undefined;
  }
}

/** Spreadsheets of many languages write semicolons. */
function delimiterOf(text: string): string {
  const header = text.trimStart().split(/[\r\n]/, 1)[0] ?? '';
  const count = (mark: string): number => header.split(mark).length;
  return [',', ';', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}
