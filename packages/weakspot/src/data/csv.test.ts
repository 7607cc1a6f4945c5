import { join } from 'node:path';
import { formatIssue } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { readCsv } from './csv.js';
import { IssueList } from './issues.js';
import { temporaryFolder, writeTree } from './testing/files.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const table = join(folder, 't.csv');

async function read(content: string | Uint8Array): Promise<{ rows: unknown[]; issues: string[] }> {
  writeTree(folder, { 't.csv': content });
  const issues = new IssueList();
  const rows = await readCsv(table, ['file', 'label'], ['patient'], issues);
  return { rows: rows.map(({ line, cells }) => [line, cells]), issues: issues.list().map(formatIssue) };
}

describe('readCsv', () => {
  it('reads byte order marks, CRLF, quotes, blanks and any case of the header', async () => {
    const { rows, issues } = await read('\uFEFF Label ,FILE,note\r\n tb ,"a, b.png",x\r\n\r\nclear,"c ""d"".png",\r\n');
    expect(issues).toEqual([]);
    expect(rows).toEqual([
      [2, { file: 'a, b.png', label: 'tb' }],
      [4, { file: 'c "d".png', label: 'clear' }],
    ]);
  });

  it('gives the first line of a row over several, and right lines after it', async () => {
    const { rows } = await read('file,label,patient\na,x,"two\nlines"\nb,y,\n,,\n\nc,z,p');
    expect(rows).toEqual([
      [2, { file: 'a', label: 'x', patient: 'two\nlines' }],
      [4, { file: 'b', label: 'y' }],
      [7, { file: 'c', label: 'z', patient: 'p' }],
    ]);
  });

  it('reads semicolons and tabs', async () => {
    expect((await read('file;label\na,b.png;tb\n')).rows).toEqual([[2, { file: 'a,b.png', label: 'tb' }]]);
    expect((await read('file\tlabel\na.png\ttb\n')).rows).toEqual([[2, { file: 'a.png', label: 'tb' }]]);
  });

  it('names the missing column, the line and a likely misspelling', async () => {
    const { rows, issues } = await read('file,lable\na,b\n');
    expect(rows).toEqual([]);
    expect(issues).toEqual([
      `${table}:1: there is no column "label" (did you mean "lable"?); it has "file", "lable" (column "label")`,
    ]);
  });

  it('reports every row that lacks a field or has too many', async () => {
    const { rows, issues } = await read('file,label\na\nb,x\nc,x,y\nd,x,\n,x\n');
    expect(rows).toEqual([
      [3, { file: 'b', label: 'x' }],
      [5, { file: 'd', label: 'x' }],
    ]);
    expect(issues).toEqual([
      `${table}:2: the field is empty (column "label")`,
      `${table}:4: the row has 3 fields, the header 2: is a comma not quoted?`,
      `${table}:6: the field is empty (column "file")`,
    ]);
  });

  it('reports an open quote, a column given twice, an empty file and text that is not UTF-8', async () => {
    expect((await read('file,label\na,"b\nc,d\n')).issues).toEqual([expect.stringMatching(/t\.csv:\d: .*[Qq]uote/)]);
    expect((await read('file,label,file\na,b,c\n')).issues).toEqual([expect.stringContaining('two columns "file"')]);
    expect((await read('')).issues).toEqual([expect.stringContaining('the table is empty')]);
    expect((await read(Uint8Array.from([0x66, 0xff, 0xfe]))).issues).toEqual([expect.stringContaining('not UTF-8')]);
  });
});
