import { access } from 'node:fs/promises';
import { WeakspotError } from '@weakspot/core';
import { Command } from 'commander';
import { findCopies } from '../data/copies.js';
import type { Dataset } from '../data/dataset.js';
import { divideDataset, refuseOwnSplit } from '../data/divide.js';
import { readDataset } from '../data/read-dataset.js';
import { splitTable } from '../data/split-file.js';
import { type SplitFractions, foldSamples } from '../data/split.js';
import { TEXT_WIDTH, renderTable } from '../report/index.js';
import { writeFileWhole } from '../run/write.js';
import { interruptSignal } from './interrupt.js';
import { type Terminal, exitCodes, reportIssues } from './terminal.js';
import { formatOption, splitShares, wholeNumber } from './values.js';

interface SplitFlags {
  out: string;
  split?: SplitFractions;
  folds?: number;
  seed: number;
  anew?: boolean;
  format?: string;
  images?: string;
  positive?: string;
  strict?: boolean;
  force?: boolean;
  json?: boolean;
}

/** One part of a divided set. */
interface Part {
  readonly name: string;
  readonly images: number;
  /** Different ones; null where none is known. */
  readonly patients: number | null;
  /** Images by class name. */
  readonly classes: Readonly<Record<string, number>>;
}

export function splitCommand(terminal: Terminal, done: (code: number) => void): Command {
  return new Command('split')
    .summary('divide a data set into parts or folds, as a file')
    .description(
      'Divides images by patient, stratified by class, and writes which image is in which part, for "weakspot train ' +
        '--split-file". Copies of one image stay together. Parts that the data set already has are kept.',
    )
    .argument('<data>', 'data set to divide')
    .requiredOption('-o, --out <file>', 'CSV to write: file,split or, with --folds, file,fold')
    .option('--split <shares>', 'training:validation:test, or training:test (default: 8:1:1)', splitShares)
    .option('--folds <n>', 'instead: folds of equal size', wholeNumber(2))
    .option('--seed <n>', 'seed', wholeNumber(0), 0)
    .option('--anew', 'ignore the parts that the data set already has')
    .addOption(formatOption())
    .option('--images <folder>', 'folder of the images that a CSV names')
    .option('--positive <class>', 'the positive class, if it cannot be inferred')
    .option('--strict', 'stop at a missing image instead of leaving it out')
    .option('--force', 'overwrite the file')
    .option('--json', 'write the counts as JSON to standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  weakspot split films/ --out folds.csv --folds 5\n  weakspot train films/ --split-file folds.csv --fold 0 --out runs/fold-0',
    )
    .action(async (data: string, flags: SplitFlags) => {
      const interrupt = interruptSignal(() => terminal.err('stopping'));
      try {
        await writeSplit(data, flags, terminal, interrupt.signal);
        done(exitCodes.done);
      } finally {
        interrupt.dispose();
      }
    });
}

async function writeSplit(data: string, flags: SplitFlags, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { out, folds, seed, anew, force = false } = flags;
  if (folds !== undefined && flags.split !== undefined) {
    throw new WeakspotError('usage', '--split and --folds cannot be used together.', {
      hint: 'Divide the data either by shares or into folds.',
    });
  }
  if (!force && (await isThere(out))) {
    throw new WeakspotError('exists', `${out} exists.`, {
      hint: 'Choose another name, or overwrite it with --force.',
    });
  }
  const read = await readDataset(data, {
    strict: flags.strict === true,
    signal,
    ...(flags.format === undefined ? {} : { format: flags.format }),
    ...(flags.images === undefined ? {} : { images: flags.images }),
    ...(flags.positive === undefined ? {} : { positive: flags.positive }),
  });
  reportIssues(read.issues, terminal);
  const dataset: Dataset =
    anew === true ? { ...read, samples: read.samples.map((sample) => ({ ...sample, split: undefined })) } : read;
  const column = folds === undefined ? 'split' : 'fold';
  const values =
    folds === undefined
      ? await partsOf(dataset, flags.split ?? { train: 0.8, validation: 0.1, test: 0.1 }, seed, signal)
      : await foldsOf(dataset, folds, seed, signal);
  await writeFileWhole(out, splitTable(dataset.samples, column, values));
  const parts = describeParts(dataset, values);
  if (flags.json === true) terminal.out(JSON.stringify({ file: out, column, seed, parts }));
  else terminal.out(partsTable(dataset.classes, column, parts));
  terminal.err(`written: ${out}`);
}

async function partsOf(
  dataset: Dataset,
  shares: SplitFractions,
  seed: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { split } = await divideDataset(dataset, { ...shares }, seed, { signal });
  return dataset.samples.map(({ name }) => split.get(name) ?? '');
}

async function foldsOf(dataset: Dataset, folds: number, seed: number, signal: AbortSignal): Promise<readonly string[]> {
  refuseOwnSplit(dataset);
  return foldSamples(dataset.samples, folds, seed, await findCopies(dataset.samples, { signal })).map(String);
}

/** Folds by number, parts in the order of their use. */
function describeParts({ samples, classes }: Dataset, values: readonly string[]): Part[] {
  const order = ['train', 'validation', 'test'];
  const names = [...new Set(values)].toSorted((a, b) => order.indexOf(a) - order.indexOf(b) || Number(a) - Number(b));
  return names.map((name) => {
    const members = samples.filter((_, i) => values[i] === name);
    const patients = new Set(members.flatMap(({ patient }) => patient ?? [])).size;
    const ofClass = (index: number): number => members.filter(({ label }) => label === index).length;
    return {
      name,
      images: members.length,
      patients: patients === 0 ? null : patients,
      classes: Object.fromEntries(classes.map((label, index) => [label, ofClass(index)])),
    };
  });
}

const PARTS_LEGEND = 'Under each class: its images.';

function partsTable(classes: readonly string[], column: string, parts: readonly Part[]): string {
  const rows = parts.map(({ name, images, patients, classes: counts }) =>
    [name, images, patients ?? '-', ...classes.map((label) => counts[label] ?? 0)].map(String),
  );
  const header = [column, 'images', 'patients', ...classes];
  return `${renderTable(header, rows, { maxWidth: TEXT_WIDTH })}\n${PARTS_LEGEND}`;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
