import { join } from 'node:path';
import type { CsvRow } from '../csv.js';
import { numberIn, readCsv } from '../csv.js';
import type { ImageSize } from '../image.js';
import type { IssueList } from '../issues.js';
import { splitNamed } from '../labels.js';
import type { AnnotatedSet, Mark } from './annotated-set.js';
import { openAnnotatedSet } from './annotated-set.js';
import { boxOfEdges } from './box-cells.js';
import { columnFor, columnsOf } from './csv-columns.js';
import { splitInPath } from './path-split.js';
import type { DatasetReader, FolderListing } from './reader.js';
import { sizeOf } from './xml-numbers.js';

const EDGES = ['xmin', 'ymin', 'xmax', 'ymax'] as const;
const LOOKED_AT = 20;

/**
 * A table with a row per box, as annotation programs and TensorFlow's examples write it: file name, class, `xmin`, `ymin`,
 * `xmax`, `ymax`, maybe the image's `width` and `height`, `patient` and `split`, in any order. A box covers
 * `[xmin, xmax) x [ymin, ymax)`. A row without edges makes its image a negative, or one of the class that it names; an
 * image without a row is left out, as it may be either.
 */
export const boxesCsv: DatasetReader<'boxes-csv'> = {
  format: 'boxes-csv',
  title: 'Table of boxes',

  recognises: async (listing) => {
    for (const name of tables(listing).slice(0, LOOKED_AT)) if (await isBoxTable(join(listing.root, name))) return true;
    return false;
  },

  async read(listing, options, issues) {
    const set = await openAnnotatedSet(listing, options, issues);
    for (const name of tables(listing)) {
      const path = join(listing.root, name);
      if (listing.start !== undefined || (await isBoxTable(path))) await readInto(set, path, name, issues);
    }
    return set.result();
  },
};

/** `boxes.csv` is that of class folders and label tables. */
function tables({ files, start }: FolderListing): readonly string[] {
  return (start === undefined ? files : [start]).filter(
    (name) => /\.(csv|tsv)$/i.test(name) && !/(^|[-/])boxes\.csv$/i.test(name),
  );
}

async function isBoxTable(path: string): Promise<boolean> {
  const columns = await columnsOf(path);
  return (['file', ...EDGES] as const).every((what) => columnFor(what, columns) !== undefined);
}

async function readInto(set: AnnotatedSet, file: string, name: string, issues: IssueList): Promise<void> {
  const columns = await columnsOf(file);
  const named = (what: Parameters<typeof columnFor>[0]): string => columnFor(what, columns) ?? what;
  const [xmin, ymin, xmax, ymax] = [named('xmin'), named('ymin'), named('xmax'), named('ymax')];
  const others = (['label', 'width', 'height', 'patient', 'split'] as const).map(named);
  checkLabelColumn(columns, file, issues);
  const rows: readonly CsvRow<string>[] = await readCsv<string>(
    file,
    [named('file')],
    [xmin, ymin, xmax, ymax, ...others],
    issues,
  );
  for (const row of rows) {
    const place = { file, line: row.line };
    const written = row.cells[named('file')] as string;
    const image = set.find([written], place);
    if (image === undefined) continue;
    const label = row.cells[named('label')];
    const isEmpty = [xmin, ymin, xmax, ymax].every((edge) => row.cells[edge] === undefined);
    const region = isEmpty ? undefined : boxOfEdges(row, [xmin, ymin, xmax, ymax], place, issues);
    const nothing = isEmpty && label === undefined;
    const within = imageSizeIn(row, named('width'), named('height'));
    const marks: Mark[] = nothing ? [] : [{ label, region, within, place }];
    const cell = row.cells[named('split')];
    const split =
      cell === undefined
        ? (splitInPath(name) ?? splitInPath(image.name.split('/').slice(0, -1).join('/')))
        : splitNamed(cell, place, issues);
    set.add(image, { marks, split, patient: row.cells[named('patient')], place });
  }
}

/** Parts of names of columns that hold a class, maybe under a name that isn't known. */
const LABEL_WORDS = /label|class|categor|diagnos|finding|patholog|target|lesion|tumou?r|disease|annotation/;

/** A class that isn't known to be one would make negatives of rows without edges. */
function checkLabelColumn(columns: readonly string[], file: string, issues: IssueList): void {
  const unknown = columns.find((column) => LABEL_WORDS.test(column));
  if (columnFor('label', columns) !== undefined || unknown === undefined) return;
  const message = `there is no column "label", and "${unknown}" may hold the class: rename it to "label" if so, or to something else if not`;
  issues.error(message, { file, line: 1, field: unknown });
}

function imageSizeIn({ cells, separator }: CsvRow<string>, width: string, height: string): ImageSize | undefined {
  const read = (column: string): number => numberIn(cells[column] ?? '', separator) ?? 0;
  return sizeOf(read(width), read(height));
}
