import { join } from 'node:path';
import { formatIssue } from '@weakspot/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { numberIn, readCsv } from './csv.js';
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

  it('reads CR and mixed line ends, with right lines', async () => {
    for (const ends of [
      ['\r', '\r', '\r'],
      ['\r\n', '\n', '\r'],
      ['\n', '\r', '\r\n'],
      ['\r', '\r\n', '\n'],
    ]) {
      const { rows, issues } = await read(`file,label,patient${ends[0]}a,x,"1${ends[1]}2"${ends[2]}b,y${ends[0]}`);
      expect([issues, rows]).toEqual([
        [],
        [
          [2, { file: 'a', label: 'x', patient: `1${ends[1]}2` }],
          [4, { file: 'b', label: 'y' }],
        ],
      ]);
    }
  });

  it('reads UTF-16 as spreadsheets write it', async () => {
    const text = '\uFEFFfile\tlabel\r\nä.png\t肺\r\n';
    const little = Buffer.from(text, 'utf16le');
    for (const bytes of [little, Buffer.from(little).swap16()]) {
      expect(await read(bytes)).toEqual({ rows: [[2, { file: 'ä.png', label: '肺' }]], issues: [] });
    }
    expect((await read(little.subarray(0, -1))).issues).toEqual([
      expect.stringContaining('UTF-16 text but is damaged'),
    ]);
    expect((await read(little.subarray(2))).issues).toEqual([expect.stringContaining('UTF-16 without its byte order')]);
  });

  it('names the line of a byte that is not UTF-8, and of a NUL', async () => {
    const latin1 = Buffer.from('file,label\r\na.png,tb\rb\xE9.png,tb\nc.png,tb\n', 'latin1');
    expect((await read(latin1)).issues).toEqual([expect.stringMatching(/^.*t\.csv:[23]: this line is not UTF-8 text/)]);
    const last = Buffer.from('file,label\na.png,tb\nb.png,\xE9', 'latin1');
    expect((await read(last)).issues).toEqual([expect.stringContaining('t.csv:3: ')]);
    expect((await read('file,label\na,tb\n\0,tb\n')).issues).toEqual([
      expect.stringContaining('t.csv:3: there is a NUL'),
    ]);
  });

  it('reads the separator that a first line says, and one in quotes as none', async () => {
    expect((await read('sep=;\r\nfile;label\r\na,b;tb\r\n')).rows).toEqual([[3, { file: 'a,b', label: 'tb' }]]);
    expect((await read('"a;b;c;d",file,label\n1,x,tb\n')).rows).toEqual([[2, { file: 'x', label: 'tb' }]]);
  });

  it('refuses a row without end, at its line', async () => {
    const { rows, issues } = await read(`file,label\na,x\nb,"${'x'.repeat(3e6)}`);
    expect([rows, issues]).toEqual([[], [expect.stringMatching(/t\.csv:3: Max Record Size/)]]);
  });

  it('gives the line of each row, whatever stands in the cells', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ' ', ',', ';', '\t', '"', '\n', '\r', '\r\n', 'é', '肺') });
    const row = fc.tuple(cell, cell).filter((cells) => cells.every((text) => text.trim() !== ''));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 6 }), fc.constantFrom('\n', '\r\n', '\r'), async (rows, end) => {
        const written = rows.map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(',') + end);
        const lines = written.map(
          (_, i) => `file,label${end}${written.slice(0, i).join('')}`.split(/\r\n|\n|\r/).length,
        );
        const { rows: found, issues } = await read(`file,label${end}${written.join('')}`);
        expect(issues).toEqual([]);
        expect(found).toEqual(rows.map(([file, label], i) => [lines[i], { file, label }]));
      }),
    );
  });

  it('reports an open quote, a column given twice, an empty file and text that is not UTF-8', async () => {
    expect((await read('file,label\na,"b\nc,d\n')).issues).toEqual([expect.stringMatching(/t\.csv:\d: .*[Qq]uote/)]);
    expect((await read('file,label,file\na,b,c\n')).issues).toEqual([expect.stringContaining('two columns "file"')]);
    expect((await read('')).issues).toEqual([expect.stringContaining('the table is empty')]);
    expect((await read(Uint8Array.from([0x66, 0xff, 0xfe]))).issues).toEqual([expect.stringContaining('not UTF-8')]);
  });
});

describe('numberIn', () => {
  it('reads decimal commas where commas do not separate cells', () => {
    for (const separator of [';', '\t'] as const) {
      expect(['12,5', '-0,25', '7', '1.5', '1e3'].map((cell) => numberIn(cell, separator))).toEqual([
        12.5, -0.25, 7, 1.5, 1000,
      ]);
    }
    expect(['1,250', '1.250,5', '12,'].map((cell) => numberIn(cell, ','))).toEqual([undefined, undefined, undefined]);
  });

  it.each(['', 'x', '1 2', '0x10', 'Infinity', 'NaN', '1e999', '--1', '1.2.3', '１'])(
    'takes %j for no number',
    (cell) => {
      expect([numberIn(cell, ','), numberIn(cell, ';')]).toEqual([undefined, undefined]);
    },
  );
});
