import { join } from 'node:path';
import { basename, dirname } from 'node:path/posix';
import { readBoxes } from '../boxes.js';
import type { LabelledFile } from '../dataset.js';
import { findAmong } from '../ending-index.js';
import { sampleName } from '../files.js';
import { BOX_TABLE } from '../folder.js';
import type { IssueList } from '../issues.js';
import type { PlacedLabel } from '../label-names.js';
import { checkAlike } from '../label-names.js';
import { readLabels, reportUnlabelledImages } from '../labels.js';
import { oneHotColumns } from '../one-hot.js';
import { withoutLoneTraining } from './found-images.js';
import { splitInPath } from './path-split.js';
import type { DatasetReader, FolderListing } from './reader.js';

const LOOKED_AT = 20;
/** Roboflow's, one for each part. */
const CLASSES_TABLE = /(^|\/)_classes\.csv$/i;

/**
 * Tables with a column of 0 and 1 for each class: Roboflow's `train/_classes.csv`, `valid/_classes.csv` and `test/_classes.csv`, or
 * a table of another name, as challenges publish them. An image may have several classes, or none: then the set is
 * multi-label. A table's part is that of its column `split`, else that of its path.
 */
export const oneHot: DatasetReader<'one-hot'> = {
  format: 'one-hot',
  title: 'Table with a column for each class',

  recognises: async (listing) => (await tables(listing)).length > 0,

  async read(listing, options, issues) {
    const { root, files: all } = listing;
    const byName = new Map<string, LabelledFile>();
    const found = await tables(listing);
    if (found.length === 0) {
      issues.error('there is no CSV table with a column for the file and one of 0 and 1 for each class', {
        file: root,
      });
    }
    await checkColumns(root, found, issues);
    for (const table of found) {
      const own = dirname(table);
      const near = [own, join(own, 'images'), '.', 'images'].map((folder) => join(root, folder));
      const roots = options.images === undefined ? [...new Set(near)] : [options.images];
      const { files } = await readLabels(join(root, table), roots, issues);
      const part = splitInPath(table);
      for (const file of files) {
        const name = sampleName(root, file.path);
        const next = { ...file, name, split: file.split ?? part };
        const first = byName.get(name);
        if (first === undefined) byName.set(name, next);
        else {
          const place = { file: join(root, table), ...(file.line === undefined ? {} : { line: file.line }) };
          issues.error(`"${name}" is also in another table: an image may have only one row`, place);
        }
      }
    }
    const files = withoutLoneTraining([...byName.values()]);
    const named = new Set(found.map((table) => basename(table)));
    await reportUnlabelledImages(named.size === 1 ? (found[0] as string) : 'the tables', files, files, issues);
    if (!all.includes(BOX_TABLE)) return { files, truth: [] };
    const names = findAmong(files.map(({ name }) => name));
    return { files, truth: await readBoxes(join(root, BOX_TABLE), root, issues, names) };
  },
};

/** Tables of one set have the same classes, each written in one way. */
async function checkColumns(root: string, found: readonly string[], issues: IssueList): Promise<void> {
  const columns = await Promise.all(
    found.map(async (table) => ({
      table,
      file: join(root, table),
      classes: (await oneHotColumns(join(root, table)))?.classes ?? [],
    })),
  );
  const written = columns.flatMap(({ file, classes }) =>
    classes.map((name): PlacedLabel => [name, { file, line: 1, field: name }]),
  );
  const [first, ...others] = columns;
  if (!checkAlike(written, issues) || first === undefined) return;
  const listed = (classes: readonly string[]): string => classes.toSorted().join(', ');
  for (const { file, classes } of others) {
    if (listed(classes) === listed(first.classes)) continue;
    const message = `its classes are ${listed(classes)}, those of ${first.table} ${listed(first.classes)}: give both the same columns`;
    issues.error(message, { file, line: 1 });
  }
}

/** Those of Roboflow where there are any; a single column of 0 and 1 may be anything else. */
async function tables({ root, files, start }: FolderListing): Promise<readonly string[]> {
  if (start !== undefined) return [];
  const candidates = files.filter((name) => /\.(csv|tsv)$/i.test(name) && !/(^|[-/])boxes\.csv$/i.test(name));
  const named = candidates.filter((name) => CLASSES_TABLE.test(name));
  const found: string[] = [];
  for (const name of named.length > 0 ? named : candidates.slice(0, LOOKED_AT)) {
    const columns = await oneHotColumns(join(root, name));
    if (columns !== undefined && (columns.classes.length > 1 || named.length > 0)) found.push(name);
  }
  return found;
}
