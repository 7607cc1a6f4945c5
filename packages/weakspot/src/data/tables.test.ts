/** Tables as people's spreadsheets write them: whatever the dialect, the same set comes out. */
import { join } from 'node:path';
import { boxRegion } from '@weakspot/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readBoxes } from './boxes.js';
import { IssueList } from './issues.js';
import { readLabels } from './labels.js';
import { temporaryFolder, writeTree } from './testing/files.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const table = join(folder, 'table.csv');

interface Dialect {
  readonly separator: ',' | ';' | '\t';
  readonly end: '\n' | '\r\n' | '\r';
  readonly encoding: 'utf8' | 'utf16le';
  readonly mark: boolean;
  readonly quoteAll: boolean;
  readonly upper: boolean;
  readonly blank: boolean;
}

const dialects = fc.record<Dialect>({
  separator: fc.constantFrom(',', ';', '\t'),
  end: fc.constantFrom('\n', '\r\n', '\r'),
  encoding: fc.constantFrom('utf8', 'utf16le'),
  mark: fc.boolean(),
  quoteAll: fc.boolean(),
  upper: fc.boolean(),
  blank: fc.boolean(),
});

/** A cell that is not empty and has no blanks at its ends, which are trimmed. */
const cell = fc
  .string({
    unit: fc.constantFrom('a', 'b', '7', '.', ' ', ',', ';', '\t', '"', '\n', 'é', '肺', '_', '-'),
    maxLength: 8,
  })
  .map((text) => `x${text}y`);

function write(rows: readonly (readonly string[])[], dialect: Dialect): void {
  const { separator, end, encoding, quoteAll } = dialect;
  const quoted = (text: string): string =>
    quoteAll || /[,;\t"\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const [header = [], ...body] = rows.map((cells) => cells.map(quoted).join(separator));
  const lines = [
    dialect.upper ? String(header).toUpperCase() : header,
    ...body.flatMap((line) => (dialect.blank ? ['', line] : [line])),
  ];
  // UTF-16 is told by its mark alone.
  const mark = dialect.mark || encoding === 'utf16le' ? '\uFEFF' : '';
  writeTree(folder, { 'table.csv': Buffer.from(mark + lines.join(end) + end, encoding) });
}

describe('readLabels', () => {
  it('gives back any table, in any dialect', async () => {
    const row = fc.record({
      file: cell,
      label: cell,
      patient: fc.option(cell, { nil: undefined }),
      split: fc.constantFrom(undefined, 'train', 'validation', 'test'),
    });
    // A patient has one split, and an image one row.
    const rows = fc.uniqueArray(row, {
      selector: ({ file }) => file.replaceAll(/\s/g, ''),
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(rows, dialects, async (written, dialect) => {
        const unsplit = written.map((item, i) => ({ ...item, patient: item.patient && `${item.patient}${i}` }));
        write(
          [
            ['file', 'label', 'patient', 'split'],
            ...unsplit.map((item) => [item.file, item.label, item.patient ?? '', item.split ?? '']),
          ],
          dialect,
        );
        const issues = new IssueList();
        const { files } = await readLabels(table, [folder], issues);
        expect(issues.list()).toEqual([]);
        expect(files.map(({ name, label, patient, split }) => ({ file: name, label, patient, split }))).toEqual(
          unsplit,
        );
      }),
    );
  });
});

describe('readBoxes', () => {
  it('gives back any boxes, with decimal commas where they do not separate', async () => {
    const edge = fc.integer({ min: -4000, max: 40_000 }).map((value) => value / 8);
    const side = fc.integer({ min: 1, max: 8000 }).map((value) => value / 8);
    const box = fc.record({ file: cell, x: edge, y: edge, width: side, height: side });
    await fc.assert(
      fc.asyncProperty(
        fc.array(box, { minLength: 1, maxLength: 5 }),
        dialects,
        fc.boolean(),
        async (boxes, dialect, comma) => {
          const number = (value: number): string =>
            comma && dialect.separator !== ',' ? String(value).replace('.', ',') : String(value);
          const rows = boxes.map(({ file, x, y, width, height }) => [
            file,
            ...[x, y, x + width, y + height].map(number),
          ]);
          write([['file', 'xmin', 'ymin', 'xmax', 'ymax'], ...rows], dialect);
          const issues = new IssueList();
          const found = await readBoxes(table, folder, issues);
          expect(issues.list()).toEqual([]);
          expect(found.map(({ name, region }) => [name, region])).toEqual(
            boxes.map(({ file, x, y, width, height }) => [file, boxRegion(x, y, x + width, y + height)]),
          );
        },
      ),
    );
  });
});
